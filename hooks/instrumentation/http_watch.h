/*
 * Which header fields of requests and responses somebody wants to see: those of the configured propagators, in
 * requests, and those that the user asked for. Built once, when the first connection speaks HTTP; constant from
 * then on. What is not listed is not even compared by length, so that a field that nobody configured costs nothing.
 */
#ifndef OA_HTTP_WATCH_H
#define OA_HTTP_WATCH_H

#include "hooks/protocols/http1.h"
#include "sdk/propagation/propagator.h"

struct oa_http_watch {
    struct oa_http1_watch names;        /* what the parser compares */
    uint8_t target[OA_HTTP1_WATCH_MAX]; /* per name: enum oa_field, OA_FIELD_COUNT = none */
    bool wanted[OA_HTTP1_WATCH_MAX];    /* per name: by the user */
};

/* The list for messages of one kind; NULL if nothing is watched in them. Any thread. */
const struct oa_http_watch *oa_http_watch(bool response, bool client);

/* The field that a HEADER event is about, if a propagator reads it; OA_FIELD_COUNT otherwise. */
static inline enum oa_field oa_http_watch_field(const struct oa_http1 *p, unsigned header)
{
    const struct oa_http_watch *watch = (const struct oa_http_watch *)p->watch;

    return header >= OA_HTTP1_WATCHED ? (enum oa_field)watch->target[header - OA_HTTP1_WATCHED] : OA_FIELD_COUNT;
}

/* Did the user ask for the field that a HEADER event is about? */
static inline bool oa_http_watch_wanted(const struct oa_http1 *p, unsigned header)
{
    const struct oa_http_watch *watch = (const struct oa_http_watch *)p->watch;

    if (!watch)
        return false;
    return header >= OA_HTTP1_WATCHED ? watch->wanted[header - OA_HTTP1_WATCHED] : watch->names.rows >> header & 1;
}

#endif
