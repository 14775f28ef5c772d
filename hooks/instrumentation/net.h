/*
 * Connection attempts that failed. A failure becomes a CLIENT span only when nothing else came of
 * the attempt: the losers of an address race (happy eyeballs, ::1 before 127.0.0.1) are not errors.
 * So a failure waits in a small table; a later attempt to the same target takes its place, a success
 * removes it. What is left is recorded by the helper thread's tick, or on the exit path.
 */
#ifndef OA_NET_H
#define OA_NET_H

#include "hooks/instrumentation/conn.h"

void oa_net_attempt(const struct oa_conn *conn);
void oa_net_connected(const struct oa_conn *conn);
void oa_net_failed(const struct oa_conn *conn, int error);

/* Records failures that are older than the time a rival may take, or all of them. */
void oa_net_flush(bool all);
/* True if a failure waits: the helper thread is needed. */
bool oa_net_waiting(void);
void oa_net_forked(void);

/* error.type for an errno value (semconv 2.5). */
struct oa_slice oa_net_error_type(int error);

#endif
