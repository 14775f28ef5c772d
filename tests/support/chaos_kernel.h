/*
 * A kernel for the connection engine that takes as little as it likes: short writes at any byte,
 * EAGAIN at any call. What it took is the wire. Stands in for sendmsg (through oa_real) and for the
 * application's own write; the descriptors are real, so that the engine can prove whose they are.
 * With it, an application that does what a careful one does. One connection at a time.
 */
#ifndef OA_TESTS_CHAOS_KERNEL_H
#define OA_TESTS_CHAOS_KERNEL_H

#include "hooks/instrumentation/conn.h"

struct oa_test_kernel {
    size_t first; /* bytes it takes in the first call that it does not refuse; 0: as many as `each` */
    size_t each;  /* in every further call */
    int refuse;   /* refuses every n-th call; 0: none */
    int error;    /* with this errno value; 0: EAGAIN */
    int calls;
    size_t len;
    char wire[16384]; /* terminated */
};

extern struct oa_test_kernel oa_test_kernel;
extern int oa_test_fds[2]; /* of the connection: ours, the other end's */

/* Starts the HTTP fixture over this kernel. */
void oa_test_kernel_start(void);
ssize_t oa_test_kernel_sendmsg(int fd, const struct msghdr *msg, int flags);

/* Opens the connection, forgets the wire. */
void oa_test_connect(void);
void oa_test_hang_up(void);

/* One call of the application over these pieces, `skip` bytes of which are out already. */
ssize_t oa_test_write(const struct iovec *pieces, int count, size_t skip, int flags);
/* Calls until everything is out. Aborts if a result or errno is not what a kernel gives. */
void oa_test_write_all(const struct iovec *pieces, int count);
void oa_test_write_text(const char *text);

/* Takes our headers out of the wire; returns how many there were. Aborts if one is not a whole line. */
int oa_test_strip_headers(void);

#endif
