/*
 * The connections that one end has open at a time, each following its script: a loop that makes one
 * call here and one there, and keeps count of what came out.
 */
#ifndef EXACT_LIVE_H
#define EXACT_LIVE_H

#include "tests/exact/calls.h"
#include "tests/exact/net.h"

#define LIVE_MAX 64
#define LIVE_TOLD_MAX 12

struct run {
    uint64_t seed;
    uint32_t connections;
    enum script_mode mode;
    bool changed_nothing; /* the library is absent or told to keep out */
    bool bare;            /* this is the end without the library */
    bool threads;         /* the proxy has a thread per direction: what the library lets go of may lack a header */
};

struct live {
    uint32_t conn;
    bool client;
    short waits; /* POLLIN or POLLOUT, 0 = may go on */
    struct script script;
    struct flow flow;
    struct calls calls;
};

struct lives {
    const struct run *run;
    struct live *live[LIVE_MAX];
    size_t count;
    struct rng rng;
    struct tally tally;
    unsigned told; /* connections whose troubles were told at length */
};

void lives_init(struct lives *lives, const struct run *run);
/* fd becomes connection number conn. */
void lives_add(struct lives *lives, uint32_t conn, bool client, int fd);
/* One call on each connection that need not wait. Returns how many made progress. */
size_t lives_turn(struct lives *lives);
/* Waits until a connection or `extra` (-1 = none) is ready. True if extra is. */
bool lives_wait(struct lives *lives, int extra, int timeout_ms);
void lives_describe(struct lives *lives, FILE *to);
void tally_add(struct tally *to, const struct tally *from);

#endif
