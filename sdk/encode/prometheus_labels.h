/* The braces of a sample line (otel-environment F.3). Inside sdk/encode/ only. */
#ifndef OA_SDK_ENCODE_PROMETHEUS_LABELS_H
#define OA_SDK_ENCODE_PROMETHEUS_LABELS_H

#include "sdk/encode/buf.h"
#include "sdk/encode/prometheus_text.h"

/* Names that were made already: the same few keys come with every series. Zeroed at the start. */
#define OA_PROMETHEUS_NAMES_MAX 32u

struct oa_prometheus_writer {
    struct oa_prometheus_format format;
    struct oa_arena *arena;
    struct {
        struct oa_slice key, name;
    } names[OA_PROMETHEUS_NAMES_MAX];
    uint32_t name_count;
};

/* `name="value",...` of attributes, without braces: legal names, those that became the same merged with `;` in
 * the order of their keys. Empty values are left out. scope: the three labels of the instrumentation scope come
 * first; NULL: none. 0 or OA_ENOMEM. */
int oa_prometheus_labels(struct oa_prometheus_writer *writer, const struct oa_attr_view *attrs, uint32_t count,
                         const char *scope, struct oa_slice *ret_text) OA_MUST_CHECK;

#endif
