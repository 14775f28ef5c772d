/*
 * A program with an allocator of its own, as programs with jemalloc or tcmalloc have one: memory that it did not give
 * out ends it. It allocates, prints one line, and is done.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

int main(void)
{
    char *text = strdup("done");

    puts(text);
    free(text);
    return 0;
}
