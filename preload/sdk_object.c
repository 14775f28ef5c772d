#include "preload/sdk_object.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "preload/base/limits.h"
#include "preload/base/log.h"
#include "preload/real.h"

/* Is a sanitizer runtime in the process? It refuses RTLD_DEEPBIND. */
static bool sanitized(void)
{
    static const char *const marks[] = { "__asan_init", "__tsan_init", "__msan_init" };

    for (size_t i = 0; i < OA_COUNT(marks); i++)
        if (dlsym(RTLD_DEFAULT, marks[i]))
            return true;
    return false;
}

void *oa_sdk_object_open(void)
{
    static const char name[] = "libotel-auto-sdk.so";
    char path[PATH_MAX];
    const char *slash;
    Dl_info info;
    size_t dir;
    void *handle;

    if (!dladdr((void *)oa_sdk_object_open, &info) || !info.dli_fname)
        return NULL;
    slash = strrchr(info.dli_fname, '/');
    dir = slash ? (size_t)(slash - info.dli_fname) + 1 : 0;
    if (dir + sizeof(name) > sizeof(path))
        return NULL;
    memcpy(path, info.dli_fname, dir);
    memcpy(path + dir, name, sizeof(name));
    handle = OA_REAL(dlopen)(path, RTLD_NOW | RTLD_LOCAL | (sanitized() ? 0 : RTLD_DEEPBIND));
    if (!handle)
        oa_log(OA_LOG_ERROR, "cannot open %s: %s; continuing without telemetry", path, dlerror());
    return handle;
}
