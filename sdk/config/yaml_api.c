#include "sdk/config/yaml_api.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

#ifndef RTLD_DEEPBIND /* musl */
#define RTLD_DEEPBIND 0
#endif

static struct oa_yaml_api api;

/* Data pointer to function pointer the way POSIX blesses (dlsym, rationale). */
static bool take(void *handle, const char *name, void *ret_pointer)
{
    void *symbol = dlsym(handle, name);

    memcpy(ret_pointer, &symbol, sizeof(symbol));
    return symbol != NULL;
}

const struct oa_yaml_api *oa_yaml_api_get(void)
{
    /* DEEPBIND as for libcurl: programs export names of libraries that they contain. */
    int flags = RTLD_NOW | RTLD_LOCAL | (dlsym(RTLD_DEFAULT, "__asan_init") ? 0 : RTLD_DEEPBIND);
    void *handle = dlopen("libyaml-0.so.2", flags);
    bool whole = handle != NULL;

    if (!handle)
        return NULL;
#define YAML(name) whole = take(handle, "yaml_" #name, &api.name) && whole;
#include "sdk/config/yaml_api.def"
#undef YAML
    return whole ? &api : NULL;
}
