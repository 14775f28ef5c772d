/* A proxy with two threads a connection: one reads where the other writes, at the same time. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/exact/proxy.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t fewer = PTHREAD_COND_INITIALIZER;
static int alive;

static void wait_for(int fd, short events)
{
    struct pollfd one = { .fd = fd, .events = events };

    (void)poll(&one, 1, 1000);
}

static void leave(struct link *link)
{
    if (atomic_fetch_sub(&link->running, 1) != 1)
        return;
    pthread_mutex_lock(&lock);
    link_close(link, link->tally);
    alive--;
    pthread_cond_signal(&fewer);
    pthread_mutex_unlock(&lock);
}

static void pump(struct way *way)
{
    while (!way->broken && !way->shut) {
        if (way->from < way->to) {
            wait_for(way->sink, POLLOUT);
            way_drain(way);
        } else {
            wait_for(way->source, POLLIN);
            way_fill(way);
        }
        way_pass_end(way);
    }
    if (way->broken) { /* the other direction ends as well */
        shutdown(way->source, SHUT_RDWR);
        shutdown(way->sink, SHUT_RDWR);
    }
}

static void *there(void *arg)
{
    struct link *link = arg;

    pump(&link->way[0]);
    leave(link);
    return NULL;
}

static void *back(void *arg)
{
    struct link *link = arg;

    pump(&link->way[1]);
    leave(link);
    return NULL;
}

void link_run(struct link *link, struct tally *tally)
{
    pthread_attr_t attr;
    pthread_t thread;

    link->tally = tally;
    atomic_store(&link->running, 2);
    pthread_mutex_lock(&lock);
    alive++;
    pthread_mutex_unlock(&lock);
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    if (pthread_create(&thread, &attr, there, link) != 0 || pthread_create(&thread, &attr, back, link) != 0)
        exit(2);
    pthread_attr_destroy(&attr);
}

void links_join(void)
{
    pthread_mutex_lock(&lock);
    while (alive)
        pthread_cond_wait(&fewer, &lock);
    pthread_mutex_unlock(&lock);
}
