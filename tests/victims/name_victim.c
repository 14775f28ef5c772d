/*
 * Names: getaddrinfo, gethostbyname, gethostbyname2, gethostbyname_r, gethostbyname2_r, getnameinfo. A
 * child of this program answers the resolver's questions on loopback, so that no question leaves the
 * machine and every answer is known.
 *
 * SOURCES: tests/support/victim.c
 * CFLAGS: -Wno-nonnull
 */
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <resolv.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/support/victim.h"

/* One answer record for the name at offset 12: TTL 60, then the address. */
static size_t put_address(unsigned char *at, int type)
{
    static const unsigned char four[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7 };
    static const unsigned char six[] = { 0xc0, 12,   0, 28, 0, 1, 0, 0, 0, 60, 0, 16, 0x20, 1,
                                         0xd,  0xb8, 0, 0,  0, 0, 0, 0, 0, 0,  0, 0,  0,    7 };

    memcpy(at, type == ns_t_a ? four : six, type == ns_t_a ? sizeof(four) : sizeof(six));
    return type == ns_t_a ? sizeof(four) : sizeof(six);
}

/* Turns a question into its answer, by the first letter of the name. Returns the length. */
static size_t answer(unsigned char *packet, size_t n)
{
    size_t end = 12;
    int type;

    while (end < n && packet[end])
        end += packet[end] + 1u;
    type = packet[end + 1] << 8 | packet[end + 2];
    end += 5;
    packet[2] |= 0x80;
    packet[3] = 0x80;
    memset(packet + 6, 0, 6);
    if (packet[13] == 'x' || type == ns_t_ptr) {
        packet[3] |= ns_r_nxdomain;
    } else if (packet[13] == 's') {
        packet[3] |= ns_r_servfail;
    } else if (packet[13] == 'r') {
        packet[3] |= ns_r_refused;
    } else if (packet[13] == 'h' && (type == ns_t_a || type == ns_t_aaaa)) {
        packet[7] = 1;
        end += put_address(packet + end, type);
    }
    return end;
}

static void serve(int fd)
{
    unsigned char packet[1024];
    struct sockaddr_in from;

    for (;;) {
        socklen_t len = sizeof(from);
        ssize_t n = recvfrom(fd, packet, 512, 0, (struct sockaddr *)&from, &len);

        if (n > 17)
            (void)sendto(fd, packet, answer(packet, (size_t)n), 0, (struct sockaddr *)&from, len);
    }
}

static pid_t start_server(void)
{
    struct sockaddr_in addr = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(addr);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    pid_t pid;

    if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0 || getsockname(fd, (struct sockaddr *)&addr, &len) != 0)
        exit(99);
    pid = fork();
    if (pid == 0) {
        alarm(30);
        serve(fd);
    }
    close(fd);
    res_init();
    _res.nscount = 1;
    _res.nsaddr_list[0] = addr;
    _res.retrans = 2;
    _res.retry = 1;
    _res.options &= ~(unsigned long)(RES_DNSRCH | RES_DEFNAMES);
    return pid;
}

static void show_list(const struct addrinfo *list)
{
    char text[INET6_ADDRSTRLEN];

    for (; list; list = list->ai_next) {
        const void *at = list->ai_family == AF_INET
                             ? (const void *)&((struct sockaddr_in *)list->ai_addr)->sin_addr
                             : (const void *)&((struct sockaddr_in6 *)list->ai_addr)->sin6_addr;

        victim_note("   %s type %d", inet_ntop(list->ai_family, at, text, sizeof(text)), list->ai_socktype);
    }
}

static void ask(const char *node, const char *service, int family, int flags)
{
    struct addrinfo hints = { .ai_family = family, .ai_flags = flags, .ai_socktype = SOCK_STREAM };
    struct addrinfo *list = NULL;

    victim_note("%s %s %d", node ? node : "(none)", service ? service : "(none)", flags);
    if (SAY(getaddrinfo(node, service, &hints, &list)) == 0) {
        show_list(list);
        freeaddrinfo(list);
    }
}

static void addresses(void)
{
    struct addrinfo *list = NULL;

    ask("host.victim.test", "80", AF_INET, 0);
    ask("host.victim.test", NULL, AF_INET6, 0);
    ask("host.victim.test", "http", AF_UNSPEC, 0);
    ask("localhost", "80", AF_INET, AI_CANONNAME);
    ask("127.0.0.1", "80", AF_UNSPEC, 0);
    ask("127.0.0.1", "80", AF_UNSPEC, AI_NUMERICHOST);
    ask("::1", "80", AF_UNSPEC, 0);
    ask(NULL, "80", AF_INET, AI_PASSIVE);
    ask("xname.victim.test", "80", AF_UNSPEC, 0);
    ask("xname.victim.test", "80", AF_INET, 0);
    ask("sick.victim.test", "80", AF_INET, 0);
    ask("refused.victim.test", "80", AF_INET, 0);
    ask("empty.victim.test", "80", AF_INET, 0);
    ask("host.victim.test", "no-such-service", AF_INET, 0);
    ask("host.victim.test", "80", 12345, 0);
    ask("host.victim.test", "80", AF_INET, 1 << 30);
    ask("host.victim.test", "80", AF_INET, AI_NUMERICHOST);
    ask("not a name", "80", AF_INET, 0);
    ask("", "80", AF_INET, 0);
    ask(NULL, NULL, AF_INET, 0);
    SAY(getaddrinfo("host.victim.test", NULL, NULL, &list));
    show_list(list);
    freeaddrinfo(list);
}

static void show_host(const struct hostent *host)
{
    char text[INET6_ADDRSTRLEN];

    if (!host) {
        victim_note("   h_errno %d", h_errno);
        return;
    }
    victim_note("   %s, family %d", host->h_name, host->h_addrtype);
    for (char **at = host->h_addr_list; *at; at++)
        victim_note("   %s", inet_ntop(host->h_addrtype, *at, text, sizeof(text)));
}

static void old_ways(const char *name)
{
    struct hostent room, *host = NULL;
    char text[1024];
    int error = 0;

    victim_note("%s", name);
    show_host(SAY_POINTER(gethostbyname(name)));
    show_host(SAY_POINTER(gethostbyname2(name, AF_INET)));
    show_host(SAY_POINTER(gethostbyname2(name, AF_INET6)));
    SAY(gethostbyname_r(name, &room, text, sizeof(text), &host, &error));
    show_host(host);
    victim_note("   error %d", error);
    SAY(gethostbyname2_r(name, AF_INET6, &room, text, sizeof(text), &host, &error));
    show_host(host);
    victim_note("   error %d", error);
    SAY(gethostbyname_r(name, &room, text, 3, &host, &error));
    SAY(gethostbyname2_r(name, AF_INET, &room, text, 3, &host, &error));
    SAY_POINTER(gethostbyname2(name, 12345));
}

static void reverse(void)
{
    struct sockaddr_in addr = { .sin_family = AF_INET,
                                .sin_port = htons(80),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    char host[256] = "", service[64] = "";

    SAY(getnameinfo((struct sockaddr *)&addr, sizeof(addr), host, sizeof(host), service, sizeof(service), 0));
    victim_note("   %s %s", host, service);
    SAY(getnameinfo((struct sockaddr *)&addr, sizeof(addr), host, sizeof(host), service, sizeof(service),
                    NI_NUMERICHOST | NI_NUMERICSERV));
    victim_note("   %s %s", host, service);
    addr.sin_addr.s_addr = htonl(0xc0000207);
    SAY(getnameinfo((struct sockaddr *)&addr, sizeof(addr), host, sizeof(host), NULL, 0, 0));
    victim_note("   %s", host);
    SAY(getnameinfo((struct sockaddr *)&addr, sizeof(addr), host, sizeof(host), NULL, 0, NI_NAMEREQD));
    SAY(getnameinfo((struct sockaddr *)&addr, sizeof(addr), host, 3, NULL, 0, NI_NUMERICHOST));
    SAY(getnameinfo((struct sockaddr *)&addr, 3, host, sizeof(host), NULL, 0, 0));
    addr.sin_family = 12345;
    SAY(getnameinfo((struct sockaddr *)&addr, sizeof(addr), host, sizeof(host), NULL, 0, 0));
    SAY(getnameinfo((struct sockaddr *)&addr, sizeof(addr), NULL, 0, NULL, 0, 0));
}

int main(void)
{
    pid_t server = start_server();

    addresses();
    old_ways("host.victim.test");
    old_ways("xname.victim.test");
    old_ways("sick.victim.test");
    old_ways("empty.victim.test");
    old_ways("localhost");
    old_ways("127.0.0.1");
    reverse();
    kill(server, SIGKILL);
    victim_wait("server", server);
    return 0;
}
