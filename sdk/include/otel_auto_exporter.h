/*
 * An exporter of your own for libotel-auto. Build a shared object that defines
 *
 *     const struct otel_auto_exporter otel_auto_exporter = { sizeof(otel_auto_exporter), "mine", ... };
 *
 * and name it in OTEL_{TRACES,METRICS,LOGS}_EXPORTER as plugin:/path/to/mine.so, alone or among others. It gets
 * batches by the rules of the batch processors (OTEL_BSP_*, OTEL_BLRP_*), metrics by those of the periodic reader.
 *
 * Rules. It is loaded into the program that is observed, and called on libotel-auto's own thread or, at the end of
 * the process, on the one that ends it: one call at a time. What it does there is not observed. It must return
 * within timeout_ns, keep no pointer that it was shown, change neither locale, signal handlers nor the working
 * directory, and open descriptors with O_CLOEXEC. In a forked child init is called anew; the parent's state is not
 * to be touched there. Everything it is shown is read-only. Texts are valid UTF-8 without zero bytes and have no
 * terminator.
 *
 * Every structure begins with its size as the writer knew it: new members come at the end, so look at struct_size
 * before you use one that came later than this version. C and C++.
 */
#ifndef OTEL_AUTO_EXPORTER_H
#define OTEL_AUTO_EXPORTER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct otel_auto_text {
    const char *ptr; /* anything if len is 0 */
    size_t len;
};

enum { OTEL_AUTO_TEXT = 1, OTEL_AUTO_BOOL, OTEL_AUTO_INT, OTEL_AUTO_DOUBLE, OTEL_AUTO_TEXTS };

/* Has this size for good. */
struct otel_auto_attribute {
    struct otel_auto_text key;
    uint32_t type;  /* one of the above: which member counts */
    uint32_t count; /* of texts */
    union {
        struct otel_auto_text text;
        int64_t number; /* INT; BOOL: 0 or 1 */
        double real;
        const struct otel_auto_text *texts;
    } value;
};

struct otel_auto_attributes {
    const struct otel_auto_attribute *list;
    size_t count;
};

struct otel_auto_resource {
    size_t struct_size;
    struct otel_auto_attributes attributes;
    struct otel_auto_text schema_url;
};

/* ---- spans ---- */

enum { OTEL_AUTO_INTERNAL = 1, OTEL_AUTO_SERVER, OTEL_AUTO_CLIENT, OTEL_AUTO_PRODUCER, OTEL_AUTO_CONSUMER };
enum { OTEL_AUTO_UNSET = 0, OTEL_AUTO_OK, OTEL_AUTO_ERROR };

struct otel_auto_event {
    size_t struct_size;
    uint64_t time_unix_ns;
    struct otel_auto_text name;
    struct otel_auto_attributes attributes;
    uint32_t dropped_attributes;
};

struct otel_auto_link {
    size_t struct_size;
    uint8_t trace_id[16];
    uint8_t span_id[8];
    uint32_t flags; /* OTLP's: the W3C trace flags; 0x100 set, 0x200 if the linked span is remote */
    uint32_t dropped_attributes;
    struct otel_auto_text trace_state;
    struct otel_auto_attributes attributes;
};

struct otel_auto_span {
    size_t struct_size;
    uint8_t trace_id[16], span_id[8], parent_span_id[8]; /* parent all zero: none */
    uint32_t flags; /* OTLP's: the W3C trace flags (1: sampled); 0x100 set, 0x200 if the parent is remote */
    uint32_t kind, status, dropped_attributes;
    uint64_t start_unix_ns, end_unix_ns;
    struct otel_auto_text name, trace_state, scope_name, scope_version;
    struct otel_auto_attributes attributes;
    /* What follows came with the second version of this header: compare struct_size. */
    const struct otel_auto_event *const *events;
    size_t event_count;
    const struct otel_auto_link *const *links;
    size_t link_count;
    uint32_t dropped_events, dropped_links;
};

struct otel_auto_spans {
    size_t struct_size;
    const struct otel_auto_resource *resource;
    const struct otel_auto_span *const *list;
    size_t count;
};

/* ---- metrics ---- */

enum { OTEL_AUTO_GAUGE = 1, OTEL_AUTO_SUM, OTEL_AUTO_HISTOGRAM, OTEL_AUTO_EXPONENTIAL_HISTOGRAM };
enum { OTEL_AUTO_DELTA = 1, OTEL_AUTO_CUMULATIVE = 2 };

struct otel_auto_point {
    size_t struct_size;
    struct otel_auto_attributes attributes;
    uint64_t start_unix_ns; /* 0 for a gauge */
    uint64_t time_unix_ns;
    double value; /* of a histogram: the sum */
    /* Histograms of both kinds. */
    uint64_t count;
    double min, max; /* if has_range */
    uint32_t has_range;
    uint32_t bucket_count;
    const uint64_t *buckets;
    const double *bounds; /* one fewer than buckets; NULL: exponential */
    /* Exponential: buckets[i] counts what is above base^(offset+i) and not above base^(offset+i+1), base =
     * 2^(2^-scale). */
    int32_t scale, offset;
    uint64_t zero_count;
};

struct otel_auto_metric {
    size_t struct_size;
    struct otel_auto_text name, description, unit, scope_name, scope_version;
    uint32_t kind;
    uint32_t temporality;              /* 0 for a gauge */
    uint32_t is_monotonic, is_integer; /* its values are whole numbers */
    const struct otel_auto_point *const *points;
    size_t count;
};

struct otel_auto_metrics {
    size_t struct_size;
    const struct otel_auto_resource *resource;
    const struct otel_auto_metric *const *list;
    size_t count;
};

/* ---- logs ---- */

struct otel_auto_log {
    size_t struct_size;
    uint64_t time_unix_ns /* 0: unknown */, observed_unix_ns;
    uint32_t severity /* 1 to 24, 0: unspecified */, flags /* W3C trace flags */;
    uint8_t trace_id[16], span_id[8]; /* all zero: no span was at work */
    struct otel_auto_text body, scope_name, scope_version;
    struct otel_auto_attributes attributes;
    struct otel_auto_text severity_text, event_name; /* since the third version; the latter not empty: an event */
    uint32_t dropped_attributes;
};

struct otel_auto_logs {
    size_t struct_size;
    const struct otel_auto_resource *resource;
    const struct otel_auto_log *const *list;
    size_t count;
};

/* ---- the exporter ---- */

enum { OTEL_AUTO_TRACES = 1, OTEL_AUTO_METRICS, OTEL_AUTO_LOGS };

struct otel_auto_setup {
    size_t struct_size;
    uint32_t signal; /* what this one will be given; one init per signal that names the plug-in */
    const struct otel_auto_resource *resource;
    const char *config; /* OTEL_AUTO_PLUGIN_CONFIG, terminated, "" when unset; stays */
    /* A line among libotel-auto's own, without a line break. level: 1 error, 2 warning, 3 info, 4 debug. */
    void (*log)(int level, const char *line);
};

/* Functions return 0, or anything else for a failure: the batch is then given up and counted as export_failed;
 * metrics are told again with the next collection. timeout_ns is what is left, UINT64_MAX without a limit. Those
 * that are NULL do nothing; a signal without its function cannot name the plug-in. */
struct otel_auto_exporter {
    size_t struct_size;
    const char *name;
    int (*init)(const struct otel_auto_setup *setup, void **state);
    int (*export_spans)(void *state, const struct otel_auto_spans *spans, uint64_t timeout_ns);
    int (*export_metrics)(void *state, const struct otel_auto_metrics *metrics, uint64_t timeout_ns);
    int (*export_logs)(void *state, const struct otel_auto_logs *logs, uint64_t timeout_ns);
    int (*flush)(void *state, uint64_t timeout_ns);
    void (*shutdown)(void *state, uint64_t timeout_ns); /* the last call; frees the state */
};

/* What the shared object defines. */
extern const struct otel_auto_exporter otel_auto_exporter;

#ifdef __cplusplus
}
#endif
#endif
