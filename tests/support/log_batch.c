#include "tests/support/log_batch.h"

#define HAPPENED 1700000000000000000u
#define OBSERVED 1700000000012345678u
#define CONTEXT                                                            \
    .trace_id = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 }, \
    .span_id = { 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa8 }, .has_context = true

struct oa_batch oa_test_log_batch(void)
{
    static const struct oa_slice items[] = { { "a", 1 }, { "b", 1 } };
    static const struct oa_attr_view all[] = {
        { .key = { "syslog.facility", 15 }, .type = OA_ATTR_INT, .num = 3 },
        { .key = { "yes", 3 }, .type = OA_ATTR_BOOL, .num = 1 },
        { .key = { "ratio", 5 }, .type = OA_ATTR_DOUBLE, .real = 0.1 },
        { .key = { "l", 1 }, .type = OA_ATTR_ARR, .items = items, .item_count = 2 },
        { .key = { "log.iostream", 12 }, .type = OA_ATTR_STR, .str = { "stderr", 6 } },
    };
    static struct oa_log_view views[OA_TEST_LOG_BATCH] = {
        { CONTEXT, .flags = 1, .unix_ns = HAPPENED, .observed_unix_ns = OBSERVED, .severity = 17,
          .severity_text = { "err", 3 }, .event_name = { "disk.full", 9 }, .body = { "disk \"sda\" \xc3\xa9\n", 14 },
          .attrs = all, .attr_count = OA_COUNT(all), .scope = OA_SCOPE_SYSLOG },
        { .observed_unix_ns = OBSERVED, .body = { "bare", 4 }, .scope = OA_SCOPE_STDIO },
        { CONTEXT, .unix_ns = HAPPENED, .observed_unix_ns = OBSERVED, .severity = 24, .body = { "", 0 },
          .attr_dropped = 2, .scope = OA_SCOPE_SYSLOG },
    };

    return (struct oa_batch){ .type = OA_RECORD_LOG, .logs = views, .count = OA_TEST_LOG_BATCH };
}
