/*
 * One end of one connection following its script: what to do next, and what was done. Knows nothing
 * of sockets; both the end under the library and the bare end run on it.
 */
#ifndef EXACT_FLOW_H
#define EXACT_FLOW_H

#include "tests/exact/match.h"

enum flow_want { FLOW_SEND, FLOW_RECEIVE, FLOW_CLOSE };

struct flow {
    const struct script *script;
    bool client;
    size_t step;
    size_t sent;
    struct match in; /* what arrives */
};

void flow_init(struct flow *f, const struct script *script, bool client, enum script_mode mode);
/* Moves on as far as the script allows without bytes. */
enum flow_want flow_next(struct flow *f);
/* What FLOW_SEND may send now. */
const char *flow_offer(const struct flow *f, size_t *ret_n);
/* Meant bytes that are still to arrive before it is this end's turn; 0 = the peer is to close. */
size_t flow_due(const struct flow *f);
/* The body data that byte `at` of what this end sends (or receives) lies in; NULL if in none. */
const struct script_run *flow_run(const struct flow *f, bool sending, size_t at);
/* The peer closed, or its socket broke: was that to be expected? */
bool flow_end_is_fine(const struct flow *f);

#endif
