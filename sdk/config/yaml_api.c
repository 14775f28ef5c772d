#include "sdk/config/yaml_api.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <string.h>

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
    /* Not DEEPBIND: it frees what strdup() gave it, and libc's strdup() allocates with the program's malloc, if the
     * program has one. Both must be the same one. */
    void *handle = dlopen("libyaml-0.so.2", RTLD_NOW | RTLD_LOCAL);
    bool whole = handle != NULL;

    if (!handle)
        return NULL;
#define YAML(name) whole = take(handle, "yaml_" #name, &api.name) && whole;
#include "sdk/config/yaml_api.def"
#undef YAML
    return whole ? &api : NULL;
}
