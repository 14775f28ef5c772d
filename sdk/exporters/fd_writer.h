/*
 * Writing to a descriptor that may not be ours: the host's standard output, a pipe whose reader has
 * stopped reading, a terminal that is halted, a file. Bounded in time, never a SIGPIPE for the host,
 * and the descriptor's flags, which the host shares, are left alone.
 */
#ifndef OA_SDK_EXPORTERS_FD_WRITER_H
#define OA_SDK_EXPORTERS_FD_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "preload/base/compiler.h"
#include "preload/base/slice.h"

/* Which file a descriptor number stood for; a number that the host reused is thereby recognised. */
struct oa_fd_identity {
    int fd; /* -1: was not open */
    dev_t dev;
    ino_t ino;
};

struct oa_fd_identity oa_fd_identity_of(int fd);

bool oa_fd_identity_holds(const struct oa_fd_identity *identity);

/* Writes all bytes, in one system call where it can be known that it will not block. 0; OA_EIO;
 * OA_ETIMEOUT: past the deadline (CLOCK_MONOTONIC; 0: after one second), some bytes may be out. */
int oa_fd_write(int fd, struct oa_slice bytes, uint64_t deadline_mono_ns) OA_MUST_CHECK;

#endif
