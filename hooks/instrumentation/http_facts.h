/*
 * What is told about a finished HTTP operation, worked out once and used twice: by its span (http_span.c) and by
 * its metrics (http_metrics.c), so that the two agree (semantic conventions: same error.type, same route). Text
 * lies in the operation, in the connection, or in this struct; text that is made goes behind what was captured,
 * where nobody reads any more.
 */
#ifndef OA_HTTP_FACTS_H
#define OA_HTTP_FACTS_H

#include "hooks/instrumentation/forwarded.h"
#include "hooks/instrumentation/http.h"
#include "hooks/instrumentation/url.h"

struct oa_http_facts {
    const struct oa_conn *conn;
    struct oa_op *op;
    struct oa_http_url url;  /* of the target; client: with the host that the request is for */
    struct oa_forwarded fwd; /* server: what proxies say of the client */
    struct oa_slice method;  /* as sent */
    struct oa_slice scheme;
    struct oa_slice route; /* server; empty: none is told */
    struct oa_slice error_type;
    uint64_t duration_ns;
    uint16_t server_port; /* client; 0 = unknown */
    bool method_known;
    bool version_1_0;
    char digits[4];
    char peer[OA_ADDRESS_TEXT];
};

/* What the request's head tells of method, scheme and whom it is for; nothing else is set. */
void oa_http_facts_peer(struct oa_http_facts *facts, const struct oa_conn *conn, struct oa_op *op);

/* All of it. error_type empty: none beyond what the status says. */
void oa_http_facts_init(struct oa_http_facts *facts, const struct oa_conn *conn, struct oa_op *op,
                        const struct oa_when *end, struct oa_slice error_type);

/* The name of the span: "{method} {route}" or "{method}"; the word HTTP stands for a method that is not known. */
struct oa_slice oa_http_facts_name(const struct oa_http_facts *facts);
/* The same as soon as the head is complete. */
#define OA_HTTP_EARLY_NAME (sizeof(((struct oa_op *)0)->method) + 1 + OA_ROUTE_MAX)
struct oa_slice oa_http_facts_early_name(struct oa_op *op, char buf[OA_HTTP_EARLY_NAME]);

/* Room for made text, NULL if there is none; then what of it was used. */
char *oa_http_facts_room(struct oa_op *op, size_t want);
struct oa_slice oa_http_facts_keep(struct oa_op *op, char *at, size_t len);

/* Both protocol parsers saw HTTP/1.0, or one of them. */
static inline struct oa_slice oa_http_facts_version(const struct oa_http_facts *facts)
{
    return facts->version_1_0 ? OA_SLICE("1.0") : OA_SLICE("1.1");
}

static inline struct oa_slice oa_http_facts_method(const struct oa_http_facts *facts)
{
    return facts->method_known ? facts->method : OA_SLICE("_OTHER");
}

#endif
