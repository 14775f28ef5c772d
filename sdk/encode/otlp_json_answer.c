/* The reading half of otlp_json.h. What a receiver sends is untrusted: the reader is strict, the arena bounded, and
 * text is repaired like any other. */
#include "preload/base/err.h"
#include "sdk/encode/json_reader.h"
#include "sdk/encode/otlp_json.h"
#include "sdk/model/utf8.h"

/* A string as it stands in the answer, as text of at most OA_OTLP_ANSWER_CHARS. */
static int text_of(struct oa_slice raw, struct oa_arena *arena, struct oa_slice *ret_text)
{
    char *text = oa_arena_alloc(arena, raw.len + 1);

    if (!text)
        return OA_ENOMEM;
    return oa_utf8_copy(arena, (struct oa_slice){ text, oa_json_unescape(raw, text) }, OA_OTLP_ANSWER_CHARS,
                        ret_text);
}

/* Each signal has a word of its own for what was not taken. */
static bool is_rejected(struct oa_slice key)
{
    return oa_slice_eq(key, OA_SLICE("rejectedSpans")) || oa_slice_eq(key, OA_SLICE("rejectedDataPoints")) ||
           oa_slice_eq(key, OA_SLICE("rejectedLogRecords"));
}

static void read_partial(struct oa_json_reader *r, int64_t *rejected, struct oa_slice *raw)
{
    struct oa_slice key;

    if (!oa_json_read_object(r))
        return;
    while (oa_json_read_key(r, &key)) {
        if (is_rejected(key))
            *rejected = oa_json_read_int64(r);
        else if (oa_slice_eq(key, OA_SLICE("errorMessage")))
            *raw = oa_json_read_string(r);
        else
            oa_json_skip(r);
    }
}

int oa_otlp_json_decode_response(struct oa_slice body, struct oa_arena *arena, struct oa_otlp_response *ret_response)
{
    struct oa_slice key, raw = OA_SLICE("");
    struct oa_otlp_response response = { 0 };
    struct oa_json_reader r;
    int err;

    oa_json_reader_init(&r, body.len ? body : OA_SLICE("{}"));
    if (oa_json_read_object(&r))
        while (oa_json_read_key(&r, &key)) {
            if (oa_slice_eq(key, OA_SLICE("partialSuccess")))
                read_partial(&r, &response.rejected_items, &raw);
            else
                oa_json_skip(&r);
        }
    if (!oa_json_reader_end(&r))
        return OA_EMALFORMED;
    err = text_of(raw, arena, &response.message);
    if (err == 0)
        *ret_response = response;
    return err;
}

int oa_otlp_json_decode_status(struct oa_slice body, struct oa_arena *arena, struct oa_otlp_status *ret_status)
{
    struct oa_slice key, raw = OA_SLICE("");
    struct oa_otlp_status status = { 0 };
    struct oa_json_reader r;
    int err;

    oa_json_reader_init(&r, body);
    if (oa_json_read_object(&r))
        while (oa_json_read_key(&r, &key)) {
            if (oa_slice_eq(key, OA_SLICE("code")))
                status.code = (int32_t)oa_json_read_int64(&r);
            else if (oa_slice_eq(key, OA_SLICE("message")))
                raw = oa_json_read_string(&r);
            else
                oa_json_skip(&r);
        }
    if (!oa_json_reader_end(&r))
        return OA_EMALFORMED;
    err = text_of(raw, arena, &status.message);
    if (err == 0)
        *ret_status = status;
    return err;
}
