/* How much of the stack name look-ups take: a small one has little to spare for a library that is off. */
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define BYTES (64 * 1024)
#define PAINT 0xa5

static unsigned char *stack;

static void by_addrinfo(void)
{
    struct addrinfo *found;

    if (getaddrinfo("localhost", "80", NULL, &found) == 0)
        freeaddrinfo(found);
}

static void by_name(void)
{
    (void)gethostbyname("localhost");
}

static void by_name2(void)
{
    (void)gethostbyname2("localhost", AF_INET);
}

static void by_name_r(void)
{
    static char buf[4096];
    struct hostent host, *found;
    int error;

    (void)gethostbyname_r("localhost", &host, buf, sizeof(buf), &found, &error);
    (void)gethostbyname2_r("localhost", AF_INET, &host, buf, sizeof(buf), &found, &error);
}

static void by_address(void)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    char text[256];

    (void)getnameinfo((struct sockaddr *)&at, sizeof(at), text, sizeof(text), NULL, 0, 0);
}

static const struct {
    const char *name;
    void (*call)(void);
} calls[] = { { "getaddrinfo", by_addrinfo },
              { "gethostbyname", by_name },
              { "gethostbyname2", by_name2 },
              { "gethostbyname_r", by_name_r },
              { "getnameinfo", by_address } };

static void *run(void *call)
{
    ((void (*)(void))call)();
    return NULL;
}

static void in_thread(void (*call)(void))
{
    pthread_attr_t attr;
    pthread_t thread;

    memset(stack, PAINT, BYTES);
    pthread_attr_init(&attr);
    pthread_attr_setstack(&attr, stack, BYTES);
    if (pthread_create(&thread, &attr, run, (void *)call) == 0)
        pthread_join(thread, NULL);
}

int main(void)
{
    stack = mmap(NULL, BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack == MAP_FAILED)
        return 1;
    for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
        size_t unused = 0;

        in_thread(calls[i].call); /* what is bound and loaded at the first call */
        in_thread(calls[i].call);
        while (unused < BYTES && stack[unused] == PAINT)
            unused++;
        printf("%s: %zu bytes\n", calls[i].name, BYTES - unused);
    }
    return 0;
}
