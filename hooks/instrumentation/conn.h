/*
 * Connections: what is known about a stream socket that is followed, from socket() or accept() to
 * close(), and the byte paths in both directions. Wrappers in hooks/libc call the on_ functions; the
 * protocol behind a connection is a row of hooks/protocols.def and sees bytes only.
 *
 * Locking: `lock` protects everything but the atomics; it is held for some hundred nanoseconds, never
 * over a system call, and waited for only briefly (a spin, then some yields): who cannot get it marks
 * the connection `lost` (nothing is followed on it any more) and leaves. `writing` marks the thread that
 * is between planning and committing an outgoing write; a second one loses the connection too.
 */
#ifndef OA_CONN_H
#define OA_CONN_H

#include <stdatomic.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "hooks/instrumentation/address.h"
#include "hooks/instrumentation/op.h"
#include "hooks/protocols/http1.h"
#include "preload/guard.h"

enum oa_role { OA_ROLE_UNKNOWN, OA_ROLE_CLIENT, OA_ROLE_SERVER, OA_ROLE_LISTENER };

struct oa_conn;
struct oa_protocol;

/* What must be sent before anything else on a connection: the rest of a cut rewrite. */
struct oa_pending {
    uint32_t op_slot;         /* +1; 0 = nothing pending. Holds a reference on the operation. */
    uint16_t off;             /* next byte, in the operation's INJECT field */
    uint16_t len;             /* bytes left */
    bool in_place;            /* the bytes stand for as many bytes that the application will offer */
    uint32_t fork_generation; /* of the process that owes them: a forked child does not */
};

/* HTTP/1 on a connection: a parser per direction and the FIFO of open requests. */
struct oa_http_conn {
    struct oa_http1 in, out;
    uint32_t head, tail; /* slot + 1 of the oldest and newest open request */
    uint32_t building;   /* slot + 1 of the one whose bytes come in now; 0 = none, or it has ended early */
    uint32_t planned;    /* slot + 1 of the newest, settled by a dry run before its bytes went out */
    uint32_t count;
    int write_error; /* errno of a failed write; the answer may still come */
    bool answering;  /* the final head of the oldest request's response was seen */
    bool hold;       /* CONNECT or Upgrade went through: the request direction waits for the answer */
    bool peer_eof;
};

/* One outgoing edit that a protocol asks for (offsets in the flattened bytes of the call). */
struct oa_edit {
    struct oa_op *op; /* tentative; carries the text in its INJECT field */
    bool continues;   /* the request's head began in an earlier call */
    size_t start;     /* where the request begins; what goes before it belongs to others */
    size_t at;        /* where it goes */
    size_t stop;      /* the edit covers the call up to here; further requests are planned anew */
    bool replace;     /* overwrite as many bytes at `at` instead of inserting */
    bool ends_head;   /* the head's last byte is before `stop` */
    bool followed;    /* the dry run has read everything up to `stop`, and found it in order */
};

struct oa_conn {
    uint32_t pool_link;
    _Atomic uint32_t lock;
    _Atomic uint32_t writing;
    _Atomic uint32_t lost;
    _Atomic uint32_t refs; /* descriptors that name this connection */
    _Atomic uint32_t generation;
    uint32_t index;       /* its place in the pool: once set it stays */
    _Atomic uint8_t role; /* enum oa_role; all from here on is blank in a new connection */
    bool decided;         /* protocol settled, or found that there is none */
    bool opaque;          /* after an Upgrade or CONNECT */
    bool connecting;
    bool adopted;        /* found by its bytes, not by its creation */
    bool foreign;        /* opened in a parent process */
    uint32_t requests;   /* client: requests begun on it */
    uint32_t counted_in; /* fork generation + 1 of the process that counts it as open; 0 = none */
    /* Bytes read, written that are not in the metrics yet. By who has the lock; whoever collects peeks before. */
    _Atomic uint64_t moved[2];
    uint64_t cookie; /* SO_COOKIE, 0 = not taken */
    struct oa_when connect_start;
    struct oa_op_ref owner; /* the request during which this connection was opened */
    struct oa_address peer, local;
    struct oa_pending pending;
    const struct oa_protocol *protocol; /* NULL until decided, and where there is nothing to follow */
    struct oa_http_conn http;           /* state of oa_protocol_http1; others join it in a union */
};

/* --- life (conn.c) --- */
void oa_conn_on_socket(int fd, int domain, int type);
void oa_conn_on_socketpair(const int fds[2], int domain, int type);
void oa_conn_on_bind(int fd, const struct sockaddr *addr, socklen_t len);
void oa_conn_on_listen(int fd);
void oa_conn_on_accept(int listener, int fd, const struct sockaddr *peer, socklen_t len);
void oa_conn_on_dup(int from, int to);
void oa_conn_on_close(int fd); /* before the real close: the number is free the moment the kernel says so */
void oa_conn_on_fresh(int fd); /* a descriptor that arrived some other way: look again */
/* Bytes will pass that we cannot see (stdio on a socket): stop following, tell nothing. */
void oa_conn_unseen(int fd);
/* A listener, or a server connection other than that of this thread's current request. */
bool oa_conn_is_serving(int fd);
void oa_conn_forget_range(unsigned first, unsigned last);
/* Brings the metrics up to date with what connections have moved. */
void oa_conn_flush_moved(void);
void oa_conn_end_all(void);  /* the process ends: what is open ends as if it were closed */
void oa_conn_reset(int fd);  /* a stream socket that is not connected (any more) */
void oa_conn_ignore(int fd); /* nothing to follow here until the number is reused */
/* --- connect (connect.c) --- */
void oa_conn_before_connect(int fd, const struct sockaddr *addr, socklen_t len);
void oa_conn_after_connect(int fd, int error); /* 0, or errno of the call or of SO_ERROR */
/* A write that passed as it was may be the first to tell how the attempt has ended. Returns r; outside
 * the guard. */
ssize_t oa_conn_after_write(int fd, uint32_t word, ssize_t r);

/* --- bytes (conn_io.c) --- */
struct oa_incoming {
    const struct iovec *iov;
    int count;
    bool may_grow; /* the buffers have their full capacity: a tag may be inserted */
};
/* After a read that returned r. Returns what the wrapper must return: r, or more after tagging. */
ssize_t oa_conn_on_read(int fd, uint32_t word, const struct oa_incoming *in, ssize_t r);
/* Bytes that passed unseen: sendfile, splice, MSG_TRUNC. */
void oa_conn_on_skip(int fd, bool outgoing, ssize_t r);
/* shutdown() was called or is about to be. */
void oa_conn_on_shutdown(int fd, int how);

/* --- writes (rewrite.c) --- */
struct oa_outgoing {
    const struct iovec *iov;
    int count;
    int flags; /* of send(), 0 for write() */
    /* The application's own call, untouched arguments. */
    ssize_t (*plain)(const struct oa_outgoing *out);
    int fd;
    const void *arg; /* whatever plain needs: buffer, msghdr */
    size_t len;
};
ssize_t oa_conn_write(const struct oa_outgoing *out);
/* Sends the rest of a cut rewrite, if any, before something that we do not rewrite (sendfile,
 * shutdown, close). 0, or -1 with errno as the real call left it. */
int oa_conn_flush_pending(int fd);

/* Waits until no other thread is at work on a connection, as well as can be told from outside and within 100 ms.
 * Hooks pass through already (oa_life_hush). */
void oa_conn_wait_quiet(void);

/* --- inside this floor --- */
/* The connection of a descriptor, locked; NULL if there is none or it is lost. */
struct oa_conn *oa_conn_lock(uint32_t word);
/* The same even if it is lost, and more patient: for who owes bytes to it. */
struct oa_conn *oa_conn_lock_owed(uint32_t word);
void oa_conn_unlock(struct oa_conn *conn);
void oa_conn_lose(struct oa_conn *conn, bool malformed);
/* A connection for a stream socket found by its first bytes; locked. */
struct oa_conn *oa_conn_adopt(int fd, enum oa_role role);
/* A fresh client connection on fd; locked. */
struct oa_conn *oa_conn_client(int fd);
/* True if fd is still the socket that conn was made for (SO_COOKIE). */
bool oa_conn_same_socket(struct oa_conn *conn, int fd);
/* Settles the protocol by the first bytes of a direction. False: there is nothing to follow. */
bool oa_conn_decide(struct oa_conn *conn, int fd, struct oa_slice first, bool outgoing);
/* The connection behind a word, adopting an unknown descriptor whose bytes look like a request;
 * locked. NULL: nothing to follow. */
struct oa_conn *oa_conn_for(int fd, uint32_t word, struct oa_slice first, bool outgoing);
/* Bytes came in or went out: a connect that was under way has succeeded. */
void oa_conn_works(struct oa_conn *conn);
/* A read or write failed with errno value error. */
void oa_conn_failed_io(struct oa_conn *conn, int error);

#endif
