/* SOURCES: sdk/model/detect_container.c sdk/model/detect_os.c sdk/model/detect_host.c sdk/model/detect_process.c
 * sdk/model/detect_service.c sdk/model/script_name.c sdk/model/resource.c sdk/model/resource_detect.c
 * sdk/model/resource_entities.c sdk/model/utf8.c sdk/model/iso_time.c sdk/elf/own_build_id.c preload/base/arena.c
 * preload/base/glob.c preload/base/hex.c preload/base/log.c preload/base/rng.c env/env.c env/entities.c env/rules.c
 * env/sampler_arg.c env/message.c env/table.c env/words.c env/parse.c env/peers.c env/text.c env/url.c env/otlp.c
 * env/unix_target.c env/resource.c env/headers.c */
/*
 * The input is what the environment says of the resource: attributes, entities, detectors and the service's name,
 * each up to a line end. Properties: keys are unique, texts are valid UTF-8 without zero bytes, the service has a
 * name, and what an entity names is an attribute.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "env/env.h"
#include "preload/abi.h"
#include "sdk/model/detector.h"
#include "tests/fuzz/must.h"

#define PARTS 4

static char quiet[] = "OTEL_AUTO_LOG=/dev/null";

/* No file can be read. */
struct oa_slice oa_system_file(struct oa_arena *arena, const char *root, const char *path)
{
    (void)arena, (void)root, (void)path;
    return OA_SLICE("");
}

int oa_detect_set(struct oa_resource *resource, struct oa_slice key, struct oa_slice value)
{
    return value.len ? oa_resource_set(resource, key, value) : 0;
}

static void check_attrs(const struct oa_resource *resource)
{
    must(resource->attr_count <= OA_RESOURCE_ATTRS_MAX);
    for (uint32_t i = 0; i < resource->attr_count; i++) {
        const struct oa_attr_view *attr = &resource->attrs[i];

        must(oa_resource_find(resource, attr->key) == attr && attr->key.len);
        if (attr->type != OA_ATTR_STR)
            continue;
        must(!memchr(attr->str.ptr, '\0', attr->str.len) && attr->str.ptr[attr->str.len] == '\0');
        must_be_text(attr->str);
    }
}

static void check_keys(const struct oa_resource *resource, const char *const *keys, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        must(oa_resource_find(resource, oa_slice_of(keys[i])) != NULL);
}

static void check_entities(const struct oa_resource *resource)
{
    must(resource->entity_count <= OA_RESOURCE_ENTITIES_MAX);
    for (uint32_t i = 0; i < resource->entity_count; i++) {
        const struct oa_entity_ref *entity = &resource->entities[i];

        must(*entity->type && entity->schema_url);
        check_keys(resource, entity->id_keys, entity->id_count);
        check_keys(resource, entity->description_keys, entity->description_count);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[PARTS] = { "OTEL_RESOURCE_ATTRIBUTES", "OTEL_ENTITIES",
                                              "OTEL_EXPERIMENTAL_RESOURCE_DETECTORS", "OTEL_SERVICE_NAME" };
    static char texts[PARTS][8192];
    const struct oa_host host = { .exe_path = "/bin/program", .service_guess = "program" };
    struct oa_slice rest = { (const char *)data, size };
    char *envp[PARTS + 2] = { quiet };
    struct oa_resource resource;

    for (int i = 0; i < PARTS; i++) {
        struct oa_slice part = oa_slice_next(&rest, '\n');

        snprintf(texts[i], sizeof(texts[i]), "%s=%.*s", names[i], (int)part.len, part.len ? part.ptr : "");
        envp[i + 1] = texts[i];
    }
    oa_env_load(envp);
    oa_resource_init(&resource);
    must(oa_resource_detect(&resource, oa_env(), &host) == 0);
    must(oa_resource_find(&resource, OA_SLICE("service.name"))->str.len > 0);
    check_attrs(&resource);
    check_entities(&resource);
    oa_resource_release(&resource);
    return 0;
}
