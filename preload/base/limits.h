/*
 * Every bound of the project, in one place (house rule 24). Reaching one is a counted event,
 * never an error of the host program.
 */
#ifndef OA_BASE_LIMITS_H
#define OA_BASE_LIMITS_H

#define OA_FD_MAX (1u << 20)         /* highest descriptor that is followed (kernel default nr_open) */
#define OA_CONN_MAX (1u << 20)       /* connections followed at one time */
#define OA_CONN_FIRST 256u           /* of these, how many live in the object's own zero pages */
#define OA_CONN_WAIT_MS 5            /* how long the processor is offered to a thread that is in our way */
#define OA_MOVED_FLUSH (256u * 1024) /* bytes that a connection moves before the metrics hear of it at once */
#define OA_OP_MAX 32767u             /* operations open at one time: the slot fits 15 bits of a span id */
#define OA_OP_FIRST 32u              /* of these, how many live in the object's own zero pages */
#define OA_OP_TEXT 15872u /* bytes of captured text (target, host, agent, context) per operation; touched as used */
#define OA_OP_INJECT_ROOM 72u  /* behind it, so that a traceparent line always fits */
#define OA_OP_QUEUE 64u        /* requests pipelined on one connection before we stop following it */
#define OA_TARGET_MAX 2048u    /* bytes kept of a request target */
#define OA_HEADER_MAX 512u     /* bytes kept of any other captured header */
#define OA_BAGGAGE_MAX 8192u   /* W3C baggage: whole list, bytes */
#define OA_TRACESTATE_MAX 512u /* W3C trace context 3.3.1.5: at least this much is carried */
#define OA_ROUTE_MAX 256u      /* bytes of a generated http.route */
#define OA_NAME_MAX 256u       /* bytes of a span name */
#define OA_RECORD_MAX 16384u   /* bytes of one ring record */
#define OA_LOG_BODY_MAX 8192u  /* bytes of a log record's text */
#define OA_RING_BYTES_MIN (1u << 16)
#define OA_RING_BYTES_MAX (1u << 23)
#define OA_RING_BYTES_PER_SPAN 512u      /* sizing rule: queue size times this, rounded up to a power of two */
#define OA_CELLS_BYTES (8u << 20)        /* address space of all metric cells; touched as used */
#define OA_CELLS_INDEX 16384u            /* places of the index of series, a power of two */
#define OA_CELLS_SERIES_MAX 12288u       /* attribute sets of all instruments */
#define OA_CELLS_SERIES_LIMIT 2000u      /* metrics SDK, cardinality limit of one instrument */
#define OA_EXEMPLARS_EXP 20u             /* metrics SDK: exemplars of an exponential histogram */
#define OA_STRATEGY_OPERATIONS_MAX 1024u /* span names with a sampling probability of their own */
#define OA_STRATEGY_BUCKETS 1024u        /* span names that are sampled at a least rate, a power of two */
#define OA_ENV_TEXT (32u * 1024)         /* bytes of all OTEL_* values copied at start */
#define OA_LOG_LINE 512u
#define OA_STACK_HELPER (256u * 1024)
#define OA_IOV_EDIT 14u /* iovec entries of one rewritten system call */

#endif
