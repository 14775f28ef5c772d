/*
 * Memory: how much of it a program gets that may have little address space, after traffic.
 *
 * SOURCES: tests/support/victim.c
 */
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "preload/base/compiler.h"
#include "tests/support/victim.h"

#define MIB (1024ul * 1024)

/* Says nothing itself: whether it or who started it goes on first is a matter of luck. */
static void *in_thread(void *arg OA_UNUSED)
{
    victim_traffic();
    return malloc(1 * MIB);
}

int main(void)
{
    size_t mapped = 0;
    pthread_t thread;
    void *block = NULL;

    for (int i = 0; i < 5; i++)
        victim_traffic();
    victim_sleep_ms(60);
    SAY(pthread_create(&thread, NULL, in_thread, NULL));
    SAY(pthread_join(thread, &block));
    SAY_POINTER(block);
    for (int i = 0; i < 20; i++)
        SAY_POINTER(malloc(1 * MIB));
    while (mapped < 200 && mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED)
        mapped++;
    /* What a library is made of has its place too: 16 MiB for all of ours. */
    victim_note("enough is left: %d", mapped >= 64);
    victim_traffic();
    return 0;
}
