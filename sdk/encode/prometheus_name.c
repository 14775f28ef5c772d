#include "sdk/encode/prometheus_name.h"

#include "preload/base/err.h"
#include "sdk/model/utf8.h"

/* UNIT(UCUM, plural, singular: behind "per") */
#define UNITS(UNIT)                           \
    UNIT("d", "days", "day")                  \
    UNIT("h", "hours", "hour")                \
    UNIT("min", "minutes", "minute")          \
    UNIT("s", "seconds", "second")            \
    UNIT("ms", "milliseconds", "millisecond") \
    UNIT("us", "microseconds", "microsecond") \
    UNIT("ns", "nanoseconds", "nanosecond")   \
    UNIT("By", "bytes", "byte")               \
    UNIT("KiBy", "kibibytes", "kibibyte")     \
    UNIT("MiBy", "mebibytes", "mebibyte")     \
    UNIT("GiBy", "gibibytes", "gibibyte")     \
    UNIT("TiBy", "tebibytes", "tebibyte")     \
    UNIT("kBy", "kilobytes", "kilobyte")      \
    UNIT("KBy", "kilobytes", "kilobyte")      \
    UNIT("MBy", "megabytes", "megabyte")      \
    UNIT("GBy", "gigabytes", "gigabyte")      \
    UNIT("TBy", "terabytes", "terabyte")      \
    UNIT("m", "meters", "meter")              \
    UNIT("V", "volts", "volt")                \
    UNIT("A", "amperes", "ampere")            \
    UNIT("J", "joules", "joule")              \
    UNIT("W", "watts", "watt")                \
    UNIT("g", "grams", "gram")                \
    UNIT("Cel", "celsius", "celsius")         \
    UNIT("Hz", "hertz", "hertz")              \
    UNIT("%", "percent", "percent")

static const struct {
    struct oa_slice ucum, many, one;
} units[] = {
#define UNIT(ucum, many, one) { { ucum, sizeof(ucum) - 1 }, { many, sizeof(many) - 1 }, { one, sizeof(one) - 1 } },
    UNITS(UNIT)
#undef UNIT
};

static bool is_name_char(char c, bool label)
{
    return oa_ascii_is_letter(c) || oa_ascii_is_digit(c) || (c == ':' && !label);
}

/* Appends legal characters; everything else, and underscores, as one underscore a run. */
static void put_legal(struct oa_buf *buf, struct oa_slice text, bool label)
{
    for (size_t i = 0; i < text.len && buf->err == 0; i++) {
        bool legal = is_name_char(text.ptr[i], label);

        if (buf->len == 0 && oa_ascii_is_digit(text.ptr[i]))
            oa_buf_put(buf, OA_SLICE("_"));
        if (legal)
            oa_buf_put(buf, (struct oa_slice){ &text.ptr[i], 1 });
        else if (buf->len == 0 || buf->ptr[buf->len - 1] != '_')
            oa_buf_put(buf, OA_SLICE("_"));
    }
}

static void put_unit_word(struct oa_buf *buf, struct oa_slice unit, bool one)
{
    for (size_t i = 0; i < OA_COUNT(units); i++) {
        if (oa_slice_eq(units[i].ucum, unit)) {
            oa_buf_put(buf, one ? units[i].one : units[i].many);
            return;
        }
    }
    put_legal(buf, unit, false);
}

/* Without what stands in braces. */
static struct oa_slice bare(struct oa_slice unit, char *out, size_t cap)
{
    size_t len = 0, depth = 0;

    for (size_t i = 0; i < unit.len && len < cap; i++) {
        depth += unit.ptr[i] == '{';
        if (depth == 0)
            out[len++] = unit.ptr[i];
        depth -= depth && unit.ptr[i] == '}';
    }
    return oa_slice_trim((struct oa_slice){ out, len });
}

void oa_prometheus_unit(struct oa_buf *buf, struct oa_slice unit)
{
    char text[64];
    struct oa_slice rest = bare(unit, text, sizeof(text)), numerator = oa_slice_next(&rest, '/');

    if (numerator.len && !oa_slice_eq(numerator, OA_SLICE("1")))
        put_unit_word(buf, numerator, false);
    if (rest.len == 0)
        return;
    oa_buf_put(buf, buf->len ? OA_SLICE("_per_") : OA_SLICE("per_"));
    put_unit_word(buf, rest, true);
}

static bool ends_with(const struct oa_buf *buf, struct oa_slice end)
{
    return buf->err == 0 && buf->len >= end.len && memcmp(buf->ptr + buf->len - end.len, end.ptr, end.len) == 0;
}

void oa_prometheus_metric_name(struct oa_buf *buf, struct oa_slice name, struct oa_slice unit, bool keep)
{
    if (keep)
        oa_buf_put(buf, name);
    else
        put_legal(buf, name, false);
    if (unit.len == 0 || ends_with(buf, unit))
        return;
    oa_buf_put(buf, OA_SLICE("_"));
    oa_buf_put(buf, unit);
}

void oa_prometheus_label_name(struct oa_buf *buf, struct oa_slice key)
{
    put_legal(buf, key, true);
}

static void put_escaped(struct oa_buf *buf, uint32_t code, enum oa_prometheus_escaping escaping)
{
    if (escaping == OA_ESCAPING_DOTS && code == '.')
        oa_buf_put(buf, OA_SLICE("_dot_"));
    else if (escaping == OA_ESCAPING_VALUES)
        oa_buf_fmt(buf, "_%X_", code);
    else
        oa_buf_put(buf, OA_SLICE("_"));
}

bool oa_prometheus_is_legal(struct oa_slice name, bool label)
{
    for (size_t i = 0; i < name.len; i++)
        if (!is_name_char(name.ptr[i], label) && name.ptr[i] != '_')
            return false;
    return name.len > 0 && (name.ptr[0] < '0' || name.ptr[0] > '9');
}

void oa_prometheus_escape(struct oa_buf *buf, struct oa_slice name, enum oa_prometheus_escaping escaping)
{
    bool first = true;

    if (escaping == OA_ESCAPING_ALLOW_UTF8 || (oa_prometheus_is_legal(name, false) && escaping != OA_ESCAPING_DOTS)) {
        oa_buf_put(buf, name);
        return;
    }
    if (escaping == OA_ESCAPING_VALUES)
        oa_buf_put(buf, OA_SLICE("U__"));
    for (; name.len; first = false) {
        uint32_t code;
        size_t bytes = oa_utf8_next(name, &code);
        bool digit_first = first && code >= '0' && code <= '9' && escaping == OA_ESCAPING_UNDERSCORES;

        if (code == '_' && escaping != OA_ESCAPING_UNDERSCORES)
            oa_buf_put(buf, OA_SLICE("__"));
        else if (bytes == 1 && !digit_first && (is_name_char(name.ptr[0], false) || code == '_'))
            oa_buf_put(buf, (struct oa_slice){ name.ptr, 1 });
        else
            put_escaped(buf, code, escaping);
        name = (struct oa_slice){ name.ptr + bytes, name.len - bytes };
    }
}
