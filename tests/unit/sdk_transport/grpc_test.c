/* SOURCES: sdk/transport/grpc.c sdk/transport/gzip.c preload/base/arena.c tests/support/guard_page.c
 * LIBS: -lz */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "sdk/transport/grpc.h"
#include "sdk/transport/gzip.h"
#include "sdk/transport/http.h"
#include "tests/support/guard_page.h"

Test(grpc, prefix)
{
    uint8_t prefix[OA_GRPC_PREFIX];

    oa_grpc_prefix(prefix, false, 0);
    cr_expect_arr_eq(prefix, "\0\0\0\0\0", 5);
    oa_grpc_prefix(prefix, true, 0x01020304);
    cr_expect_arr_eq(prefix, "\1\1\2\3\4", 5);
}

Test(grpc, timeout__at_most_eight_digits)
{
    static const struct {
        uint64_t ns;
        const char *text;
    } rows[] = {
        { 0, "0m" },
        { 1, "1m" },
        { 10 * OA_NS_PER_S, "10000m" },
        { 99999999 * OA_NS_PER_MS, "99999999m" },
        { 100000000 * OA_NS_PER_MS, "100000S" },
        { UINT64_MAX, "99999999S" },
    };
    char text[OA_GRPC_TIMEOUT_MAX];

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        oa_grpc_timeout(rows[i].ns, text);
        cr_expect_str_eq(text, rows[i].text);
    }
}

static struct oa_grpc_fields fields;

static void told(const char *name, const char *value)
{
    oa_grpc_fields_add(&fields, oa_slice_of(name), oa_slice_of(value));
}

Test(grpc, status__by_number)
{
    static const struct {
        const char *text;
        int32_t status;
        enum oa_grpc_repeatable repeatable;
        const char *name;
    } rows[] = {
        { "0", OA_GRPC_OK, OA_GRPC_NEVER, "OK" },
        { " 14 ", OA_GRPC_UNAVAILABLE, OA_GRPC_ALWAYS, "UNAVAILABLE" },
        { "8", OA_GRPC_RESOURCE_EXHAUSTED, OA_GRPC_IF_TOLD, "RESOURCE_EXHAUSTED" },
        { "3", OA_GRPC_INVALID_ARGUMENT, OA_GRPC_NEVER, "INVALID_ARGUMENT" },
        { "17", 17, OA_GRPC_NEVER, "UNKNOWN" },
        { "99999999999999", 1000000, OA_GRPC_NEVER, "UNKNOWN" },
        { "", OA_GRPC_UNKNOWN, OA_GRPC_NEVER, "UNKNOWN" },
        { "-1", OA_GRPC_UNKNOWN, OA_GRPC_NEVER, "UNKNOWN" },
        { "0x0", OA_GRPC_UNKNOWN, OA_GRPC_NEVER, "UNKNOWN" },
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        int32_t status;

        oa_grpc_fields_init(&fields);
        told("content-type", "application/grpc+proto");
        told("GRPC-Status", rows[i].text);
        status = oa_grpc_status(&fields, 200);
        cr_expect_eq(status, rows[i].status, "%s", rows[i].text);
        cr_expect_eq(oa_grpc_repeatable(status), rows[i].repeatable, "%s", rows[i].text);
        cr_expect_str_eq(oa_grpc_status_name(status), rows[i].name);
    }
}

/* OTLP/gRPC, Failures: the whole table. */
Test(grpc, h3_64_65_67_what_may_be_repeated)
{
    static const enum oa_grpc_code again[] = { OA_GRPC_CANCELLED,    OA_GRPC_DEADLINE_EXCEEDED, OA_GRPC_ABORTED,
                                               OA_GRPC_OUT_OF_RANGE, OA_GRPC_UNAVAILABLE,       OA_GRPC_DATA_LOSS };

    for (int32_t status = 0; status < 32; status++) {
        enum oa_grpc_repeatable expected = status == OA_GRPC_RESOURCE_EXHAUSTED ? OA_GRPC_IF_TOLD : OA_GRPC_NEVER;

        for (size_t i = 0; i < OA_COUNT(again); i++)
            if ((int32_t)again[i] == status)
                expected = OA_GRPC_ALWAYS;
        cr_expect_eq(oa_grpc_repeatable(status), expected, "%d", (int)status);
    }
}

/* Success is only what was called so, by a server of gRPC, over a good exchange. */
Test(grpc, status__missing_is_never_success)
{
    static const struct {
        const char *type, *status;
        int http;
        enum oa_grpc_code code;
    } rows[] = {
        { "application/grpc", NULL, 200, OA_GRPC_UNKNOWN },
        { "application/grpc", NULL, 503, OA_GRPC_UNAVAILABLE },
        { "text/html", NULL, 404, OA_GRPC_UNIMPLEMENTED },
        { NULL, NULL, 401, OA_GRPC_UNAUTHENTICATED },
        { NULL, NULL, 403, OA_GRPC_PERMISSION_DENIED },
        { NULL, NULL, 400, OA_GRPC_INTERNAL },
        { NULL, NULL, 431, OA_GRPC_INTERNAL },
        { NULL, NULL, 429, OA_GRPC_UNAVAILABLE },
        { NULL, NULL, 502, OA_GRPC_UNAVAILABLE },
        { NULL, NULL, 504, OA_GRPC_UNAVAILABLE },
        { NULL, NULL, 500, OA_GRPC_UNKNOWN },
        { "text/html", "0", 200, OA_GRPC_UNKNOWN },
        { "application/grpc", "0", 500, OA_GRPC_UNKNOWN },
        { "application/grpc", "0", 200, OA_GRPC_OK },
        { "text/html", "14", 200, OA_GRPC_UNAVAILABLE },
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        oa_grpc_fields_init(&fields);
        if (rows[i].type)
            told("content-type", rows[i].type);
        if (rows[i].status)
            told("grpc-status", rows[i].status);
        cr_expect_eq(oa_grpc_status(&fields, rows[i].http), (int32_t)rows[i].code, "row %zu", i);
    }
}

Test(grpc, message_of_a_status)
{
    static const struct {
        const char *in, *out;
    } rows[] = {
        { "plain", "plain" },   { "a%20b%e2%82%AC", "a b\xe2\x82\xac" },
        { "50%", "50%" },       { "%zz%2", "%zz%2" },
        { "%41%4", "A%4" },     { "", "" },
        { "%25%32%35", "%25" },
    };
    char longest[400];

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        oa_grpc_fields_init(&fields);
        told("grpc-message", rows[i].in);
        cr_expect_eq(fields.message_len, strlen(rows[i].out));
        cr_expect(memcmp(fields.message, rows[i].out, fields.message_len) == 0, "%s", rows[i].in);
    }
    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    told("grpc-message", longest);
    cr_expect_eq(fields.message_len, OA_GRPC_MESSAGE_MAX);
}

Test(grpc, details)
{
    static const struct {
        const char *in, *out;
        uint32_t len;
    } rows[] = {
        { "CA4", "\x08\x0e", 2 }, { "CA4=", "\x08\x0e", 2 }, { "+/+/", "\xfb\xff\xbf", 3 }, { "", "", 0 },
        { "C A4", "", 0 },        { "AAAA-AAA", "", 0 },     { "AA==", "\0", 1 },           { "A", "", 0 },
    };
    char large[2 * OA_GRPC_DETAILS_MAX];

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        oa_grpc_fields_init(&fields);
        told("grpc-status-details-bin", rows[i].in);
        cr_expect_eq(fields.details_len, rows[i].len, "%s", rows[i].in);
        cr_expect(memcmp(fields.details, rows[i].out, rows[i].len) == 0, "%s", rows[i].in);
    }
    memset(large, 'A', sizeof(large) - 1);
    large[sizeof(large) - 1] = '\0';
    told("grpc-status-details-bin", large);
    cr_expect_eq(fields.details_len, 0);
}

static int unframed(struct oa_slice body, struct oa_slice *ret_message, struct oa_arena *arena)
{
    return oa_grpc_message(body, arena, ret_message);
}

/* Exactly one message, whole: every shorter body, and a longer one, is none. Read at the end of a page. */
Test(grpc, message__cut_at_every_byte)
{
    static const char whole[] = "\0\0\0\0\7message.";
    struct oa_arena arena;
    struct oa_slice message;

    oa_arena_init(&arena, 1024, 1u << 20);
    for (size_t len = 0; len < sizeof(whole); len++) {
        const char *at = oa_guard_page_copy(whole, len);
        int err = unframed((struct oa_slice){ at, len }, &message, &arena);

        cr_expect_eq(err, len == 12 ? 0 : OA_EMALFORMED, "%zu", len);
        cr_expect(err || oa_slice_eq(message, OA_SLICE("message")));
    }
    cr_expect_eq(unframed((struct oa_slice){ "\2\0\0\0\0", 5 }, &message, &arena), OA_EMALFORMED);
    cr_expect_eq(unframed((struct oa_slice){ "\0\0\0\0\0", 5 }, &message, &arena), 0);
    cr_expect_eq(message.len, 0);
    oa_guard_page_free();
    oa_arena_release(&arena);
}

Test(grpc, message__packed)
{
    struct oa_arena arena;
    struct oa_slice in = OA_SLICE("too large, too large, too large, too large"), packed, message;
    char body[256];

    oa_arena_init(&arena, 1024, 1u << 20);
    cr_assert_eq(oa_gzip_pack(&in, 1, &arena, &packed), 0);
    for (size_t cut = 0; cut <= packed.len; cut++) {
        size_t len = packed.len - cut;
        int err;

        oa_grpc_prefix((uint8_t *)body, true, (uint32_t)len);
        memcpy(body + OA_GRPC_PREFIX, packed.ptr, len);
        err = unframed((struct oa_slice){ body, OA_GRPC_PREFIX + len }, &message, &arena);
        cr_expect_eq(err, cut ? OA_EMALFORMED : 0, "%zu", cut);
        cr_expect(err || oa_slice_eq(message, in));
    }
    oa_arena_release(&arena);
}

/* H.3 62: not more than 4 MiB, however small it came. */
Test(grpc, message__a_bomb)
{
    struct oa_arena arena;
    size_t len = OA_HTTP_RESPONSE_MAX + 1;
    char *zeros = calloc(1, len), *body = malloc(65536);
    struct oa_slice in = { zeros, len }, packed, message;

    cr_assert(zeros && body);
    oa_arena_init(&arena, 1024, 1u << 26);
    cr_assert_eq(oa_gzip_pack(&in, 1, &arena, &packed), 0);
    cr_assert_lt(packed.len, 60000);
    oa_grpc_prefix((uint8_t *)body, true, (uint32_t)packed.len);
    memcpy(body + OA_GRPC_PREFIX, packed.ptr, packed.len);
    cr_expect_eq(unframed((struct oa_slice){ body, OA_GRPC_PREFIX + packed.len }, &message, &arena), OA_EFULL);
    oa_arena_release(&arena);
    free(zeros);
    free(body);
}
