/* SOURCES: sdk/encode/otlp_answer.c sdk/model/utf8.c preload/base/arena.c tests/support/guard_page.c
 * build/gen/sdk/encode/proto/common.pb-c.c build/gen/sdk/encode/proto/resource.pb-c.c
 * build/gen/sdk/encode/proto/trace.pb-c.c build/gen/sdk/encode/proto/trace_service.pb-c.c
 * build/gen/sdk/encode/proto/rpc_status.pb-c.c
 * LIBS: -lprotobuf-c */
#include <criterion/criterion.h>

#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "sdk/encode/otlp_proto.h"
#include "tests/support/guard_page.h"

static struct oa_arena arena;

static void setup(void)
{
    oa_arena_init(&arena, 1024, 64u << 10);
}

static void teardown(void)
{
    oa_arena_release(&arena);
    oa_guard_page_free();
}

TestSuite(otlp_answer, .init = setup, .fini = teardown);

Test(otlp_answer, response__rows)
{
    static const struct {
        struct oa_slice body;
        int64_t rejected;
        const char *message;
    } rows[] = {
        { OA_SLICE(""), 0, "" },
        { OA_SLICE("\x0a\x00"), 0, "" },
        { OA_SLICE("\x0a\x05\x08\x02\x12\x01x"), 2, "x" },
        { OA_SLICE("\x0a\x06\x12\x04warn"), 0, "warn" },
        { OA_SLICE("\x0a\x03\x12\x01\xff"), 0, "\xef\xbf\xbd" },
        { OA_SLICE("\xf2\x3f\x03new\x0a\x02\x08\x01"), 1, "" }, /* field 1022 of a newer server */
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        struct oa_otlp_response response;

        cr_assert_eq(oa_otlp_proto_decode_response(rows[i].body, &arena, &response), 0, "row %zu", i);
        cr_expect_eq(response.rejected_items, rows[i].rejected, "row %zu", i);
        cr_expect_str_eq(response.message.ptr, rows[i].message, "row %zu", i);
    }
}

Test(otlp_answer, response__not_protobuf)
{
    struct oa_otlp_response response = { .rejected_items = 77 };

    cr_assert_eq(oa_otlp_proto_decode_response(OA_SLICE("<html>busy</html>"), &arena, &response), OA_EMALFORMED);
    cr_assert_eq(response.rejected_items, 77);
}

Test(otlp_answer, response__truncated_at_every_byte)
{
    const struct oa_slice whole = OA_SLICE("\x0a\x0b\x08\x02\x12\x07message");

    for (size_t len = 1; len < whole.len; len++) {
        struct oa_otlp_response response;
        struct oa_slice body = { oa_guard_page_copy(whole.ptr, len), len };

        cr_expect_eq(oa_otlp_proto_decode_response(body, &arena, &response), OA_EMALFORMED, "%zu bytes", len);
    }
}

#define RETRY_INFO "type.googleapis.com/google.rpc.RetryInfo"

Test(otlp_answer, status__rows)
{
    static const struct {
        struct oa_slice body;
        int32_t code;
        const char *message;
        bool has_delay;
        uint64_t delay_ns;
    } rows[] = {
        { OA_SLICE(""), 0, "", false, 0 },
        { OA_SLICE("\x08\x08\x12\x04"
                   "full"),
          8, "full", false, 0 },
        { OA_SLICE("\x08\x08\x1a\x30\x0a\x28" RETRY_INFO "\x12\x04\x0a\x02\x08\x05"), 8, "", true, 5 * OA_NS_PER_S },
        /* 1 s and 500,000,000 ns, behind a detail of another kind */
        { OA_SLICE("\x1a\x05\x0a\x03x/y\x1a\x36\x0a\x28" RETRY_INFO
                   "\x12\x0a\x0a\x08\x08\x01\x10\x80\xca\xb5\xee\x01"),
          0, "", true, 1500 * OA_NS_PER_MS },
        /* no delay given: another try is allowed at once */
        { OA_SLICE("\x1a\x2a\x0a\x28" RETRY_INFO), 0, "", true, 0 },
        /* minus one second */
        { OA_SLICE("\x1a\x39\x0a\x28" RETRY_INFO "\x12\x0d\x0a\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), 0,
          "", true, 0 },
        /* 2^62 seconds: cut to a day */
        { OA_SLICE("\x1a\x38\x0a\x28" RETRY_INFO "\x12\x0c\x0a\x0a\x08\x80\x80\x80\x80\x80\x80\x80\x80\x40"), 0, "",
          true, 86400 * OA_NS_PER_S },
        /* RetryInfo that is none */
        { OA_SLICE("\x1a\x2d\x0a\x28" RETRY_INFO "\x12\x01\xff"), 0, "", false, 0 },
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        struct oa_otlp_status status;

        cr_assert_eq(oa_otlp_proto_decode_status(rows[i].body, &arena, &status), 0, "row %zu", i);
        cr_expect_eq(status.code, rows[i].code, "row %zu", i);
        cr_expect_str_eq(status.message.ptr, rows[i].message, "row %zu", i);
        cr_expect_eq(status.has_retry_delay, rows[i].has_delay, "row %zu", i);
        cr_expect_eq(status.retry_delay_ns, rows[i].delay_ns, "row %zu: %llu", i,
                     (unsigned long long)status.retry_delay_ns);
    }
}

/* A small answer must not be able to ask for much memory; the arena's bound is what stops it. */
Test(otlp_answer, status__bounded_memory)
{
    char body[32768];
    struct oa_otlp_status status;
    struct oa_slice bytes = { body, sizeof(body) };

    for (size_t i = 0; i < sizeof(body); i += 2) {
        body[i] = 0x1a; /* an empty detail */
        body[i + 1] = 0;
    }
    cr_assert_eq(oa_otlp_proto_decode_status(bytes, &arena, &status), OA_ENOMEM);
    cr_assert_leq(arena.total_bytes, 64u << 10);
}
