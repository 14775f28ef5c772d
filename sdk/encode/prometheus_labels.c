#include "sdk/encode/prometheus_labels.h"

#include "preload/base/err.h"
#include "sdk/encode/json.h"
#include "sdk/encode/prometheus_name.h"

struct label {
    struct oa_slice key;  /* as it was */
    struct oa_slice name; /* as it is written */
    const struct oa_attr_view *attr;
    bool written;
};

static void put_quoted_part(struct oa_buf *buf, struct oa_slice text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c == '\n')
            oa_buf_put(buf, OA_SLICE("\\n"));
        else if (c == '\\' || c == '"')
            oa_buf_fmt(buf, "\\%c", c);
        else
            oa_buf_put(buf, (struct oa_slice){ &text.ptr[i], 1 });
    }
}

/* Lists as JSON, real numbers as JSON writes them. */
static int put_value(struct oa_buf *buf, const struct oa_attr_view *attr)
{
    struct oa_slice text;
    struct oa_json json;
    int err;

    switch (attr->type) {
    case OA_ATTR_STR:
        put_quoted_part(buf, attr->str);
        return buf->err;
    case OA_ATTR_INT:
        oa_buf_fmt(buf, "%lld", (long long)attr->num);
        return buf->err;
    case OA_ATTR_BOOL:
        oa_buf_put(buf, attr->num ? OA_SLICE("true") : OA_SLICE("false"));
        return buf->err;
    default:
        break;
    }
    oa_json_init(&json, buf->arena, 0);
    if (attr->type == OA_ATTR_DOUBLE) {
        oa_json_double(&json, attr->real);
    } else {
        oa_json_array_open(&json);
        for (uint32_t i = 0; i < attr->item_count; i++)
            oa_json_str(&json, attr->items[i]);
        oa_json_array_close(&json);
    }
    err = oa_json_finish(&json, &text);
    if (err == 0)
        put_quoted_part(buf, text);
    return err ? err : buf->err;
}

static int make_name(struct oa_prometheus_writer *writer, struct oa_slice key, struct oa_slice *ret_name)
{
    struct oa_buf legal, buf;

    oa_buf_init(&legal, writer->arena);
    if (writer->format.keeps_names)
        oa_buf_put(&legal, key);
    else
        oa_prometheus_label_name(&legal, key);
    if (legal.err == 0 && legal.len == 2 && memcmp(legal.ptr, "le", 2) == 0) {
        *ret_name = OA_SLICE("exported_le"); /* the bucket's own */
        return 0;
    }
    oa_buf_init(&buf, writer->arena);
    if (legal.err == 0)
        oa_prometheus_escape(&buf, (struct oa_slice){ legal.ptr, legal.len }, writer->format.escaping);
    *ret_name = (struct oa_slice){ buf.ptr, buf.len };
    return legal.err ? legal.err : buf.err;
}

static int name_of(struct oa_prometheus_writer *writer, struct oa_slice key, struct oa_slice *ret_name)
{
    int err;

    for (uint32_t i = 0; i < writer->name_count; i++) {
        if (oa_slice_eq(writer->names[i].key, key)) {
            *ret_name = writer->names[i].name;
            return 0;
        }
    }
    err = make_name(writer, key, ret_name);
    if (err == 0 && writer->name_count < OA_PROMETHEUS_NAMES_MAX) {
        writer->names[writer->name_count].key = key;
        writer->names[writer->name_count++].name = *ret_name;
    }
    return err;
}

static bool comes_before(struct oa_slice a, struct oa_slice b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n ? memcmp(a.ptr, b.ptr, n) : 0;

    return order ? order < 0 : a.len < b.len;
}

/* The next one of that name, by key. */
static struct label *next_of(struct label *list, uint32_t count, struct oa_slice name)
{
    struct label *found = NULL;

    for (uint32_t i = 0; i < count; i++)
        if (!list[i].written && oa_slice_eq(list[i].name, name) && (!found || comes_before(list[i].key, found->key)))
            found = &list[i];
    return found;
}

static bool is_empty(const struct oa_attr_view *attr)
{
    return attr->key.len == 0 || (attr->type == OA_ATTR_STR && attr->str.len == 0);
}

static void put_label_name(struct oa_buf *buf, struct oa_slice name)
{
    bool legal = oa_prometheus_is_legal(name, true);

    if (!legal)
        oa_buf_put(buf, OA_SLICE("\""));
    if (legal)
        oa_buf_put(buf, name);
    else
        put_quoted_part(buf, name);
    if (!legal)
        oa_buf_put(buf, OA_SLICE("\""));
}

static int put_label(struct oa_buf *buf, struct label *list, uint32_t count, struct oa_slice name)
{
    struct label *label;
    bool more = false;
    int err = 0;

    if (buf->len)
        oa_buf_put(buf, OA_SLICE(","));
    put_label_name(buf, name);
    oa_buf_put(buf, OA_SLICE("=\""));
    while (err == 0 && (label = next_of(list, count, name))) {
        if (more)
            oa_buf_put(buf, OA_SLICE(";"));
        more = label->written = true;
        err = put_value(buf, label->attr);
    }
    oa_buf_put(buf, OA_SLICE("\""));
    return err ? err : buf->err;
}

static void put_scope(struct oa_buf *buf, const char *scope, struct oa_prometheus_format format)
{
    const struct {
        struct oa_slice name;
        const char *value;
    } labels[] = {
        { OA_SLICE("otel_scope_name"), scope },
        { OA_SLICE("otel_scope_version"), OA_SDK_VERSION },
        { OA_SLICE("otel_scope_schema_url"), OA_SCHEMA_URL },
    };

    for (size_t i = 0; i < OA_COUNT(labels); i++) {
        if (i)
            oa_buf_put(buf, OA_SLICE(","));
        oa_prometheus_escape(buf, labels[i].name, format.escaping);
        oa_buf_put(buf, OA_SLICE("=\""));
        oa_buf_put(buf, oa_slice_of(labels[i].value));
        oa_buf_put(buf, OA_SLICE("\""));
    }
}

int oa_prometheus_labels(struct oa_prometheus_writer *writer, const struct oa_attr_view *attrs, uint32_t count,
                         const char *scope, struct oa_slice *ret_text)
{
    struct label *list = oa_arena_calloc(writer->arena, count ? count : 1, sizeof(*list));
    uint32_t used = 0;
    struct oa_buf buf;
    int err = list ? 0 : OA_ENOMEM;

    for (uint32_t i = 0; i < count && err == 0; i++) {
        if (is_empty(&attrs[i]))
            continue;
        list[used] = (struct label){ .key = attrs[i].key, .attr = &attrs[i] };
        err = name_of(writer, attrs[i].key, &list[used++].name);
    }
    oa_buf_init(&buf, writer->arena);
    if (scope && err == 0)
        put_scope(&buf, scope, writer->format);
    for (uint32_t i = 0; i < used && err == 0; i++)
        if (!list[i].written)
            err = put_label(&buf, list, used, list[i].name);
    *ret_text = (struct oa_slice){ buf.ptr ? buf.ptr : "", buf.len };
    return err ? err : buf.err;
}
