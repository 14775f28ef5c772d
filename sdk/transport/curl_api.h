/*
 * libcurl, opened by name when an https:// exporter is made: a process that exports to http:// never
 * pays its 5 ms and 8 MiB. Function pointers take their types from curl's own header.
 *
 * Loaded once per process image and never unloaded; no curl_global_cleanup, and OpenSSL is told not
 * to register exit handlers: they would pull the floor away under an export (preload-craft 5). Where
 * the program had initialised OpenSSL before, its handler exists; the host side registers its own
 * after oa_sdk.start(), so that the last export comes first.
 */
#ifndef OA_SDK_TRANSPORT_CURL_API_H
#define OA_SDK_TRANSPORT_CURL_API_H

#include <curl/curl.h>

/* Members lose the prefix: curl.h defines macros of the full names. */
struct oa_curl_api {
#define CURL(name) __typeof__(&curl_##name) name;
#include "sdk/transport/curl_api.def"
#undef CURL
    __typeof__(&curl_multi_wakeup) multi_wakeup; /* NULL before 7.68 */
};

/* NULL and *ret_error (static text) if libcurl cannot be used in this process, or not any more: exit
 * handlers of the program may have shut OpenSSL down. Cheap after the first call. */
const struct oa_curl_api *oa_curl_api_get(const char **ret_error);

#endif
