/*
 * What a protocol offers to the connection engine: one constant table of functions per row of
 * hooks/protocols.def. The engine knows sockets and system calls, the protocol knows messages and
 * operations; bytes are all that passes between them, so that a TLS session or a test can take the
 * engine's place. All functions are called with the connection locked.
 */
#ifndef OA_PROTOCOL_H
#define OA_PROTOCOL_H

#include "hooks/instrumentation/conn.h"

/* One call's worth of bytes in one direction. */
struct oa_flow {
    bool outgoing;
    struct oa_when before; /* outgoing: taken before the call when a request may start; else zero */
    struct oa_when after;  /* taken when first needed */
};

/* Bytes that were read into the application's own buffer, where they may be edited. */
struct oa_window {
    char *ptr;
    size_t len; /* grows by what is inserted */
    size_t cap; /* of the buffer */
    int fd;     /* to prove that the socket is still ours */
};

struct oa_protocol {
    const char *name;

    /* What the first bytes of a connection make of our side of it; UNKNOWN: not this protocol. Few
     * bytes may be taken for a beginning: the parser finds out. */
    enum oa_role (*detect)(struct oa_slice first, bool outgoing);
    void (*open)(struct oa_conn *conn); /* the role is settled */

    /* True if the next byte in this direction starts a request: the engine fills flow.before. */
    bool (*at_request_start)(const struct oa_conn *conn, bool outgoing);

    /* True if incoming bytes would answer nothing that was asked. */
    bool (*unasked)(const struct oa_conn *conn);

    /* Bytes that passed. 0, or < 0: nothing more can be said about this connection. */
    int (*feed)(struct oa_conn *conn, struct oa_flow *flow, struct oa_slice bytes);
    /* n bytes that passed unseen. */
    int (*skip)(struct oa_conn *conn, struct oa_flow *flow, uint64_t n);
    /* Incoming bytes: as feed, and context may be written into them. */
    int (*ingress)(struct oa_conn *conn, struct oa_flow *flow, struct oa_window *window);

    /* Looks for the first request head that ends in the call's bytes after `from` and wants an edit.
     * True: *edit is filled, its operation is tentative. False: the bytes pass as they are. */
    bool (*plan)(struct oa_conn *conn, const struct oa_flow *flow, const struct oa_outgoing *out, size_t from,
                 struct oa_edit *edit);
    /* The edit's text went out, wholly or partly: its operation becomes the newest of the connection. whole: so did
     * all of the call's bytes from `start` to `stop`. True: they need not be fed any more. */
    bool (*plan_commit)(struct oa_conn *conn, struct oa_edit *edit, bool whole);
    void (*plan_drop)(struct oa_edit *edit);

    /* The peer (incoming) or the application (outgoing) will send no more. */
    void (*eof)(struct oa_conn *conn, bool outgoing);
    /* A call failed with this errno value. */
    void (*failed)(struct oa_conn *conn, int error);
    /* The last descriptor is closed. lost: what is open cannot be told, only dropped. */
    void (*closed)(struct oa_conn *conn, bool lost);
};

enum oa_protocol_id {
#define PROTOCOL(id, word, doc) OA_PROTOCOL_##id,
#include "hooks/protocols.def"
#undef PROTOCOL
    OA_PROTOCOL_COUNT
};

#define PROTOCOL(id, word, doc) extern const struct oa_protocol oa_protocol_##id;
#include "hooks/protocols.def"
#undef PROTOCOL

/* The protocol whose connection starts with these bytes, and the role they give us; NULL: none. */
const struct oa_protocol *oa_protocol_find(struct oa_slice first, bool outgoing, enum oa_role *ret_role);

#endif
