#include "env/env.h"
#include "env/resource.h"
#include "preload/base/err.h"
#include "preload/base/glob.h"
#include "preload/base/log.h"
#include "sdk/model/detector.h"

static const struct {
    struct oa_slice name;
    oa_detect_fn *run;
} detectors[] = {
#define DETECTOR(id) { OA_SLICE(#id), oa_detect_##id },
#include "sdk/model/detectors.def"
#undef DETECTOR
};

/* The detectors that one word of the list stands for, a bit each; 0: none of that name. */
static uint32_t named(struct oa_slice word)
{
    if (oa_slice_ieq(word, OA_SLICE("all")) || oa_slice_eq(word, OA_SLICE("*")))
        return (1u << OA_COUNT(detectors)) - 1;
    for (size_t i = 0; i < OA_COUNT(detectors); i++)
        if (oa_slice_ieq(word, detectors[i].name))
            return 1u << i;
    return 0;
}

/* The one of the service (the first) always runs: nobody could tell two senders apart. */
static uint32_t chosen(const struct oa_env *env)
{
    struct oa_slice list = oa_slice_of(*env->resource_detectors ? env->resource_detectors : "all"), word;
    uint32_t bits = 1u;

    while ((word = oa_slice_item(&list, ',')).len) {
        uint32_t more = named(word);

        bits |= more;
        if (!more && !oa_slice_ieq(word, OA_SLICE("none")))
            oa_log(OA_LOG_WARN, "OTEL_EXPERIMENTAL_RESOURCE_DETECTORS: \"%.*s\" is no detector; skipped",
                   (int)(word.len < 64 ? word.len : 64), word.ptr);
    }
    return bits;
}

struct resource_from_env {
    struct oa_resource *resource;
    int err;
};

/* A key too many is counted and told to the receiver; the telemetry of the process is worth more than it. */
static void resource_take(void *user, struct oa_slice key, struct oa_slice value)
{
    struct resource_from_env *from = user;
    int err = from->err ? from->err : oa_resource_set(from->resource, key, value);

    if (err == OA_EFULL)
        from->resource->attr_dropped++;
    else
        from->err = err;
}

/* env.c has already discarded, with a message, a text that breaks the rules. An empty service.name would
 * leave the sender without a name: the default then stays. */
static int resource_from_env(struct oa_resource *resource, const struct oa_env *env)
{
    const struct oa_slice name_key = OA_SLICE("service.name"), text = oa_slice_of(env->resource_attributes);
    const struct oa_attr_view *name = oa_resource_find(resource, name_key);
    struct resource_from_env from = { .resource = resource };
    struct oa_slice guess = name ? name->str : OA_SLICE("unknown_service");
    char *scratch = oa_arena_alloc(&resource->arena, text.len);

    if (!scratch)
        return OA_ENOMEM;
    if (oa_env_resource_parse(text, scratch, resource_take, &from) == 0 && from.err < 0)
        return from.err;
    if (*env->service_name)
        return oa_resource_set(resource, name_key, oa_slice_of(env->service_name));
    name = oa_resource_find(resource, name_key);
    return name && name->str.len ? 0 : oa_resource_set(resource, name_key, guess);
}

static int resource_sdk(struct oa_resource *resource)
{
    static const struct oa_slice rows[][2] = {
        { OA_SLICE("telemetry.sdk.language"), OA_SLICE(OA_SDK_LANGUAGE) },
        { OA_SLICE("telemetry.sdk.name"), OA_SLICE(OA_SDK_NAME) },
        { OA_SLICE("telemetry.sdk.version"), OA_SLICE(OA_SDK_VERSION) },
        { OA_SLICE("telemetry.distro.name"), OA_SLICE(OA_SDK_NAME) },
        { OA_SLICE("telemetry.distro.version"), OA_SLICE(OA_SDK_VERSION) },
    };
    int err = 0;

    for (size_t i = 0; i < OA_COUNT(rows) && err == 0; i++)
        err = oa_resource_set(resource, rows[i][0], rows[i][1]);
    return err;
}

/* What detectors found, beginning with the one at first, without what nobody wants. */
static void leave_out(struct oa_resource *resource, uint32_t first, struct oa_slice unwanted)
{
    uint32_t kept = first;

    for (uint32_t i = first; i < resource->attr_count; i++)
        if (oa_slice_eq(resource->attrs[i].key, OA_SLICE("service.name")) ||
            !oa_glob_list(unwanted, resource->attrs[i].key, oa_glob_match))
            resource->attrs[kept++] = resource->attrs[i];
    resource->attr_count = kept;
}

int oa_resource_detect(struct oa_resource *resource, const struct oa_env *env, const struct oa_host *host)
{
    const struct oa_detect detect = { .host = host, .root = "" };
    int err = resource_sdk(resource), worst = err;
    uint32_t wanted = chosen(env), first = resource->attr_count;

    for (size_t i = 0; i < OA_COUNT(detectors); i++) {
        if (!(wanted >> i & 1))
            continue;
        err = detectors[i].run(resource, &detect);
        worst = err < 0 ? err : worst;
    }
    leave_out(resource, first, oa_slice_of(env->resource_disabled_keys));
    err = oa_resource_set_entities(resource, oa_slice_of(env->entities));
    worst = err < 0 ? err : worst;
    err = resource_from_env(resource, env);
    return err < 0 ? err : worst;
}
