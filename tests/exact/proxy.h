/* What the two kinds of proxy share: a link joins two sockets, a way copies from one to the other. */
#ifndef EXACT_PROXY_H
#define EXACT_PROXY_H

#include <poll.h>
#include <stdatomic.h>

#include "tests/exact/live.h"

#define WAY_BUFFER 65536

/* One direction: what was read from one socket and is still to be written to the other. */
struct way {
    char bytes[WAY_BUFFER];
    size_t from, to;
    bool ended, shut, broken;
    struct calls calls;
    int source, sink;
};

struct link {
    struct way way[2];
    _Atomic int running; /* threads */
    struct tally *tally; /* under the lock of proxy_threads.c */
};

/* Reads into the empty buffer. */
void way_fill(struct way *way);
/* Writes some of it. */
void way_drain(struct way *way);
/* Passes the end on, once everything before it is through. */
void way_pass_end(struct way *way);
void link_close(struct link *link, struct tally *tally);

/* Gives a link two threads; it closes itself. */
void link_run(struct link *link, struct tally *tally);
/* Until all links with threads are through. */
void links_join(void);

#endif
