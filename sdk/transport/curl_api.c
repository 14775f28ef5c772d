#include "sdk/transport/curl_api.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "preload/abi.h"
#include "preload/base/compiler.h"
#include "sdk/transport/deep.h"

#define OPENSSL_NO_ATEXIT_FLAG 0x00080000ull /* OPENSSL_INIT_NO_ATEXIT of openssl/crypto.h */

static struct oa_curl_api curl_api;
static enum { API_UNTRIED, API_READY, API_FAILED } curl_api_state;
static const char *curl_api_error;
static int (*openssl_init)(uint64_t opts, const void *settings); /* NULL: another TLS library */
static const char openssl_gone[] = "the program has shut OpenSSL down";

static void *curl_open(void)
{
    static const char *const names[] = { "libcurl.so.4", "libcurl-gnutls.so.4" };
    for (size_t i = 0; i < OA_COUNT(names); i++) {
        void *handle = oa_open_deep(names[i]);

        if (handle)
            return handle;
    }
    return NULL;
}

/* Data pointer to function pointer the way POSIX blesses (dlsym, rationale). */
static bool curl_symbol(void *handle, const char *name, void *ret_pointer)
{
    void *symbol = dlsym(handle, name);

    memcpy(ret_pointer, &symbol, sizeof(symbol));
    return symbol != NULL;
}

static char *host_strdup(const char *text)
{
    size_t bytes = strlen(text) + 1;
    char *copy = oa_host_malloc(bytes);

    return copy ? memcpy(copy, text, bytes) : NULL;
}

/* Initialises OpenSSL without its exit handler, if that is still to be done. It refuses once
 * OPENSSL_cleanup() has run: any other use of it would then be a crash. */
static bool openssl_alive(void)
{
    return !openssl_init || openssl_init(OPENSSL_NO_ATEXIT_FLAG, NULL) == 1;
}

/* OpenSSL 3.0 crashes at the first use of a default context that it had no memory for, and it makes it but once. */
static bool openssl_has_context(void *handle)
{
    void *(*get)(void) = NULL;

    return !curl_symbol(handle, "OSSL_LIB_CTX_get0_global_default", &get) || get() != NULL;
}

static const char *curl_load(void)
{
    void *handle = curl_open();
    bool complete = true;

    if (!handle)
        return "https needs libcurl, which is not installed";
#define CURL(name) complete = curl_symbol(handle, "curl_" #name, &curl_api.name) && complete;
#include "sdk/transport/curl_api.def"
#undef CURL
    (void)curl_symbol(handle, "curl_multi_wakeup", &curl_api.multi_wakeup);
    if (!complete)
        return "this libcurl is too old";
    (void)curl_symbol(handle, "OPENSSL_init_crypto", &openssl_init);
    if (!openssl_alive())
        return openssl_gone;
    if (!openssl_has_context(handle))
        return "OpenSSL has no memory";
    if (curl_api.global_init_mem(CURL_GLOBAL_DEFAULT, oa_host_malloc, oa_host_free, oa_host_realloc, host_strdup,
                                 oa_host_calloc) != CURLE_OK)
        return "libcurl does not start";
    return NULL;
}

const struct oa_curl_api *oa_curl_api_get(const char **ret_error)
{
    if (curl_api_state == API_UNTRIED) {
        curl_api_error = curl_load();
        curl_api_state = curl_api_error ? API_FAILED : API_READY;
    }
    *ret_error = curl_api_error;
    if (curl_api_state != API_READY)
        return NULL;
    if (!openssl_alive()) {
        *ret_error = openssl_gone;
        return NULL;
    }
    return &curl_api;
}
