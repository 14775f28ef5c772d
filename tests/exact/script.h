/*
 * What one connection carries, made from a seed and the connection's number alone: the client's bytes,
 * the server's bytes, the order in which they are exchanged, and where the library may change
 * something. Both ends make it by themselves; nobody sends it.
 */
#ifndef EXACT_SCRIPT_H
#define EXACT_SCRIPT_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/exact/bytes.h"
#include "tests/exact/rng.h"

enum script_kind { SCRIPT_TCP, SCRIPT_UNIX, SCRIPT_PAIR, SCRIPT_KINDS };

/* What the library does to a request head, by the way the bytes go. */
enum script_mode { SCRIPT_INJECT, SCRIPT_TAG, SCRIPT_PROXY, SCRIPT_MODES };
enum script_want { WANT_NEVER, WANT_MAY, WANT_MUST };

#define PARENT_BYTES 19 /* "<parent id>-<flags>" of a traceparent */

struct script_mark {
    size_t blank; /* of the empty line that ends the head */
    size_t id;    /* of the parent id in the request's own traceparent, SIZE_MAX = may not be changed */
    bool own[3];  /* it carries traceparent, tracestate, baggage */
    uint8_t want[SCRIPT_MODES];
};

struct script_run {
    size_t from, to;
};

/* Body data: what sendfile and splice may carry. */
struct script_runs {
    struct script_run *run;
    size_t count;
};

/* The client sends up to `out`, then the server answers up to `in`. */
struct script_step {
    size_t out, in;
};

struct script {
    struct bytes out, in;
    struct script_runs out_runs, in_runs;
    struct script_mark *marks;
    struct script_step *steps;
    size_t mark_count, step_count;
    size_t abort_at;           /* the client closes after so many bytes; SIZE_MAX = it does not */
    uint8_t kind, kind_behind; /* behind: of a proxy's own connection */
    bool non_blocking, small_buffers;
    bool server_closes;
    bool overlong; /* more requests in one row than the library follows: it may let go of the connection */
    bool followed; /* it begins with a method that the library knows */
};

void script_make(struct script *script, uint64_t seed, uint32_t conn);
void script_release(struct script *script);

/* Connections from number 0 on that it takes to carry that many requests. */
uint32_t script_connections(uint64_t seed, size_t requests);

#endif
