#include "preload/base/err.h"
#include "sdk/model/detector.h"

/* os-release(5): NAME=value, the value bare, or quoted with backslash escapes as in a shell. */
static struct oa_slice unquote(struct oa_arena *arena, struct oa_slice raw)
{
    char quote = raw.len >= 2 && (raw.ptr[0] == '"' || raw.ptr[0] == '\'') ? raw.ptr[0] : '\0';
    char *text = oa_arena_strndup(arena, raw.ptr, raw.len);
    size_t len = 0;

    if (!text)
        return OA_SLICE("");
    for (size_t i = quote ? 1 : 0; i < raw.len && (!quote || raw.ptr[i] != quote); i++) {
        if (raw.ptr[i] == '\\' && quote != '\'' && i + 1 < raw.len)
            i++;
        text[len++] = raw.ptr[i];
    }
    return (struct oa_slice){ text, len };
}

static struct oa_slice release_field(struct oa_arena *arena, struct oa_slice release, struct oa_slice name)
{
    while (release.len) {
        struct oa_slice line = oa_slice_trim(oa_slice_next(&release, '\n'));
        struct oa_slice key = oa_slice_next(&line, '=');

        if (oa_slice_eq(key, name))
            return unquote(arena, line);
    }
    return OA_SLICE("");
}

int oa_detect_os(struct oa_resource *resource, const struct oa_detect *detect)
{
    static const struct oa_slice rows[][2] = {
        { OA_SLICE("os.description"), OA_SLICE("PRETTY_NAME") },
        { OA_SLICE("os.name"), OA_SLICE("NAME") },
        { OA_SLICE("os.version"), OA_SLICE("VERSION_ID") },
    };
    struct oa_slice release = oa_system_file(&resource->arena, detect->root, "/etc/os-release");
    int err = oa_resource_set(resource, OA_SLICE("os.type"), OA_SLICE("linux"));

    if (!release.len)
        release = oa_system_file(&resource->arena, detect->root, "/usr/lib/os-release");
    for (size_t i = 0; i < OA_COUNT(rows) && err == 0; i++)
        err = oa_detect_set(resource, rows[i][0], release_field(&resource->arena, release, rows[i][1]));
    return err;
}
