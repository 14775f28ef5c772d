/*
 * Sockets of both ends, and the notes they pass each other beside the connections: who opens which
 * connection next (so that the other end knows whom it accepts), and how a run came out.
 */
#ifndef EXACT_NET_H
#define EXACT_NET_H

#include <stdint.h>
#include <sys/socket.h>

#include "tests/exact/script.h"

struct tally {
    unsigned long connections, requests, corrupted, doubled, missing, inserted, overwritten;
    unsigned long calls, again, interrupted, shortened, bad;
    char bad_what[160];
};

enum note_kind { NOTE_LISTENING = 1, NOTE_OPEN, NOTE_DONE };

struct note {
    uint32_t kind; /* enum note_kind: the first bytes, which look like no request */
    uint32_t conn;
    uint32_t socket_kind;
    uint16_t port;      /* LISTENING */
    char name[40];      /* LISTENING: in the abstract namespace */
    struct tally tally; /* DONE */
};

/* Listening sockets of one end. */
struct listeners {
    int fd[SCRIPT_PAIR]; /* by enum script_kind */
    struct note address;
};

void net_pair(int fds[2]);
void note_send(int control, const struct note *note, int passed_fd);
/* False at the end. *ret_fd = -1 if none was passed. */
bool note_receive(int control, struct note *note, int *ret_fd);

void net_listen(struct listeners *l);
int net_accept(const struct listeners *l, uint32_t kind, bool with_flags);
/* Tells the other end by a note and connects. For a PAIR the other end is passed. */
int net_open(int control, const struct note *address, uint32_t conn, uint32_t kind, bool non_blocking);
/* Small: buffers as small as the kernel lets them be. */
void net_prepare(int fd, bool non_blocking, bool small);

#endif
