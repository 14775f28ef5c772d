/*
 * struct oa_resource: who sends the telemetry, as a flat set of attributes with unique keys. Built
 * once per process (and anew in a forked child: its pid and service.instance.id differ), then only
 * read. Values are strings or integers, valid UTF-8 without zero bytes, terminated; the text lives
 * in the resource's own arena. Resources are exempt from attribute limits (specification, SDK).
 *
 * Priority, low to high: SDK defaults, detectors in the order of detectors.def, OTEL_ENTITIES,
 * OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME. A detector that cannot find out is silent.
 */
#ifndef OA_SDK_MODEL_RESOURCE_H
#define OA_SDK_MODEL_RESOURCE_H

#include <stdint.h>

#include "preload/base/arena.h"
#include "preload/base/slice.h"
#include "sdk/model/span_view.h"

#define OA_SCHEMA_URL "https://opentelemetry.io/schemas/1.44.0"
#define OA_SDK_NAME "libotel-auto"
#define OA_SDK_LANGUAGE "c"
#define OA_SDK_VERSION "0.1.0"
#define OA_RESOURCE_ATTRS_MAX 256u
#define OA_RESOURCE_ENTITIES_MAX 16u

struct oa_env;
struct oa_host;

/* Which attributes are an entity's; texts are terminated and live in the resource's arena. */
struct oa_entity_ref {
    const char *type;
    const char *schema_url; /* "": none */
    const char *const *id_keys;
    const char *const *description_keys;
    uint32_t id_count, description_count;
};

struct oa_resource {
    struct oa_arena arena;
    struct oa_attr_view *attrs;
    uint32_t attr_count;
    uint32_t attr_capacity;
    uint32_t attr_dropped;  /* of the environment's, over OA_RESOURCE_ATTRS_MAX */
    const char *schema_url; /* OA_SCHEMA_URL */
    struct oa_entity_ref entities[OA_RESOURCE_ENTITIES_MAX];
    uint32_t entity_count;
};

void oa_resource_init(struct oa_resource *resource);
void oa_resource_release(struct oa_resource *resource);

/* Fills an initialised resource. 0, or OA_ENOMEM: what was found stays, the caller may go on. */
int oa_resource_detect(struct oa_resource *resource, const struct oa_env *env,
                       const struct oa_host *host) OA_MUST_CHECK;

/* Set or overwrite; key and value are copied and repaired. 0, OA_EFULL, OA_ENOMEM, OA_EINVAL (empty key). */
int oa_resource_set(struct oa_resource *resource, struct oa_slice key, struct oa_slice value) OA_MUST_CHECK;
int oa_resource_set_int(struct oa_resource *resource, struct oa_slice key, int64_t value) OA_MUST_CHECK;

/* What the text of OTEL_ENTITIES says: attributes, and whose they are. 0 or OA_ENOMEM. */
int oa_resource_set_entities(struct oa_resource *resource, struct oa_slice text) OA_MUST_CHECK;

/* NULL if absent. */
const struct oa_attr_view *oa_resource_find(const struct oa_resource *resource, struct oa_slice key);

#endif
