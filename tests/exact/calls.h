/*
 * One send or one receive on a stream socket by any function that can do it, with its buffers cut in
 * any way. Judges what comes back: never more than was offered, EAGAIN only where it may be, errno
 * untouched after success, nothing written past a buffer.
 */
#ifndef EXACT_CALLS_H
#define EXACT_CALLS_H

#include <sys/types.h>

#include "tests/exact/flow.h"

#define CALLS_ERRNO 77 /* stands in errno before each call */
#define CALLS_PIECES 1024

struct iovec;

struct calls {
    struct rng rng;
    int fd;
    bool non_blocking;
    bool plain;      /* the bare end: send and recv, as much as goes */
    size_t size_max; /* of one call, mostly */
    int file;        /* holds what is sent, for sendfile; -1 = not made yet */
    unsigned long made, again, interrupted, shortened, bad;
    char bad_what[160]; /* the first bad one */
};

/* What a receive brought, in one piece. */
struct receipt {
    const char *ptr;
    size_t last_from; /* the part from here on lies in the last buffer that was used */
    size_t room;      /* that was left in it; 0 = unknown */
};

void calls_init(struct calls *c, struct rng rng, int fd, bool non_blocking);
void calls_release(struct calls *c);
/* Both return the call's result; < 0: EAGAIN or EINTR, try again, anything else is for good. */
ssize_t calls_send(struct calls *c, const struct flow *f);
ssize_t calls_receive(struct calls *c, const struct flow *f, struct receipt *ret_receipt);
/* Notes a call that did what it must not do. */
void calls_bad(struct calls *c, const char *call, ssize_t r, size_t offered);
/* The common verdict on a result. may_wait: the call itself asked not to block. */
void calls_judge(struct calls *c, const char *call, ssize_t r, size_t offered, bool may_wait);

/* n bytes for one call, at most limit. */
size_t calls_size(struct calls *c, size_t limit);
/* Cuts n bytes into pieces, empty ones among them; at most CALLS_PIECES. */
int calls_cut(struct calls *c, const char *p, size_t n, struct iovec *iov);

#endif
