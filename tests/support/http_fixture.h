/*
 * HTTP/1 on a connection that no socket belongs to: bytes go in by hand, spans are taken from the
 * ring. For tests of hooks/instrumentation; one per process (Criterion runs each test in its own).
 * Stands in for what lies around: the thread block, and the proof that a socket is still ours.
 *
 * Roles: with a SERVER connection `in` carries requests and `out` answers, with a CLIENT one it is
 * the other way round.
 */
#ifndef OA_TESTS_HTTP_FIXTURE_H
#define OA_TESTS_HTTP_FIXTURE_H

#include "hooks/instrumentation/http.h"
#include "preload/record.h"
#include "sdk/model/span_view.h"

extern uint32_t oa_test_generation; /* what oa_life_fork_generation answers */

#define OA_TEST_PARENT "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
#define OA_TEST_UNSAMPLED "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"

extern bool oa_test_same_socket; /* what oa_conn_same_socket answers; true at start */

/* Settings as "NAME=value", NULL ends them; by default no process span, so that work without a
 * parent is a root. Opens a ring. Call once, first. */
void oa_test_http_start(const char *const *settings);

/* A fresh connection, settled on HTTP/1. The peer is 192.0.2.1 port 8080. Never given back. */
struct oa_conn *oa_test_http_conn(enum oa_role role);

/* Bytes that passed: 0 or OA_EMALFORMED. */
int oa_test_http_in(struct oa_conn *conn, const char *text);
int oa_test_http_out(struct oa_conn *conn, const char *text);
int oa_test_http_skip(struct oa_conn *conn, bool outgoing, uint64_t n);
/* The same, byte by byte. */
int oa_test_http_trickle(struct oa_conn *conn, bool outgoing, const char *text);

/* A read of len bytes into buf with room for cap; returns what the application sees, or < 0. */
ssize_t oa_test_http_read(struct oa_conn *conn, char *buf, size_t len, size_t cap);
/* A read of text with room for cap (4095 at most): what stands in the buffer afterwards, until the next one. */
const char *oa_test_http_reads(struct oa_conn *conn, const char *text, size_t cap);

/* The oldest span in the ring, taken out; false if there is none. Valid to the end of the process. */
bool oa_test_http_span(struct oa_span_view *ret_view);
/* The same where there must be one: abort otherwise. */
struct oa_span_view oa_test_http_next_span(void);
bool oa_test_http_no_span(void);

/* The value of an attribute as text (numbers in decimal), NULL if absent. Overwritten by the 16th next call. */
const char *oa_test_attr(const struct oa_span_view *view, const char *key);
/* True if the attribute has that text; want NULL: it must be absent. */
bool oa_test_attr_is(const struct oa_span_view *view, const char *key, const char *want);
bool oa_test_name_is(const struct oa_span_view *view, const char *want);

/* The 16 digits of a span id, the 32 of a trace id. Overwritten by the 16th next call. */
const char *oa_test_span_id(const struct oa_span_view *view);
const char *oa_test_parent_id(const struct oa_span_view *view);
const char *oa_test_trace_id(const struct oa_span_view *view);

uint64_t oa_test_dropped(enum oa_drop reason);

#endif
