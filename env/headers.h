/*
 * The text of OTEL_EXPORTER_OTLP_HEADERS: name=value,name=value, values percent-encoded. Bad items are
 * skipped one by one, the rest is used. Pure; the only memory is what the caller lends. What was
 * skipped is said by oa_env_load(), never with a value in the message: these are secrets.
 *
 * Rules: blank items skipped; split at the first '='; the name is a token (RFC 9110 5.6.2) and is
 * lowered; blanks around dropped; ';' and inner spaces belong to the value; '+' is a plus sign; a
 * broken escape stays as it is; no control character but HTAB may come out; names that describe the
 * request itself are refused; of equal names the last one wins.
 */
#ifndef OA_ENV_HEADERS_H
#define OA_ENV_HEADERS_H

#include <stdint.h>

#include "preload/base/slice.h"

#define OA_ENV_HEADERS_MAX 64u /* items looked at */

enum oa_env_header_fault {
    OA_ENV_HEADER_OK,
    OA_ENV_HEADER_FORM,     /* no '=', or the name is not a token */
    OA_ENV_HEADER_VALUE,    /* a control character in the value */
    OA_ENV_HEADER_RESERVED, /* a header that the exporter sets itself */
    OA_ENV_HEADER_MANY,     /* beyond OA_ENV_HEADERS_MAX */
};

struct oa_env_header_faults {
    uint32_t count;                 /* items skipped; what stands beyond the bound counts as one */
    uint32_t first_item;            /* number of the first of them, from 1 */
    enum oa_env_header_fault first; /* what is wrong with it */
};

typedef void oa_env_header_fn(void *user, struct oa_slice name, struct oa_slice value);

/* Calls fn for each usable header in the order of the text, each name once. Both slices point into
 * scratch, which has at least text.len bytes and keeps them. */
void oa_env_headers_parse(struct oa_slice text, char *scratch, oa_env_header_fn *fn, void *user);

/* What the parser above skips. */
struct oa_env_header_faults oa_env_headers_check(struct oa_slice text);

#endif
