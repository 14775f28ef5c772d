/*
 * The process as an operation: a program that is not a server is one INTERNAL span from start to
 * exit (semantic conventions for CLI programs), child of TRACEPARENT; what it does without another
 * parent hangs below it. A process that listens on a stream socket is a server: no span, and work
 * without a parent starts new roots. If it did work, or started children, before it came to listen, the
 * span is their parent, and ends with that first listen(): it is the start of the server.
 *
 * exec keeps the process: the span is handed to the new program (OTEL_AUTO_RESUME) instead of ended, unless that is
 * given a parent of its own while nobody can know of the span yet: then it begins one, and ours was none.
 * A forked child has no process span of its own; its work hangs below its parent's.
 */
#ifndef OA_PROCESS_H
#define OA_PROCESS_H

#include "sdk/api/context.h"

/* Constructor: extracts the context from the environment snapshot. exporting: somebody is told, the span is decided
 * on at once; else when somebody first asks. */
void oa_process_init(bool exporting);
/* The process listens. Guard held. */
void oa_process_is_server(void);
bool oa_process_listens(void);

/* The context that work without another parent belongs to, or NULL: none. */
const struct oa_context *oa_process_context(void);

/* The exit path: records the span, once. status: see oa_life_exit(); unknown: no span. */
void oa_process_end(int status);
bool oa_process_has_span(void);
/* Has somebody got its span as parent? A child that was forked may have. */
bool oa_process_may_be_given(void);
void oa_process_forked(void);

/* The value of OTEL_AUTO_RESUME for a program that this process becomes by exec: "pid:start:parent:context",
 * with "+" in front if it is somebody's parent already; empty if there is no span to hand over. buf has 128 bytes. */
struct oa_slice oa_process_resume(char *buf);

uint64_t oa_process_start_unix_ns(void);

/* Executable path of /proc/self/exe ("" if unreadable) and its base name. */
struct oa_slice oa_process_exe(void);
struct oa_slice oa_process_name(void);

#endif
