/*
 * Opening a library so that it meets the libraries that it was built for, not what the host's executable exports
 * under the same names (node does, for OpenSSL and zlib). The runtimes of sanitizers end the process at that flag.
 */
#ifndef OA_SDK_TRANSPORT_DEEP_H
#define OA_SDK_TRANSPORT_DEEP_H

#include <dlfcn.h>

#include "preload/base/compiler.h"

#ifndef RTLD_DEEPBIND /* musl */
#define RTLD_DEEPBIND 0
#endif

static inline void *oa_open_deep(const char *name)
{
    static const char *const marks[] = { "__asan_init", "__tsan_init", "__msan_init" };
    int deep = RTLD_DEEPBIND;

    for (size_t i = 0; i < OA_COUNT(marks); i++)
        if (dlsym(RTLD_DEFAULT, marks[i]))
            deep = 0;
    return dlopen(name, RTLD_NOW | RTLD_LOCAL | deep);
}

#endif
