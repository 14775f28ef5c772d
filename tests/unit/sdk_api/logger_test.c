/* What the writer puts into the ring of logs is read back by the consumer's own decoder.
 * SOURCES: sdk/api/logger.c preload/ring.c preload/shared_memory.c sdk/model/log_view.c sdk/model/attrs_reader.c sdk/model/extras_reader.c
 * sdk/model/utf8.c preload/base/arena.c tests/support/ring_consumer.c */
#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include "env/env.h"
#include "preload/base/clock.h"
#include "preload/base/compiler.h"
#include "preload/base/limits.h"
#include "preload/ring.h"
#include "preload/thread.h"
#include "sdk/api/logger.h"
#include "sdk/model/log_view.h"
#include "tests/support/ring_consumer.h"

OA_TLS struct oa_thread oa_thread;

static struct oa_arena arena;
static struct oa_env env;
static const struct oa_span_limits no_limits = { .attr_count_max = UINT32_MAX, .value_chars_max = UINT32_MAX };

const struct oa_env *oa_env(void)
{
    return &env;
}

static void setup(void)
{
    oa_arena_init(&arena, 1024, 1u << 20);
    env = (struct oa_env){ .blrp_max_queue_size = 4, .logs_exporter = { .count = 1 } };
    oa_logger_init();
}

TestSuite(logger, .init = setup);

static struct oa_log_view read_back(void)
{
    struct oa_record *record = oa_test_ring_peek(oa_ring_logs());
    struct oa_log_view view;

    cr_assert_not_null(record);
    cr_assert_eq(record->type, OA_RECORD_LOG);
    cr_assert(record->used <= record->size);
    cr_assert_eq(record->used % 8, 0);
    cr_assert_eq(oa_log_view_read((struct oa_record_log *)record, record->size, &arena, &no_limits, &view), 0);
    oa_test_ring_release(oa_ring_logs(), record);
    return view;
}

static void put_body(struct oa_log_writer *w, const char *text)
{
    memcpy(w->body, text, strlen(text));
    oa_logger_body(w, (uint32_t)strlen(text), (uint32_t)strlen(text));
}

static bool is(struct oa_slice text, const char *want)
{
    return oa_slice_eq(text, oa_slice_of(want));
}

Test(logger, every_field)
{
    struct oa_span_context at = { .valid = true, .flags = 1 };
    struct oa_log_head head = {
        .scope = OA_SCOPE_SYSLOG,
        .severity = 17,
        .severity_text = OA_SLICE("err"),
        .event_name = OA_SLICE("disk.full"),
        .unix_ns = 1234,
        .context = &at,
    };
    uint64_t before = oa_clock_unix_ns();
    struct oa_log_writer w;
    struct oa_log_view view;

    memset(at.trace_id, 0xab, sizeof(at.trace_id));
    memset(at.span_id, 0xcd, sizeof(at.span_id));
    cr_assert(oa_logger_begin(&w, &head, 100, 2, 20));
    put_body(&w, "no space left");
    oa_logger_str(&w, OA_KEY_ERROR_TYPE, OA_SLICE("ENOSPC"));
    oa_logger_int(&w, OA_KEY_PROCESS_PID, -5);
    oa_logger_commit(&w);
    cr_expect(oa_thread.flags & OA_THREAD_RECORDED, "the helper must come round");

    view = read_back();
    cr_expect(is(view.body, "no space left"));
    cr_expect(is(view.severity_text, "err"));
    cr_expect(is(view.event_name, "disk.full"));
    cr_expect_eq(view.severity, 17);
    cr_expect_eq(view.scope, OA_SCOPE_SYSLOG);
    cr_expect_eq(view.unix_ns, 1234);
    cr_expect(view.observed_unix_ns >= before && view.observed_unix_ns <= oa_clock_unix_ns());
    cr_expect(view.has_context);
    cr_expect_eq(view.flags, 1);
    cr_expect_arr_eq(view.trace_id, at.trace_id, 16);
    cr_expect_arr_eq(view.span_id, at.span_id, 8);
    cr_expect_eq(view.pid, getpid());
    cr_assert_eq(view.attr_count, 2);
    cr_expect(is(view.attrs[0].str, "ENOSPC"));
    cr_expect_eq(view.attrs[1].num, -5);
    cr_expect_eq(view.attr_dropped, 0);
}

Test(logger, nothing_but_a_body)
{
    struct oa_log_head head = { .scope = OA_SCOPE_STDIO };
    struct oa_log_view view;
    struct oa_log_writer w;

    for (uint32_t len = 0; len < 40; len++) {
        char text[40] = "0123456789012345678901234567890123456789";

        text[len] = '\0';
        cr_assert(oa_logger_begin(&w, &head, 40, 0, 0));
        put_body(&w, text);
        oa_logger_commit(&w);
        view = read_back();
        cr_expect(is(view.body, text), "%u", len);
        cr_expect(!view.has_context && !view.severity && !view.unix_ns && !view.attr_count);
        cr_expect_eq(view.severity_text.len + view.event_name.len, 0);
    }
}

/* What was written for nothing must not look like a record to whoever comes there later. */
Test(logger, what_is_cut_off_leaves_clean_bytes)
{
    struct oa_log_head head = { .scope = OA_SCOPE_STDIO };
    struct oa_log_writer w;

    for (uint32_t kept = 0; kept <= 64; kept++) {
        struct oa_ring_header *ring;
        const char *bytes;
        size_t end;

        cr_assert(oa_logger_begin(&w, &head, 64, 0, 0));
        memset(w.body, 0xff, 64);
        oa_logger_body(&w, kept, 64);
        oa_logger_commit(&w);
        ring = oa_ring_logs();
        bytes = (const char *)ring + ring->header_bytes;
        end = atomic_load(&ring->tail) & (ring->capacity - 1);
        for (size_t i = 0; i < 128; i++)
            cr_assert_eq(bytes[end + i], 0, "%u kept, byte %zu behind it", kept, i);
        cr_expect_eq(read_back().body.len > 0, kept > 0);
    }
}

Test(logger, attribute_without_room)
{
    struct oa_log_head head = { .scope = OA_SCOPE_STDIO };
    struct oa_log_writer w;
    struct oa_log_view view;

    cr_assert(oa_logger_begin(&w, &head, 8, 1, 8));
    put_body(&w, "12345678");
    oa_logger_str(&w, OA_KEY_ERROR_TYPE, OA_SLICE("this is a text that is much too long for what was asked for"));
    oa_logger_str(&w, OA_KEY_ERROR_TYPE, OA_SLICE("short"));
    oa_logger_str(&w, OA_KEY_URL_PATH, (struct oa_slice){ NULL, 0 });
    oa_logger_commit(&w);
    view = read_back();
    cr_assert_eq(view.attr_count, 1);
    cr_expect(is(view.attrs[0].str, "short"));
    cr_expect_eq(view.attr_dropped, 1);
}

Test(logger, the_queue_is_full_at_its_own_size)
{
    struct oa_log_head head = { .scope = OA_SCOPE_STDIO };
    struct oa_log_writer w;

    for (int i = 0; i < 6; i++) {
        cr_expect_eq(oa_logger_begin(&w, &head, 8, 0, 0), i < 4, "%d", i);
        if (w.record)
            put_body(&w, "x");
        oa_logger_str(&w, OA_KEY_ERROR_TYPE, OA_SLICE("no record: nothing happens"));
        oa_logger_commit(&w);
    }
    cr_expect_eq(oa_ring_logs()->dropped[OA_DROP_RING_FULL], 2);
    cr_expect_eq(oa_ring_items(), 4);
    cr_expect_null(oa_ring(), "spans have a ring of their own");
}

Test(logger, too_large)
{
    struct oa_log_head head = { .scope = OA_SCOPE_STDIO };
    struct oa_log_writer w;

    cr_expect(oa_logger_begin(&w, &head, OA_RECORD_MAX - 200, 1, 8), "as the header promises");
    put_body(&w, "x");
    oa_logger_commit(&w);
    cr_expect(!oa_logger_begin(&w, &head, OA_RECORD_MAX, 0, 0));
    cr_expect_eq(oa_ring_logs()->dropped[OA_DROP_TOO_LARGE], 1);
}

Test(logger, nobody_wants_it)
{
    static const struct {
        bool disabled;
        uint8_t exporters;
        bool enabled;
    } rows[] = { { false, 1, true }, { false, 0, false }, { true, 1, false } };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        env.sdk_disabled = rows[i].disabled;
        env.logs_exporter.count = rows[i].exporters;
        oa_logger_init();
        cr_expect_eq(oa_logger_enabled(), rows[i].enabled, "row %zu", i);
    }
}
