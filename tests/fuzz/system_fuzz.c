/* SOURCES: sdk/model/detect_container.c sdk/model/detect_os.c sdk/model/detect_host.c sdk/model/detect_process.c
 * sdk/model/resource.c sdk/model/utf8.c sdk/model/iso_time.c sdk/elf/own_build_id.c preload/base/arena.c
 * preload/base/hex.c */
/*
 * The input is every file of the system that the detectors read, up to the first byte 0x01 the one behind /proc and
 * from there on the one behind /etc. Properties: ids are ids, a text that is found stands in its file, texts are
 * valid UTF-8 without zero bytes, no key comes twice.
 */
#include <stdint.h>
#include <string.h>

#include "preload/abi.h"
#include "sdk/model/detector.h"
#include "tests/fuzz/must.h"

static struct oa_slice proc, etc;

/* The reader of files is not what is tried: it gives a terminated copy in the arena. */
struct oa_slice oa_system_file(struct oa_arena *arena, const char *root, const char *path)
{
    struct oa_slice text = strncmp(path, "/proc/", 6) == 0 ? proc : etc;
    char *copy = oa_arena_strndup(arena, text.len ? text.ptr : "", text.len);

    (void)root;
    return copy ? (struct oa_slice){ copy, text.len } : OA_SLICE("");
}

int oa_detect_set(struct oa_resource *resource, struct oa_slice key, struct oa_slice value)
{
    return value.len ? oa_resource_set(resource, key, value) : 0;
}

static bool is_in(struct oa_slice text, struct oa_slice file)
{
    return file.len >= text.len && memmem(file.ptr, file.len, text.ptr, text.len) != NULL;
}

static void check_id(const struct oa_resource *resource, struct oa_slice key, size_t digits, struct oa_slice file)
{
    const struct oa_attr_view *id = oa_resource_find(resource, key);

    if (!id)
        return;
    must(id->str.len == digits && is_in(id->str, file));
    must(strspn(id->str.ptr, "0123456789abcdef") == digits);
}

static void check_texts(const struct oa_resource *resource)
{
    for (uint32_t i = 0; i < resource->attr_count; i++) {
        const struct oa_attr_view *attr = &resource->attrs[i];

        for (uint32_t before = 0; before < i; before++)
            must(!oa_slice_eq(resource->attrs[before].key, attr->key));
        if (attr->type != OA_ATTR_STR)
            continue;
        must(!memchr(attr->str.ptr, '\0', attr->str.len) && attr->str.ptr[attr->str.len] == '\0');
        must_be_text(attr->str);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct oa_host host = { .exe_path = "/usr/bin/program (deleted)", .process_start_unix_ns = 1 };
    const struct oa_detect from = { .host = &host, .root = "" };
    struct oa_slice rest = { (const char *)data, size };
    struct oa_resource resource;
    int err;

    if (size > 65536)
        return 0;
    proc = oa_slice_next(&rest, 1);
    etc = rest;
    oa_resource_init(&resource);
    err = oa_detect_container(&resource, &from);
    if (err == 0)
        err = oa_detect_host(&resource, &from);
    if (err == 0)
        err = oa_detect_os(&resource, &from);
    if (err == 0)
        err = oa_detect_process(&resource, &from);
    check_id(&resource, OA_SLICE("container.id"), 64, proc);
    check_id(&resource, OA_SLICE("host.id"), 32, etc);
    check_texts(&resource);
    oa_resource_release(&resource);
    return 0;
}
