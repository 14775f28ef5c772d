/* The lines that oa_env_load() writes. Cold: nothing here runs for a correct environment. */
#include "env/entities.h"
#include "env/headers.h"
#include "env/load.h"
#include "env/otlp.h"
#include "env/peers.h"
#include "env/resource.h"
#include "preload/base/err.h"
#include "preload/base/limits.h"
#include "preload/base/log.h"

#include <stdio.h>

#define SHOWN_MAX 64  /* bytes of a value in a message */
#define WORDS_MAX 192 /* bytes of "one of a, b, c" */

struct shown {
    char text[SHOWN_MAX + sizeof("\"...\"")];
};

/* In quotes, cut, on one line, plain ASCII. */
static struct shown quote(struct oa_slice value)
{
    struct shown shown;
    size_t n = value.len < SHOWN_MAX ? value.len : SHOWN_MAX, at = 0;

    shown.text[at++] = '"';
    for (size_t i = 0; i < n; i++)
        shown.text[at++] = value.ptr[i] >= ' ' && value.ptr[i] < 0x7f ? value.ptr[i] : '?';
    if (n < value.len) {
        memcpy(shown.text + at, "...", 3);
        at += 3;
    }
    shown.text[at++] = '"';
    shown.text[at] = '\0';
    return shown;
}

/* A value, or a word for it where it may hold secrets. */
static struct shown show_value(const struct oa_env_var *var, const char *raw)
{
    struct oa_slice value = oa_slice_of(raw);

    if (!oa_env_may_show(var, value))
        return (struct shown){ "the value" };
    return quote(var->type == OA_ENV_TYPE_BOOL ? value : oa_slice_trim(value));
}

static void expected(const struct oa_env_var *var, char *buf, size_t cap)
{
    const char *unit = var->type == OA_ENV_TYPE_U32 ? "" : " of milliseconds";
    int n;

    switch ((enum oa_env_type)var->type) {
    case OA_ENV_TYPE_BOOL:
        snprintf(buf, cap, "a boolean (true or false)");
        return;
    case OA_ENV_TYPE_ENUM:
    case OA_ENV_TYPE_LIST:
        n = snprintf(buf, cap, "one of %s", var->type == OA_ENV_TYPE_LIST ? "none, " : "");
        oa_words_join(oa_words_get((enum oa_words_id)var->words), buf + n, cap - (size_t)n);
        return;
    default:
        n = snprintf(buf, cap, "an integer%s", unit);
        if (var->min)
            snprintf(buf + n, cap - (size_t)n, " of at least %u", var->min);
        if (var->max)
            snprintf(buf + n, cap - (size_t)n, " of at most %u", var->max);
        return;
    }
}

/* "Unset" is the default of the per-signal rows: the general variable applies then, which may be set. */
static bool has_default(const struct oa_env_var *var)
{
    const char *field = (const char *)&oa_env_defaults + var->offset;

    switch ((enum oa_env_type)var->type) {
    case OA_ENV_TYPE_U32:
    case OA_ENV_TYPE_MS:
    case OA_ENV_TYPE_TIMEOUT:
        return *(const uint32_t *)field != OA_ENV_UNSET;
    case OA_ENV_TYPE_ENUM:
        return *oa_words_name(oa_words_get((enum oa_words_id)var->words), *(const uint8_t *)field) != '\0';
    default:
        return true;
    }
}

static void say_value(const struct oa_env_var *var, const char *raw)
{
    char what[WORDS_MAX];

    expected(var, what, sizeof(what));
    oa_log(OA_LOG_WARN, "%s: %s is not %s; %s", var->name, show_value(var, raw).text, what,
           has_default(var) ? "using default" : "ignored");
}

static void say_skipped(const struct oa_env_var *var, const char *raw)
{
    struct oa_env_list list;
    struct oa_list_faults faults;
    char what[WORDS_MAX], more[sizeof(" (and 4294967295 more)")] = "";

    if (oa_parse_list(oa_words_get((enum oa_words_id)var->words), oa_slice_of(raw), &list, &faults) != OA_OK)
        return;
    expected(var, what, sizeof(what));
    if (faults.unknown > 1)
        snprintf(more, sizeof(more), " (and %u more)", faults.unknown - 1);
    oa_log(OA_LOG_WARN, "%s: %s%s is not %s; skipped", var->name, quote(faults.first).text, more, what);
}

static void say_headers(const struct oa_env_var *var, const char *raw)
{
    static const char *const what[] = {
        [OA_ENV_HEADER_OK] = "",
        [OA_ENV_HEADER_FORM] = "is not name=value",
        [OA_ENV_HEADER_VALUE] = "has a control character in its value",
        [OA_ENV_HEADER_RESERVED] = "is a header that the exporter sets itself",
        [OA_ENV_HEADER_MANY] = "is one too many",
    };
    struct oa_env_header_faults faults = oa_env_headers_check(oa_slice_of(raw));

    oa_log(OA_LOG_WARN, "%s: item %u %s; skipped (%u skipped in all)", var->name, faults.first_item,
           what[faults.first], faults.count);
}

static void say_resource(const struct oa_env_var *var, const char *raw)
{
    struct oa_slice bad;

    if (oa_env_resource_check(oa_slice_of(raw), &bad) != OA_OK)
        oa_log(OA_LOG_WARN, "%s: %s is not key=value in percent-encoded UTF-8; the whole variable is ignored",
               var->name, quote(bad).text);
}

static void say_peers(const struct oa_env_var *var, const char *raw)
{
    struct oa_slice rest = oa_slice_of(raw), bad = { NULL, 0 };
    struct oa_env_peer peer;

    while (oa_env_peer_next(&rest, &peer, &bad))
        ;
    oa_log(OA_LOG_WARN, "%s: %s is not host[:port][/path]=name; skipped", var->name, quote(bad).text);
}

static void say_entities(const struct oa_env_var *var, const char *raw)
{
    struct oa_slice rest = oa_slice_of(raw), bad = { NULL, 0 };
    struct oa_env_entity entity;

    while (oa_env_entity_next(&rest, &entity, &bad))
        ;
    oa_log(OA_LOG_WARN, "%s: %s is malformed, or replaced by a later one of its type; skipped", var->name,
           quote(bad).text);
}

static void say_port(const struct oa_env_var *var, uint8_t protocol)
{
    bool grpc = protocol == OA_ENV_PROTOCOL_GRPC;

    oa_log(OA_LOG_WARN, "%s: port %s is usual for %s, the protocol is %s; used as it stands", var->name,
           grpc ? "4318" : "4317", grpc ? "http/protobuf" : "grpc",
           oa_words_name(oa_words_get(OA_WORDS_protocol), protocol));
}

/* Faults that are said in the same words whatever the value. */
static const char *const plain[OA_ENV_FAULT_COUNT] = {
    [OA_ENV_FAULT_UTF8] = "is not UTF-8; ignored",
    [OA_ENV_FAULT_ENDPOINT] = "is not an http:// or https:// URL; ignored",
    [OA_ENV_FAULT_RATIO] = "is not a ratio from 0 to 1; using default",
    [OA_ENV_FAULT_JAEGER] = "is not a list of endpoint=, pollingIntervalMs= and initialSamplingRate=; using default",
    [OA_ENV_FAULT_LONELY] = "is for plug-ins, and OTEL_TRACES_EXPORTER names none; ignored",
    [OA_ENV_FAULT_MIXED] = "has none among other words; using none",
};

void oa_env_message(const struct oa_env_load *load, enum oa_env_row row)
{
    const struct oa_env_var *var = &oa_env_vars[row];
    const char *raw = load->raw[row];
    const struct oa_env *env = load->env;

    if (plain[load->fault[row]]) {
        oa_log(OA_LOG_WARN, "%s: %s %s", var->name, show_value(var, raw).text, plain[load->fault[row]]);
        return;
    }
    switch ((enum oa_env_fault)load->fault[row]) {
    case OA_ENV_FAULT_NONE:
        return;
    case OA_ENV_FAULT_VALUE:
        say_value(var, raw);
        return;
    case OA_ENV_FAULT_ROOM:
        oa_log(OA_LOG_WARN, "%s: no room for %zu bytes (%u for all variables together); ignored", var->name,
               strlen(raw), OA_ENV_TEXT);
        return;
    case OA_ENV_FAULT_RESOURCE:
        say_resource(var, raw);
        return;
    case OA_ENV_FAULT_BATCH:
        oa_log(OA_LOG_WARN, "%s: %s is more than the queue holds; using %u", var->name, show_value(var, raw).text,
               *(const uint32_t *)((const char *)env + var->offset));
        return;
    case OA_ENV_FAULT_SKIPPED:
        say_skipped(var, raw);
        return;
    case OA_ENV_FAULT_HEADERS:
        say_headers(var, raw);
        return;
    case OA_ENV_FAULT_REMOTE:
        oa_log(OA_LOG_WARN,
               "%s: %s: its server is not asked for rules; keeping one trace a second and 5 %% of the others",
               var->name, show_value(var, raw).text);
        return;
    case OA_ENV_FAULT_BESIDE:
        oa_log(OA_LOG_INFO, "%s: for OTLP, %s decides", var->name,
               oa_env_vars[OA_ENV_ROW_otlp_metrics_temporality].name);
        return;
    case OA_ENV_FAULT_ENTITIES:
        say_entities(var, raw);
        return;
    case OA_ENV_FAULT_PEERS:
        say_peers(var, raw);
        return;
    case OA_ENV_FAULT_PORT:
        say_port(var, oa_otlp_endpoint_protocol(env, row));
        return;
    default:
        return;
    }
}
