#include "tests/support/span_record.h"

#include <stdlib.h>
#include <string.h>

static void record_put(struct oa_test_record *record, const void *bytes, size_t len)
{
    uint32_t used = record->head.head.used;

    if (len > sizeof(record->bytes) - used)
        abort();
    if (len)
        memcpy(record->bytes + used, bytes, len);
    record->head.head.used = used + (uint32_t)len;
}

static void record_pad(struct oa_test_record *record)
{
    static const char zero[8];

    record_put(record, zero, (8 - record->head.head.used % 8) % 8);
    record->head.head.size = record->head.head.used;
}

void oa_test_record_init(struct oa_test_record *record, const char *name, const char *tracestate)
{
    struct oa_record_span *head = &record->head;

    memset(record, 0, sizeof(*record));
    head->head.state = OA_RECORD_READY;
    head->head.type = OA_RECORD_SPAN;
    head->head.scope = OA_SCOPE_HTTP;
    head->head.used = sizeof(*head);
    for (uint8_t i = 0; i < sizeof(head->trace_id); i++)
        head->trace_id[i] = (uint8_t)(i + 1);
    for (uint8_t i = 0; i < sizeof(head->span_id); i++)
        head->span_id[i] = (uint8_t)(0xa1 + i);
    head->start_unix_ns = 1700000000000000000u;
    head->end_unix_ns = head->start_unix_ns + 12345678;
    head->kind = OA_SPAN_CLIENT;
    head->flags = 3;
    head->pid = 42;
    head->name_len = (uint16_t)strlen(name);
    head->tracestate_len = (uint16_t)strlen(tracestate);
    record_put(record, name, strlen(name));
    record_put(record, tracestate, strlen(tracestate));
    record_pad(record);
}

void oa_test_record_attr(struct oa_test_record *record, struct oa_record_attr head, const char *name,
                         const void *value)
{
    record_put(record, &head, sizeof(head));
    record_put(record, name, head.name_len);
    record_pad(record);
    record_put(record, value, head.len);
    record_pad(record);
    record->head.attr_count++;
}

void oa_test_record_str(struct oa_test_record *record, enum oa_key key, struct oa_slice value)
{
    oa_test_record_attr(record, (struct oa_record_attr){ (uint16_t)key, OA_ATTR_STR, 0, (uint32_t)value.len }, "",
                        value.ptr);
}

void oa_test_record_int(struct oa_test_record *record, enum oa_key key, int64_t value)
{
    oa_test_record_attr(record, (struct oa_record_attr){ (uint16_t)key, OA_ATTR_INT, 0, sizeof(value) }, "", &value);
}

void oa_test_record_arr(struct oa_test_record *record, enum oa_key key, const char *const *items, size_t count)
{
    char value[1024];
    uint32_t used = 0;

    for (size_t i = 0; i < count; i++) {
        uint32_t len = (uint32_t)strlen(items[i]);

        if (used + sizeof(len) + len > sizeof(value))
            abort();
        memcpy(value + used, &len, sizeof(len));
        memcpy(value + used + sizeof(len), items[i], len);
        used += (uint32_t)sizeof(len) + len;
    }
    oa_test_record_attr(record, (struct oa_record_attr){ (uint16_t)key, OA_ATTR_ARR, 0, used }, "", value);
}

static void record_open(struct oa_test_record *record, uint8_t type, const void *head, size_t head_len,
                        const char *text)
{
    struct oa_record_attr attr = { .type = type };

    record->open_at = record->head.head.used;
    record->open_count = record->head.attr_count;
    record_put(record, &attr, sizeof(attr));
    record_put(record, head, head_len);
    record_put(record, text, strlen(text));
    record_pad(record);
}

void oa_test_record_event(struct oa_test_record *record, uint64_t unix_ns, const char *name)
{
    struct oa_record_event head = { .unix_ns = unix_ns, .text_len = (uint16_t)strlen(name) };

    record_open(record, OA_ATTR_EVENT, &head, sizeof(head), name);
}

void oa_test_record_link(struct oa_test_record *record, uint8_t trace, uint8_t span, const char *tracestate)
{
    struct oa_record_link head = { .flags = 1, .remote = 1, .text_len = (uint16_t)strlen(tracestate) };

    memset(head.trace_id, trace, sizeof(head.trace_id));
    memset(head.span_id, span, sizeof(head.span_id));
    record_open(record, OA_ATTR_LINK, &head, sizeof(head), tracestate);
}

void oa_test_record_close(struct oa_test_record *record)
{
    char *at = record->bytes + record->open_at, *head = at + sizeof(struct oa_record_attr);
    uint16_t own = (uint16_t)(record->head.attr_count - record->open_count);
    uint32_t len = record->head.head.used - record->open_at - (uint32_t)sizeof(struct oa_record_attr);

    if (at[2] == OA_ATTR_EVENT)
        memcpy(head + 8, &own, sizeof(own));
    else
        memcpy(head + 26, &own, sizeof(own));
    memcpy(at + 4, &len, sizeof(len));
    record->head.attr_count = (uint16_t)(record->open_count + 1);
}
