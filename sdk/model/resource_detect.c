#include "env/env.h"
#include "env/resource.h"
#include "preload/base/err.h"
#include "sdk/model/detector.h"

static oa_detect_fn *const detectors[] = {
#define DETECTOR(id) oa_detect_##id,
#include "sdk/model/detectors.def"
#undef DETECTOR
};

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

int oa_resource_detect(struct oa_resource *resource, const struct oa_env *env, const struct oa_host *host)
{
    const struct oa_detect detect = { .host = host, .root = "" };
    int err = resource_sdk(resource), worst = err;

    for (size_t i = 0; i < OA_COUNT(detectors); i++) {
        err = detectors[i](resource, &detect);
        worst = err < 0 ? err : worst;
    }
    err = oa_resource_set_entities(resource, oa_slice_of(env->entities));
    worst = err < 0 ? err : worst;
    err = resource_from_env(resource, env);
    return err < 0 ? err : worst;
}
