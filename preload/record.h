/*
 * The shared memory that carries finished operations from the hooks to whoever exports them: plain
 * data, offsets only, no pointers, so that another process may map and drain the same bytes.
 *
 * Layout: one page of struct oa_ring_header, then `capacity` bytes of records. Positions are 64-bit
 * byte counts that only grow; position p lives at offset p & (capacity - 1). A record never wraps: a
 * PAD record fills the end. Producers (any thread) reserve by moving `tail`, fill, move `tail` back over
 * what they did not need if it still stands behind them, then store state READY (release). The one
 * consumer reads at `head` while state is READY (acquire), zeroes the whole record (later records start
 * at other offsets: old bytes must not look like a state) and moves `head` (release). A record that stays
 * BUSY stops the consumer, never a producer.
 *
 * Append only: fields are never reordered; readers check version and header_bytes.
 */
#ifndef OA_RECORD_H
#define OA_RECORD_H

#include <stdatomic.h>
#include <stdint.h>

#define OA_RING_MAGIC 0x676e6972616f746full
#define OA_RING_VERSION 1u
#define OA_RING_HEADER_BYTES 4096u

/* Why an operation was not exported: DROP(id, "word printed in log and metrics"). */
#define OA_DROPS(DROP)                                                                                     \
    DROP(RING_FULL, "queue_full")        /* the queue held max_queue_size items or had no room */          \
    DROP(TOO_LARGE, "too_large")         /* one record over OA_RECORD_MAX */                               \
    DROP(NO_SLOT, "no_operation_slot")   /* OA_OP_MAX operations were open */                              \
    DROP(NO_CONN, "no_connection_slot")  /* OA_CONN_MAX connections were followed, or no memory */         \
    DROP(CONTENTION, "contention")       /* two threads used one connection at the same instant */         \
    DROP(MALFORMED, "malformed")         /* bytes that no grammar accepts; the connection is left alone */ \
    DROP(FORKED, "forked")               /* open when it forked, and not ended well here since */          \
    DROP(EXIT, "exit_deadline")          /* still queued when the exit time-out ran out */                 \
    DROP(EXPORT_FAILED, "export_failed") /* refused, or retries exhausted */                               \
    DROP(REJECTED, "rejected")           /* partial success of the backend */

enum oa_drop {
#define DROP(id, word) OA_DROP_##id,
    OA_DROPS(DROP)
#undef DROP
        OA_DROP_COUNT
};

struct oa_ring_header {
    uint64_t magic;
    uint32_t version;
    uint32_t header_bytes; /* OA_RING_HEADER_BYTES */
    uint32_t capacity;     /* bytes, a power of two */
    uint32_t max_items;    /* OTEL_BSP_MAX_QUEUE_SIZE */
    uint32_t pid;          /* owner */
    uint32_t reserved;

    _Alignas(64) _Atomic uint64_t tail; /* written by producers (CAS), read by the consumer */
    _Alignas(64) _Atomic uint64_t head; /* written by the consumer, read by producers */
    _Atomic uint32_t items;             /* reserved and not yet exported or given up; both sides */

    _Alignas(64) _Atomic uint32_t wake; /* futex word: bumped to wake the consumer */
    _Atomic uint32_t asleep;            /* 1 while the consumer waits on `wake` */
    _Atomic uint32_t wake_at_items; /* producers wake a sleeping consumer at this many items; set by the consumer */
    _Atomic uint64_t dropped[OA_DROP_COUNT];
};
_Static_assert(sizeof(struct oa_ring_header) <= OA_RING_HEADER_BYTES, "header fits its page");

/* Everything in a record begins at a multiple of 8. */
#define OA_RECORD_PAD8(n) (((uint32_t)(n) + 7u) & ~7u)

enum oa_record_state { OA_RECORD_FREE, OA_RECORD_BUSY, OA_RECORD_READY, OA_RECORD_PAD };
enum oa_record_type { OA_RECORD_SPAN = 1, OA_RECORD_LOG };

/* Which instrumentation scope a record belongs to: SCOPE(id, "name"). */
#define OA_SCOPES(SCOPE)                   \
    SCOPE(HTTP, "libotel-auto.http")       \
    SCOPE(NET, "libotel-auto.net")         \
    SCOPE(DNS, "libotel-auto.dns")         \
    SCOPE(PROCESS, "libotel-auto.process") \
    SCOPE(SDK, "libotel-auto.sdk")         \
    SCOPE(SYSLOG, "libotel-auto.syslog")   \
    SCOPE(STDIO, "libotel-auto.stdio")

enum oa_scope {
#define SCOPE(id, name) OA_SCOPE_##id,
    OA_SCOPES(SCOPE)
#undef SCOPE
        OA_SCOPE_COUNT
};

struct oa_record {
    _Atomic uint32_t state; /* enum oa_record_state */
    uint32_t size;          /* whole record with this head, multiple of 8 */
    uint16_t type;          /* enum oa_record_type */
    uint16_t scope;         /* enum oa_scope */
    uint32_t used;          /* bytes filled, <= size */
};
_Static_assert(sizeof(struct oa_record) == 16, "layout is shared with other processes");

#define OA_RECORD_FLAG_SAMPLED 1u /* of the W3C trace flags */

enum oa_span_kind { OA_SPAN_INTERNAL = 1, OA_SPAN_SERVER, OA_SPAN_CLIENT, OA_SPAN_PRODUCER, OA_SPAN_CONSUMER };
enum oa_span_status { OA_STATUS_UNSET = 0, OA_STATUS_OK = 1, OA_STATUS_ERROR = 2 };

/* A finished span; one that is not sampled is for exporters that take those. Followed by name, tracestate (no
 * terminators), zero bytes up to a multiple of 8, then attr_count attributes. parent_id all zero = root. */
struct oa_record_span {
    struct oa_record head;
    uint8_t trace_id[16];
    uint8_t span_id[8];
    uint8_t parent_id[8];
    uint64_t start_unix_ns;
    uint64_t end_unix_ns;
    uint8_t kind;          /* enum oa_span_kind: OTLP's numbers */
    uint8_t flags;         /* W3C trace flags: 1 sampled, 2 random */
    uint8_t parent_remote; /* 1: the parent was extracted from a carrier */
    uint8_t status;        /* enum oa_span_status: OTLP's numbers */
    uint16_t attr_count;
    uint16_t attr_dropped; /* attributes, events and links left out for lack of room */
    uint16_t name_len;
    uint16_t tracestate_len;
    uint32_t pid;
};
_Static_assert(sizeof(struct oa_record_span) == 80, "layout is shared with other processes");

/* A log record, of the ring of logs. Followed by severity text, event name and body (no terminators), zero bytes
 * up to a multiple of 8, then attr_count attributes. trace_id all zero = no span was at work. */
struct oa_record_log {
    struct oa_record head;
    uint8_t trace_id[16];
    uint8_t span_id[8];
    uint64_t unix_ns; /* when it happened; 0 = nobody knows */
    uint64_t observed_unix_ns;
    uint8_t severity; /* SeverityNumber, 1 to 24; 0 = unspecified */
    uint8_t flags;    /* W3C trace flags of that span */
    uint16_t attr_count;
    uint16_t attr_dropped; /* left out for lack of room */
    uint16_t severity_len;
    uint32_t body_len;
    uint32_t pid;
    uint16_t event_len;
    uint16_t reserved[3];
};
_Static_assert(sizeof(struct oa_record_log) == 80, "layout is shared with other processes");

enum oa_attr_type {
    OA_ATTR_STR = 1,
    OA_ATTR_INT,
    OA_ATTR_BOOL,
    OA_ATTR_DOUBLE,
    OA_ATTR_ARR,
    OA_ATTR_EVENT,
    OA_ATTR_LINK,
};

/* One attribute: this head, name_len bytes of key text (only when key is OA_KEY_CUSTOM), then the
 * value, each padded with zero bytes to a multiple of 8.
 *   STR: len bytes.   INT, BOOL: one int64.   DOUBLE: one double (both len = 8).
 *   ARR: len bytes holding strings, each as uint32 length + bytes, unpadded. */
struct oa_record_attr {
    uint16_t key; /* enum oa_key */
    uint8_t type; /* enum oa_attr_type */
    uint8_t name_len;
    uint32_t len;
};
_Static_assert(sizeof(struct oa_record_attr) == 8, "layout is shared with other processes");

/* Events and links of a span stand among its attributes, in order: items without a key (key and name_len 0) whose
 * value is one of these heads, text_len bytes of text padded to a multiple of 8, then attr_count attributes of
 * their own, which are never events or links again. All of it is inside of len: a reader that does not know the
 * type leaves out the whole. */
struct oa_record_event { /* text: its name */
    uint64_t unix_ns;
    uint16_t attr_count;
    uint16_t attr_dropped; /* left out for lack of room */
    uint16_t text_len;
    uint16_t lost; /* events of the span behind this one that were not kept */
};
_Static_assert(sizeof(struct oa_record_event) == 16, "layout is shared with other processes");

struct oa_record_link { /* text: the tracestate of the span that is linked */
    uint8_t trace_id[16];
    uint8_t span_id[8];
    uint8_t flags;  /* W3C trace flags of that span */
    uint8_t remote; /* 1: it was extracted from a carrier */
    uint16_t attr_count;
    uint16_t attr_dropped;
    uint16_t text_len;
};
_Static_assert(sizeof(struct oa_record_link) == 32, "layout is shared with other processes");

enum oa_key {
    OA_KEY_CUSTOM = 0,
#define ATTR(id, key, type) OA_KEY_##id,
#include "hooks/attrs.def"
#undef ATTR
    OA_KEY_COUNT
};

#endif
