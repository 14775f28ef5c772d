#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "sdk/model/detector.h"

#define SYSTEM_FILE_BYTES_FIRST 4096u
#define SYSTEM_PATH_BYTES 512u /* our own constants behind the root of a test */

/* Files below /proc tell no size: read until nothing comes. */
static struct oa_slice system_file_read(struct oa_arena *arena, int fd)
{
    size_t bytes = SYSTEM_FILE_BYTES_FIRST, len = 0;
    char *text = oa_arena_alloc(arena, bytes);
    ssize_t got = 1;

    while (text && got > 0 && len + 1 < OA_SYSTEM_FILE_MAX) {
        if (len + 1 == bytes) {
            text = oa_arena_grow(arena, text, bytes, bytes * 2);
            bytes *= 2;
            continue;
        }
        do
            got = read(fd, text + len, bytes - 1 - len);
        while (got < 0 && errno == EINTR);
        if (got > 0)
            len += (size_t)got;
    }
    if (!text)
        return OA_SLICE("");
    text[len] = '\0';
    oa_arena_shrink(arena, text, bytes, len + 1);
    return (struct oa_slice){ text, len };
}

struct oa_slice oa_system_file(struct oa_arena *arena, const char *root, const char *path)
{
    struct oa_slice text = OA_SLICE("");
    char full[SYSTEM_PATH_BYTES];
    int len = snprintf(full, sizeof(full), "%s%s", root, path), fd;

    if (len < 0 || (size_t)len >= sizeof(full))
        return text;
    fd = open(full, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return text;
    text = system_file_read(arena, fd);
    close(fd);
    return text;
}

int oa_detect_set(struct oa_resource *resource, struct oa_slice key, struct oa_slice value)
{
    return value.len ? oa_resource_set(resource, key, value) : 0;
}
