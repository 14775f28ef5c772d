/*
 * Whose work is this? The parent of an operation that the application starts, by the order of
 * design.md section 5: a tag in its own head, the owner of the connection, this thread's current
 * request, the process span, else a new root. Never a guess, never a finished request.
 *
 * A thread that waited in epoll runs callbacks whose boundaries we cannot see. There "current" and
 * "owner" count only in programs known to finish a request's work in the callback that read it.
 */
#ifndef OA_PARENT_H
#define OA_PARENT_H

#include "hooks/instrumentation/op.h"

/* Decides once, from the executable's name, whether loop threads may use "current". */
void oa_parent_init(struct oa_slice exe_name);

/* This thread now works on op; or on what a connection was opened for. */
void oa_parent_enter(struct oa_op_ref ref);
/* The thread waits for events: epoll, or a poll set that holds server sockets. */
void oa_parent_waited(bool epoll);
/* The usable current request, or none. */
struct oa_op_ref oa_parent_current(void);

/* Fills op->parent, op->link and the STATE_LIST and BAGGAGE_LIST fields from the first that answers.
 * owner may be empty. */
void oa_parent_find(struct oa_op *op, struct oa_op_ref owner);
/* The same from one given operation; false if it is closed. */
bool oa_parent_take(struct oa_op *op, struct oa_op_ref ref, enum oa_link link);

/* The span that what happens now happens in, by the same order without an owner; not valid: none. */
void oa_parent_context(struct oa_span_context *ret_context);

/* A new thread starts with its creator's request (OTEL_AUTO_THREAD_INHERIT), until it first waits. */
void oa_parent_inherit(struct oa_op_ref ref);

#endif
