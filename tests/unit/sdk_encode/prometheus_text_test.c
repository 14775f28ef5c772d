/* Texts of every kind of instrument, line by line (otel-environment F; H.10).
 * SOURCES: sdk/encode/prometheus_text.c sdk/encode/prometheus_labels.c sdk/encode/prometheus_name.c
 * sdk/encode/prometheus_series.c sdk/encode/prometheus_negotiate.c sdk/encode/json.c sdk/encode/buf.c
 * sdk/metrics/exp2.c sdk/metrics/instruments.c preload/metric.c sdk/model/resource.c sdk/model/span_view.c
 * sdk/model/attrs_reader.c sdk/model/extras_reader.c
 * sdk/model/utf8.c
 * preload/base/arena.c preload/base/hex.c tests/support/collection_fixture.c */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "preload/base/err.h"
#include "sdk/encode/prometheus_text.h"
#include "tests/support/collection_fixture.h"
#include "tests/support/test_memory.h"

#define SCOPE(name)                                                                  \
    "otel_scope_name=\"libotel-auto." name "\",otel_scope_version=\"" OA_SDK_VERSION \
    "\",otel_scope_schema_url=\"" OA_SCHEMA_URL "\""
#define GET SCOPE("http") ",http_request_method=\"GET\",http_response_status_code=\"200\""

static struct oa_collection collection;
static struct oa_resource resource;
static struct oa_arena arena;

static const char *text_in(struct oa_prometheus_format format)
{
    struct oa_slice text;

    oa_test_collection(&collection);
    oa_test_collection_resource(&resource);
    oa_arena_init(&arena, 4096, 1u << 20);
    cr_assert_eq(oa_prometheus_text(&collection, &resource, format, &arena, &text), 0);
    return strndup(text.ptr, text.len);
}

static const char *plain(void)
{
    return text_in((struct oa_prometheus_format){ .syntax = OA_PROMETHEUS_TEXT_0_0_4 });
}

static const char *openmetrics(void)
{
    return text_in((struct oa_prometheus_format){ .syntax = OA_PROMETHEUS_OPENMETRICS });
}

/* The line stands there, as a whole. */
static void has(const char *text, const char *line)
{
    const char *at = strstr(text, line);
    size_t len = strlen(line);

    while (at && ((at != text && at[-1] != '\n') || at[len] != '\n'))
        at = strstr(at + 1, line);
    cr_assert(at, "no line `%s` in\n%s", line, text);
}

static int times(const char *text, const char *part)
{
    int n = 0;

    for (const char *at = text; (at = strstr(at, part)); at++)
        n++;
    return n;
}

Test(prometheus_text, h10_159_histogram)
{
    const char *text = plain();

    has(text, "# TYPE http_server_request_duration_seconds histogram");
    has(text, "# HELP http_server_request_duration_seconds Duration of HTTP server requests.");
    has(text, "http_server_request_duration_seconds_bucket{" GET ",le=\"0.005\"} 1");
    has(text, "http_server_request_duration_seconds_bucket{" GET ",le=\"0.01\"} 1");
    has(text, "http_server_request_duration_seconds_bucket{" GET ",le=\"0.025\"} 3");
    has(text, "http_server_request_duration_seconds_bucket{" GET ",le=\"1\"} 3");
    has(text, "http_server_request_duration_seconds_bucket{" GET ",le=\"+Inf\"} 3");
    has(text, "http_server_request_duration_seconds_sum{" GET "} 0.0405");
    has(text, "http_server_request_duration_seconds_count{" GET "} 3");
    cr_assert_null(strstr(text, " # {"), "no exemplars in this syntax");
    cr_assert_null(strstr(text, "_created"));
}

Test(prometheus_text, h10_159_counter_and_gauge)
{
    const char *text = plain();

    has(text, "# TYPE otel_auto_connection_io_bytes_total counter");
    has(text, "otel_auto_connection_io_bytes_total{" SCOPE("net") ",network_io_direction=\"receive\"} 5");
    has(text, "otel_auto_connection_io_bytes_total{" SCOPE("net") ",network_io_direction=\"a\\\"b\\\\c\\nd\"} 1");
    has(text, "# TYPE http_server_active_requests gauge");
    has(text, "http_server_active_requests{" SCOPE("http") ",http_request_method=\"GET\"} -1");
    has(text, "# TYPE process_uptime_seconds gauge");
    has(text, "process_uptime_seconds{" SCOPE("process") "} 2.5");
    has(text, "process_cpu_time_seconds_total{" SCOPE("process") ",cpu_mode=\"user\"} 3");
}

Test(prometheus_text, h10_166_exponential_as_fixed_buckets)
{
    const char *text = plain();

    has(text,
        "http_client_request_duration_seconds_bucket{" SCOPE("http") ",otel_metric_overflow=\"true\",le=\"0\"} 2");
    has(text,
        "http_client_request_duration_seconds_bucket{" SCOPE("http") ",otel_metric_overflow=\"true\",le=\"1\"} 6");
    has(text,
        "http_client_request_duration_seconds_bucket{" SCOPE("http") ",otel_metric_overflow=\"true\",le=\"4\"} 7");
    has(text,
        "http_client_request_duration_seconds_bucket{" SCOPE("http") ",otel_metric_overflow=\"true\",le=\"+Inf\"} 7");
}

/* The resource stands in one place; keys that became the same are merged in their order (H.10, 161 and 163). */
Test(prometheus_text, h10_161_163_target)
{
    const char *text = plain();

    has(text, "target_info{service_name=\"shop\",k_1=\"second;first\",_1st=\"7\"} 1");
    cr_assert_eq(times(text, "service_name"), 1);
    cr_assert_eq(times(text, "target_info{"), 1);
    has(openmetrics(), "# TYPE target info");
}

Test(prometheus_text, h10_156_each_family_once)
{
    const char *text = plain();
    char head[256];

    for (const char *at = text; (at = strstr(at, "# TYPE ")); at++) {
        size_t len = strcspn(at + 7, " ") + 8;

        memcpy(head, at, len);
        head[len] = '\0';
        cr_assert_eq(times(text, head), 1, "%s", head);
        memcpy(head + 2, "HELP", 4);
        cr_assert_eq(times(text, head), 1, "%s", head);
    }
}

Test(prometheus_text, h10_157_162_openmetrics)
{
    const char *text = openmetrics();

    has(text, "# TYPE otel_auto_connection_io_bytes counter");
    has(text, "# UNIT otel_auto_connection_io_bytes bytes");
    has(text, "otel_auto_connection_io_bytes_total{" SCOPE("net") ",network_io_direction=\"receive\"} 5");
    has(text, "otel_auto_connection_io_bytes_created{" SCOPE(
                  "net") ",network_io_direction=\"receive\"} 1700000000.000000001");
    has(text, "http_server_request_duration_seconds_bucket{" GET
              ",le=\"0.025\"} 3 # {trace_id=\"ab000000000000000000000000000001\",span_id=\"cd00000000000002\"} 0.02 "
              "1700000060.000000001");
    has(text, "http_server_request_duration_seconds_bucket{" GET ",le=\"1.0\"} 3");
    cr_assert_eq(times(text, "# {"), 1, "one bucket has an exemplar");
    cr_assert_null(strstr(text, "# UNIT http_server_active_requests"), "no unit, no line");
    cr_assert_str_eq(text + strlen(text) - 6, "# EOF\n");
}

Test(prometheus_text, h10_158_scope_on_every_sample)
{
    const char *text = plain();

    for (const char *line = text; *line; line = strchr(line, '\n') + 1)
        if (*line != '#' && strncmp(line, "target_info", 11) != 0)
            cr_assert(strstr(line, "{otel_scope_name=\"") < strchr(line, '\n'), "%.80s", line);
}

/* The same text without these labels, and nothing else of it is different. */
Test(prometheus_text, h10_158_scope_can_be_left_out)
{
    const char *with = plain();
    const char *without =
        text_in((struct oa_prometheus_format){ .syntax = OA_PROMETHEUS_TEXT_0_0_4, .without_scope = true });
    char *want = calloc(1, strlen(with) + 1), *to = want;

    while (*with) {
        const char *end = strstr(with, OA_SCHEMA_URL "\"");

        if (strncmp(with, "{otel_scope_name=\"", 18) != 0) {
            *to++ = *with++;
            continue;
        }
        end += sizeof(OA_SCHEMA_URL "\"") - 1;
        if (*end == ',')
            *to++ = '{';
        with = end + 1; /* the comma, or the brace of one that has nothing else */
    }
    cr_assert_str_eq(without, want);
    cr_assert_null(strstr(without, "otel_scope"));
    free(want);
}

Test(prometheus_text, escaping_dots)
{
    const char *text =
        text_in((struct oa_prometheus_format){ .syntax = OA_PROMETHEUS_TEXT_1_0_0, .escaping = OA_ESCAPING_DOTS });

    cr_assert(strstr(text, "process__uptime__seconds{otel__scope__name=\"libotel-auto.process\""));
}

#define OF_NET "{" SCOPE("net") ",network_io_direction=\"receive\"}"
#define BESIDE_NET SCOPE("net") ",\"network.io.direction\"=\"receive\"}"

/* The four strategies of translation by the two escaping schemes that differ (otel-environment F.2). */
Test(prometheus_text, h10_157_translation)
{
    static const struct {
        bool without_suffixes, keeps_names;
        enum oa_prometheus_escaping escaping;
        const char *type, *sample;
    } rows[] = {
        { false, false, OA_ESCAPING_UNDERSCORES, "otel_auto_connection_io_bytes_total",
          "otel_auto_connection_io_bytes_total" OF_NET },
        { false, false, OA_ESCAPING_ALLOW_UTF8, "otel_auto_connection_io_bytes_total",
          "otel_auto_connection_io_bytes_total" OF_NET },
        { true, false, OA_ESCAPING_UNDERSCORES, "otel_auto_connection_io", "otel_auto_connection_io" OF_NET },
        { true, false, OA_ESCAPING_ALLOW_UTF8, "otel_auto_connection_io", "otel_auto_connection_io" OF_NET },
        { false, true, OA_ESCAPING_UNDERSCORES, "otel_auto_connection_io_bytes_total",
          "otel_auto_connection_io_bytes_total" OF_NET },
        { false, true, OA_ESCAPING_ALLOW_UTF8, "\"otel_auto.connection.io_bytes_total\"",
          "{\"otel_auto.connection.io_bytes_total\"," BESIDE_NET },
        { true, true, OA_ESCAPING_UNDERSCORES, "otel_auto_connection_io", "otel_auto_connection_io" OF_NET },
        { true, true, OA_ESCAPING_ALLOW_UTF8, "\"otel_auto.connection.io\"",
          "{\"otel_auto.connection.io\"," BESIDE_NET },
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        const char *text = text_in((struct oa_prometheus_format){ .syntax = OA_PROMETHEUS_TEXT_1_0_0,
                                                                  .escaping = rows[i].escaping,
                                                                  .without_suffixes = rows[i].without_suffixes,
                                                                  .keeps_names = rows[i].keeps_names });
        char line[512];

        snprintf(line, sizeof(line), "# TYPE %s counter", rows[i].type);
        has(text, line);
        snprintf(line, sizeof(line), "%s 5", rows[i].sample);
        has(text, line);
    }
}

Test(prometheus_text, names_in_quotes)
{
    const char *text = text_in((struct oa_prometheus_format){ .syntax = OA_PROMETHEUS_OPENMETRICS,
                                                              .escaping = OA_ESCAPING_ALLOW_UTF8,
                                                              .without_suffixes = true,
                                                              .without_scope = true,
                                                              .without_target = true,
                                                              .keeps_names = true });

    has(text, "# TYPE \"otel_auto.connection.io\" unknown");
    has(text, "# TYPE \"process.uptime\" gauge");
    has(text, "{\"process.uptime\"} 2.5");
    has(text, "{\"http.client.request.duration_bucket\",\"otel.metric.overflow\"=\"true\",le=\"0.0\"} 2");
    has(text, "{\"http.client.request.duration_count\",\"otel.metric.overflow\"=\"true\"} 7");
    cr_assert_null(strstr(text, "# UNIT"), "names do not tell it");
    cr_assert_null(strstr(text, "target"));
    cr_assert_str_eq(text + strlen(text) - 6, "# EOF\n");
}

Test(prometheus_text, h10_164_negotiation)
{
    static const struct {
        const char *accept, *type;
    } rows[] = {
        { "", "text/plain; version=0.0.4; charset=utf-8" },
        { "*/*", "text/plain; version=0.0.4; charset=utf-8" },
        { "nonsense;;;,=", "text/plain; version=0.0.4; charset=utf-8" },
        { "text/plain", "text/plain; version=0.0.4; charset=utf-8" },
        { "text/plain;version=0.0.4", "text/plain; version=0.0.4; charset=utf-8" },
        { "text/plain;version=1.0.0", "text/plain; version=1.0.0; charset=utf-8; escaping=underscores" },
        { "text/plain;version=1.0.0;escaping=allow-utf-8",
          "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8" },
        { "text/plain;version=1.0.0;escaping=what",
          "text/plain; version=1.0.0; charset=utf-8; escaping=underscores" },
        { "application/openmetrics-text", "application/openmetrics-text; version=1.0.0; charset=utf-8" },
        { "application/openmetrics-text; version=\"1.0.0\"",
          "application/openmetrics-text; version=1.0.0; charset=utf-8" },
        { "application/openmetrics-text;version=2.0.0", "text/plain; version=0.0.4; charset=utf-8" },
        { "application/openmetrics-text;version=1.0.0;escaping=values",
          "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=values" },
        { "application/openmetrics-text;q=0.2,text/plain;version=0.0.4;q=0.9",
          "text/plain; version=0.0.4; charset=utf-8" },
        { "text/plain;q=0.5, application/openmetrics-text;q=0.5", "text/plain; version=0.0.4; charset=utf-8" },
        { "application/openmetrics-text;q=0, */*;q=0.1", "text/plain; version=0.0.4; charset=utf-8" },
        { "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,"
          "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
          "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
          "text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
          "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8" },
    };
    char type[128];

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        oa_prometheus_content_type(oa_prometheus_negotiate(oa_slice_of(rows[i].accept)), type, sizeof(type));
        cr_assert_str_eq(type, rows[i].type, "%s: %s", rows[i].accept, type);
    }
}

Test(prometheus_text, every_bound_of_memory)
{
    struct oa_slice text;
    struct oa_test_memory memory = { 0 };

    oa_test_collection(&collection);
    oa_test_collection_resource(&resource);
    while (oa_test_memory_grows(&memory))
        memory.err = oa_prometheus_text(&collection, &resource,
                                        (struct oa_prometheus_format){ .syntax = OA_PROMETHEUS_OPENMETRICS },
                                        &memory.arena, &text);
    cr_assert_eq(memory.err, 0);
}
