/*
 * The pieces of memory that a call hands to the kernel, as one run of bytes: parts of it, and whether they may be
 * looked at. Owns nothing, changes nothing.
 */
#ifndef OA_PIECES_H
#define OA_PIECES_H

#include "hooks/instrumentation/conn.h"

/* The entries that cover bytes [from, *to) of the call, at most cap of them; *to shrinks to what they cover. Returns
 * how many there are. */
int oa_pieces(const struct oa_outgoing *out, size_t from, size_t *to, struct iovec *dst, int cap);

/* False: the kernel will refuse the call (EFAULT, EINVAL), and must have the chance before we follow a pointer. */
bool oa_pieces_readable(const struct oa_outgoing *out);

#endif
