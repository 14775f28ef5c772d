#include "tests/support/metrics_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "env/env.h"
#include "preload/life.h"
#include "preload/ring.h"
#include "preload/thread.h"

#define SETTINGS_MAX 16

OA_TLS struct oa_thread oa_thread;
static const uint8_t unmarked = 1;
const volatile uint8_t *oa_life_mark = &unmarked;

void oa_life_forked_unseen(void) {}
void oa_life_watch_forks(void) {}

void oa_test_metrics_start(const char *const *settings)
{
    char *envp[SETTINGS_MAX + 2] = { NULL };
    size_t n = 0;

    for (; settings && settings[n] && n < SETTINGS_MAX; n++)
        envp[n] = (char *)settings[n];
    envp[n] = (char *)"OTEL_METRICS_EXPORTER=console"; /* the first of a name counts */
    oa_env_load(envp);
    oa_thread = (struct oa_thread){ 0 };
    oa_meter_forked();
    oa_meter_init();
}

void oa_test_request_in(const char *route, uint64_t duration_ns, const struct oa_span_context *span)
{
    struct oa_moment moment = { .span = span, .unix_ns = 5000 };
    struct oa_set set;

    set.count = 0;
    oa_set_str(&set, OA_KEY_HTTP_REQUEST_METHOD, OA_SLICE("GET"));
    oa_set_str(&set, OA_KEY_HTTP_ROUTE, route ? oa_slice_of(route) : (struct oa_slice){ 0 });
    oa_set_int(&set, OA_KEY_HTTP_RESPONSE_STATUS_CODE, 200);
    oa_meter_record(&set, &(struct oa_measurement){ OA_METRIC_HTTP_SERVER_DURATION, duration_ns }, 1, &moment);
}

void oa_test_request(const char *route, uint64_t duration_ns)
{
    oa_test_request_in(route, duration_ns, NULL);
}

void oa_test_active(const char *method, int64_t difference)
{
    struct oa_set set;

    set.count = 0;
    oa_set_str(&set, OA_KEY_HTTP_REQUEST_METHOD, oa_slice_of(method));
    oa_meter_add(OA_METRIC_HTTP_SERVER_ACTIVE, &set, difference);
}

static bool has_route(const struct oa_point *point, const char *route)
{
    for (uint32_t i = 0; i < point->attr_count; i++)
        if (oa_slice_eq(point->attrs[i].key, OA_SLICE("http.route")))
            return oa_slice_eq(point->attrs[i].str, oa_slice_of(route));
    return false;
}

const struct oa_point *oa_test_point(const struct oa_collection *collection, enum oa_metric metric, const char *route)
{
    const struct oa_stream *stream = &collection->stream[metric];

    for (uint32_t i = 0; i < stream->count; i++)
        if (!*route || has_route(&stream->points[i], route))
            return &stream->points[i];
    return NULL;
}
