/*
 * An http:// or https:// URL taken apart (RFC 3986), slices into the text. Strict where a mistake would
 * reach the wire: no blank or control character anywhere, a host, a port of digits. Pure.
 */
#ifndef OA_ENV_URL_H
#define OA_ENV_URL_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/base/compiler.h"
#include "preload/base/slice.h"

struct oa_url {
    bool https;
    struct oa_slice authority; /* user information, host and port as they stand */
    struct oa_slice userinfo;  /* without '@'; ptr NULL if absent */
    struct oa_slice host;      /* an IPv6 literal without its brackets */
    uint16_t port;             /* of the text, else 80 or 443 */
    struct oa_slice path;      /* "" or from '/' on, as it stands */
    struct oa_slice query;     /* from '?' on, as it stands; "" if absent */
    struct oa_slice fragment;  /* from '#' on, as it stands; "" if absent */
};

/* 0, or OA_EMALFORMED with *ret_url untouched. */
int oa_url_split(struct oa_slice text, struct oa_url *ret_url) OA_MUST_CHECK;

/* True for host[:port], the form that only gRPC targets have: no scheme, no path, no user. */
bool oa_url_is_target(struct oa_slice text);

#endif
