/*
 * libmicrohttpd, opened by name when metrics are to be scraped: nobody else pays for it. Function pointers take
 * their types from its own header. Loaded once per process image and never unloaded.
 */
#ifndef OA_SDK_TRANSPORT_MHD_API_H
#define OA_SDK_TRANSPORT_MHD_API_H

#include <microhttpd.h>

struct oa_mhd_api {
#define MHD(name) __typeof__(&MHD_##name) name;
#include "sdk/transport/mhd_api.def"
#undef MHD
};

/* NULL and *ret_error (static text) if it cannot be used. Cheap after the first call. */
const struct oa_mhd_api *oa_mhd_api_get(const char **ret_error);

#endif
