#include "tests/support/stall.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#define STALL_NS 150000
#define PAUSE_NS 20000

static struct {
    pthread_t thread;
    const pthread_t *victims;
    int count;
    _Atomic int stop;
} stall;

static void on_signal(int number)
{
    int saved = errno;

    (void)number;
    nanosleep(&(struct timespec){ .tv_nsec = STALL_NS }, NULL);
    errno = saved;
}

static void *run(void *arg)
{
    (void)arg;
    for (int i = 0; !atomic_load(&stall.stop); i++) {
        (void)pthread_kill(stall.victims[i % stall.count], SIGUSR1);
        nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NS + i * 7919 % PAUSE_NS }, NULL);
    }
    return NULL;
}

void oa_test_stall_start(const pthread_t *threads, int count)
{
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

    stall.victims = threads;
    stall.count = count;
    atomic_store(&stall.stop, 0);
    if (sigaction(SIGUSR1, &action, NULL) != 0 || pthread_create(&stall.thread, NULL, run, NULL) != 0)
        abort();
}

void oa_test_stall_stop(void)
{
    atomic_store(&stall.stop, 1);
    pthread_join(stall.thread, NULL);
}
