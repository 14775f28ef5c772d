#include "hooks/instrumentation/http_headers.h"

#include <string.h>

#include "env/env.h"
#include "preload/base/glob.h"

#define ROOM_KEPT 4096u /* of an operation's text: for the URL, which is made at its end */
#define MOVED_MAX 6144u /* of that text: no line is moved beyond it */
#define LINES_MAX 16u   /* of one field */
#define REQUEST_PREFIX "http.request.header."
#define RESPONSE_PREFIX "http.response.header."
#define REDACTED OA_SLICE("[REDACTED]")

struct oa_header_lists oa_http_header_lists(bool response, bool client)
{
    const struct oa_env *env = oa_env();

    if (client)
        return response
                   ? (struct oa_header_lists){ env->http_client_response_headers,
                                               env->python_client_response_headers }
                   : (struct oa_header_lists){ env->http_client_request_headers, env->python_client_request_headers };
    return response
               ? (struct oa_header_lists){ env->http_server_response_headers, env->python_server_response_headers }
               : (struct oa_header_lists){ env->http_server_request_headers, env->python_server_request_headers };
}

static bool append(struct oa_op *op, const char *bytes, size_t len)
{
    if (op->text_len + len > OA_OP_TEXT - ROOM_KEPT)
        return false;
    if (len)
        memcpy(op->text + op->text_len, bytes, len);
    op->text_len = (uint16_t)(op->text_len + len);
    return true;
}

static struct oa_op_header *start(struct oa_op *op, const struct oa_http1 *p)
{
    struct oa_op_header *h = &op->header[op->header_count];

    if (op->header_count == OA_OP_HEADERS || p->name_len == OA_HTTP1_NAME_MAX)
        return NULL; /* one too many, or a name that was cut */
    *h = (struct oa_op_header){ .off = op->text_len, .name_len = p->name_len, .response = p->response };
    if (!append(op, p->name, p->name_len))
        return NULL;
    op->header_count++;
    return h;
}

static size_t bytes_of(const struct oa_op_header *h)
{
    return (size_t)h->name_len + h->len;
}

/* Makes the line the last run of the text area, so that it can grow: where the value comes in pieces, what is kept
 * of the same field for ourselves stands behind it. False if that would cost too much. */
static bool at_end(struct oa_op *op, struct oa_op_header *h)
{
    if (h->off + bytes_of(h) == op->text_len)
        return true;
    if (op->text_len + bytes_of(h) > MOVED_MAX)
        return false;
    memcpy(op->text + op->text_len, op->text + h->off, bytes_of(h));
    h->off = op->text_len;
    op->text_len = (uint16_t)(op->text_len + bytes_of(h));
    return true;
}

/* Half a value is none. Its room is given back if nothing stands behind it. */
static void give_up(struct oa_op *op, struct oa_op_header *h)
{
    if (h->off + bytes_of(h) == op->text_len)
        op->text_len = h->off;
    op->header_count--;
    op->header_open = false;
}

/* Fragments of a value follow each other; one that does not fit takes the rest with it. */
void oa_http_headers_capture(struct oa_op *op, const struct oa_http1 *p, const struct oa_http1_event *ev)
{
    struct oa_op_header *h = ev->first ? start(op, p) : NULL;

    if (ev->first)
        op->header_open = h != NULL;
    else if (op->header_open)
        h = &op->header[op->header_count - 1];
    if (!h)
        return;
    if (h->len + ev->text.len <= OA_HEADER_MAX && at_end(op, h) && append(op, ev->text.ptr, ev->text.len))
        h->len = (uint16_t)(h->len + ev->text.len);
    else
        give_up(op, h);
}

uint32_t oa_http_headers_room(const struct oa_op *op)
{
    return op->header_count * (uint32_t)(sizeof(struct oa_record_attr) + sizeof(RESPONSE_PREFIX) + 32);
}

static struct oa_slice name_of(const struct oa_op *op, const struct oa_op_header *h)
{
    return (struct oa_slice){ op->text + h->off, h->name_len };
}

static bool is_same(const struct oa_op *op, const struct oa_op_header *a, const struct oa_op_header *b)
{
    return a->response == b->response && oa_slice_eq(name_of(op, a), name_of(op, b));
}

/* Python's list of what must not be read: items are found anywhere in the name. */
static bool is_secret(struct oa_slice item, struct oa_slice name)
{
    char lower[OA_HTTP1_NAME_MAX];

    if (item.len > sizeof(lower))
        return false;
    for (size_t i = 0; i < item.len; i++)
        lower[i] = oa_ascii_lower(item.ptr[i]);
    return oa_glob_search((struct oa_slice){ lower, item.len }, name);
}

static void put_one(const struct oa_op *op, uint32_t first, struct oa_span_writer *w)
{
    const struct oa_op_header *h = &op->header[first];
    bool secret = oa_glob_list(oa_slice_of(oa_env()->python_secret_headers), name_of(op, h), is_secret);
    struct oa_slice values[LINES_MAX];
    uint32_t count = 0;

    for (uint32_t i = first; i < op->header_count && count < LINES_MAX; i++) {
        const struct oa_op_header *line = &op->header[i];

        if (is_same(op, h, line))
            values[count++] =
                secret ? REDACTED : (struct oa_slice){ op->text + line->off + line->name_len, line->len };
    }
    oa_span_arr_named(w, h->response ? OA_SLICE(RESPONSE_PREFIX) : OA_SLICE(REQUEST_PREFIX), name_of(op, h), values,
                      count);
}

void oa_http_headers_put(const struct oa_op *op, struct oa_span_writer *w)
{
    for (uint32_t i = 0; i < op->header_count; i++) {
        bool seen = false;

        for (uint32_t before = 0; before < i && !seen; before++)
            seen = is_same(op, &op->header[before], &op->header[i]);
        if (!seen)
            put_one(op, i, w);
    }
}
