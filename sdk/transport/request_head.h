/*
 * The head of an HTTP/1.1 POST as one run of bytes. Values come from the user's environment and were
 * cleaned there (no CR, LF or NUL: env/headers.h).
 */
#ifndef OA_SDK_TRANSPORT_REQUEST_HEAD_H
#define OA_SDK_TRANSPORT_REQUEST_HEAD_H

#include "preload/base/compiler.h"
#include "sdk/transport/http.h"

/* 0 and the head in the request's arena, or OA_ENOMEM. */
int oa_http_request_head(const struct oa_url *url, const struct oa_http_request *request,
                         struct oa_slice *ret_head) OA_MUST_CHECK;

#endif
