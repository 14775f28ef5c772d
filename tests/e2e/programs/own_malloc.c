/*
 * A program with an allocator of its own, as programs with jemalloc or tcmalloc have one: memory that it did not give
 * out ends it. It allocates, prints one line, and is done; with the number of a port it serves HTTP there,
 * in a thread (a program without any is not given one of ours: its allocator may not expect it).
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#define ARENA (64u << 20)
#define EXPORT __attribute__((visibility("default")))

static _Alignas(64) char arena[ARENA];
static size_t used;

EXPORT void *malloc(size_t size)
{
    size_t want = (size + 16 + 63) & ~(size_t)63;
    size_t at = __atomic_fetch_add(&used, want, __ATOMIC_RELAXED);

    if (at + want > ARENA)
        return NULL;
    memcpy(arena + at, &size, sizeof(size));
    return arena + at + 16;
}

static size_t size_of(const void *block)
{
    size_t size;

    if ((const char *)block < arena || (const char *)block >= arena + ARENA) {
        static const char text[] = "foreign block\n";

        (void)!write(2, text, sizeof(text) - 1);
        abort();
    }
    memcpy(&size, (const char *)block - 16, sizeof(size));
    return size;
}

EXPORT void free(void *block)
{
    if (block)
        (void)size_of(block);
}

EXPORT void *calloc(size_t n, size_t size)
{
    return malloc(n * size); /* fresh memory is zero */
}

EXPORT void *realloc(void *block, size_t size)
{
    void *fresh = malloc(size);

    if (block && fresh)
        memcpy(fresh, block, size_of(block) < size ? size_of(block) : size);
    return fresh;
}

static void *serve(void *port)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n";
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_port = htons((uint16_t)(uintptr_t)port),
                              .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int listener = socket(AF_INET, SOCK_STREAM, 0), on = 1;

    (void)setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(listener, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(listener, 8) < 0)
        exit(1);
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        char head[4096];

        if (recv(fd, head, sizeof(head), 0) > 0)
            (void)send(fd, answer, sizeof(answer) - 1, MSG_NOSIGNAL);
        close(fd);
    }
}

int main(int argc, char **argv)
{
    char *text = strdup("done");
    pthread_t thread;

    if (argc > 1) {
        if (pthread_create(&thread, NULL, serve, (void *)(uintptr_t)atoi(argv[1])) == 0)
            pthread_join(thread, NULL);
        return 1;
    }
    puts(text);
    free(text);
    return 0;
}
