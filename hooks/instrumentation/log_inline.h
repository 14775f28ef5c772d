/*
 * Characters that a program puts into the buffer of stdout past every function: putc_unlocked() and its kin are a
 * few instructions of the program's own, and most GNU tools use them. glibc says where they are; so before a call
 * that we see, what stands there and did not come by one is told. Only as long as the program has one thread: of
 * several, somebody may be in the middle of a call. All with the guard held.
 */
#ifndef OA_LOG_INLINE_H
#define OA_LOG_INLINE_H

#include "hooks/instrumentation/log_lines.h"

/* Not 0: those below are worth a call. Written by the constructor, and where the program starts a thread. */
extern uint8_t oa_log_inline_on;

/* Before a call that writes to the stream, or writes out its buffer; and after it. */
void oa_log_inline_tell(enum oa_log_stream stream);
void oa_log_inline_mark(enum oa_log_stream stream);
/* The buffer goes. */
void oa_log_inline_forget(enum oa_log_stream stream);

#endif
