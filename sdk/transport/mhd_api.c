#include "sdk/transport/mhd_api.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "preload/base/compiler.h"

static struct oa_mhd_api mhd_api;
static const char *mhd_error;
static bool mhd_tried;

static bool mhd_symbol(void *handle, const char *name, void *ret_pointer)
{
    void *symbol = dlsym(handle, name);

    memcpy(ret_pointer, &symbol, sizeof(symbol));
    return symbol != NULL;
}

/* Its own answer to a broken state is abort(): the program goes on, without this thread. */
static void mhd_panic(void *context, const char *file, unsigned line, const char *reason)
{
    (void)context;
    (void)file;
    (void)line;
    (void)reason;
    pthread_exit(NULL);
}

/* Not DEEPBIND: it frees what strdup() gave it, and libc's strdup() allocates with the program's malloc, if the
 * program has one. Its calls then pass through our hooks, which leave the thread that serves alone. */
static const char *mhd_load(void)
{
    void *handle = dlopen("libmicrohttpd.so.12", RTLD_NOW | RTLD_LOCAL);
    bool complete = true;

    if (!handle)
        return "that needs libmicrohttpd, which is not installed";
#define MHD(name) complete = mhd_symbol(handle, "MHD_" #name, &mhd_api.name) && complete;
#include "sdk/transport/mhd_api.def"
#undef MHD
    if (!complete)
        return "this libmicrohttpd is too old";
    mhd_api.set_panic_func(mhd_panic, NULL);
    return NULL;
}

const struct oa_mhd_api *oa_mhd_api_get(const char **ret_error)
{
    if (!mhd_tried)
        mhd_error = mhd_load();
    mhd_tried = true;
    *ret_error = mhd_error;
    return mhd_error ? NULL : &mhd_api;
}
