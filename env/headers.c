#include "env/headers.h"

#include "preload/base/compiler.h"
#include "preload/base/err.h"

/* Set by the exporter, or meaningful for one connection only. A '*' stands for any ending. */
static const char *const reserved[] = {
    "connection", "content-encoding",  "content-length", "content-type", "grpc-*",
    "host",       "http2-settings",    "keep-alive",     "expect",       "proxy-connection",
    "te",         "transfer-encoding", "trailer",        "upgrade",
};

struct item {
    struct oa_slice name, value; /* raw */
    enum oa_env_header_fault fault;
    uint32_t number; /* from 1; 0 at the end of the text */
};

static bool is_token(struct oa_slice s)
{
    static const char marks[] = "!#$%&'*+-.^_`|~";

    for (size_t i = 0; i < s.len; i++) {
        char c = oa_ascii_lower(s.ptr[i]);

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && !memchr(marks, c, sizeof(marks) - 1))
            return false;
    }
    return s.len != 0;
}

static bool is_reserved(struct oa_slice name)
{
    for (size_t i = 0; i < OA_COUNT(reserved); i++) {
        struct oa_slice word = oa_slice_of(reserved[i]), head = name;

        if (word.ptr[word.len - 1] == '*') {
            word.len--;
            head.len = head.len < word.len ? head.len : word.len;
        }
        if (oa_slice_ieq(head, word))
            return true;
    }
    return false;
}

static bool is_value(struct oa_slice raw)
{
    while (raw.len) {
        uint8_t byte = (uint8_t)oa_slice_decoded(&raw); /* a broken escape as its own characters */

        if ((byte < ' ' && byte != '\t') || byte == 0x7f)
            return false;
    }
    return true;
}

static enum oa_env_header_fault judge(const struct item *item, bool has_value)
{
    if (item->number > OA_ENV_HEADERS_MAX)
        return OA_ENV_HEADER_MANY;
    if (!has_value || !is_token(item->name))
        return OA_ENV_HEADER_FORM;
    if (is_reserved(item->name))
        return OA_ENV_HEADER_RESERVED;
    return is_value(item->value) ? OA_ENV_HEADER_OK : OA_ENV_HEADER_VALUE;
}

/* Takes the next item that is not blank off the text; beyond the bound, all that is left. */
static struct item next_item(struct oa_slice *text, uint32_t number)
{
    struct oa_slice rest = oa_slice_item(text, ',');
    struct item item = { .number = number };

    if (rest.len == 0)
        return (struct item){ 0 };
    item.name = oa_slice_trim(oa_slice_next(&rest, '='));
    item.value = oa_slice_trim(rest);
    item.fault = judge(&item, rest.ptr != NULL);
    if (item.fault == OA_ENV_HEADER_MANY)
        text->len = 0;
    return item;
}

static bool comes_again(struct item item, struct oa_slice text)
{
    struct item later;

    for (uint32_t n = item.number + 1; (later = next_item(&text, n)).number; n++)
        if (later.fault == OA_ENV_HEADER_OK && oa_slice_ieq(later.name, item.name))
            return true;
    return false;
}

void oa_env_headers_parse(struct oa_slice text, char *scratch, oa_env_header_fn *fn, void *user)
{
    struct item item;

    for (uint32_t n = 1; (item = next_item(&text, n)).number; n++) {
        struct oa_slice name = { scratch, item.name.len }, value = { scratch + item.name.len, 0 };

        if (item.fault != OA_ENV_HEADER_OK || comes_again(item, text))
            continue;
        for (size_t i = 0; i < item.name.len; i++)
            *scratch++ = oa_ascii_lower(item.name.ptr[i]);
        while (item.value.len) {
            *scratch++ = oa_slice_decoded(&item.value);
            value.len++;
        }
        fn(user, name, value);
    }
}

struct oa_env_header_faults oa_env_headers_check(struct oa_slice text)
{
    struct oa_env_header_faults faults = { 0 };
    struct item item;

    for (uint32_t n = 1; (item = next_item(&text, n)).number; n++) {
        if (item.fault == OA_ENV_HEADER_OK)
            continue;
        if (faults.count++ == 0) {
            faults.first = item.fault;
            faults.first_item = n;
        }
    }
    return faults;
}
