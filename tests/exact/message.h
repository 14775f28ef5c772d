/* Requests and responses with everything in them that a parser could stumble over. */
#ifndef EXACT_MESSAGE_H
#define EXACT_MESSAGE_H

#include "tests/exact/script.h"

enum request_turn { TURN_PLAIN, TURN_UPGRADE, TURN_CONNECT, TURN_EXPECT };

struct request {
    enum request_turn turn;
    bool first;        /* of its connection */
    bool known_method; /* only asked of the first one: an unknown one hides the whole connection */
    bool last;
    bool is_head;    /* HEAD: the answer has no body */
    size_t head_end; /* in script->out */
};

/* Appends one request, its mark and its body runs. Fills in is_head and head_end. */
void message_request(struct script *script, struct rng *rng, struct request *request);
/* Appends the final answer (and perhaps interim ones) of a request. */
void message_response(struct script *script, struct rng *rng, const struct request *request, bool until_eof);
/* Text that looks like requests, header lines and chunk framing. */
void message_noise(struct bytes *out, struct rng *rng, size_t n);
/* Something at which an HTTP parser must give up, with request-like text behind it. */
void message_garbage(struct bytes *out, struct rng *rng);
void script_run_add(struct script_runs *runs, size_t from, size_t to);

#endif
