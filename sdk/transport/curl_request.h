/* A request as libcurl wants it. */
#ifndef OA_SDK_TRANSPORT_CURL_REQUEST_H
#define OA_SDK_TRANSPORT_CURL_REQUEST_H

#include "sdk/transport/curl_api.h"
#include "sdk/transport/http.h"
#include "sdk/transport/resolve.h"

/* The caller's to free. NULL without memory. */
struct curl_slist *oa_curl_request_headers(const struct oa_curl_api *api, const struct oa_http_request *request);

/* One run of bytes, joined in the request's arena. ptr NULL without memory. */
struct oa_slice oa_curl_request_body(const struct oa_http_request *request);

/* The method with it, which stays where it is. */
void oa_curl_request_set(const struct oa_curl_api *api, CURL *easy, const struct oa_http_request *request,
                         struct oa_slice body);

/* For CURLOPT_RESOLVE: where the host of url is to be found. The caller's to free. NULL without memory. */
struct curl_slist *oa_curl_request_addresses(const struct oa_curl_api *api, const struct oa_url *url,
                                             const struct oa_resolved *resolved);

#endif
