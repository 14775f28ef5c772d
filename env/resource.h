/*
 * The text of OTEL_RESOURCE_ATTRIBUTES: key=value,key=value with percent escapes in both. All or
 * nothing (specification since 1.54): one bad item and no attribute of the text is used. Pure; the
 * only memory is what the caller lends. oa_env_load() has checked the variable and said what is
 * wrong, hence a text taken from struct oa_env always parses.
 *
 * Rules: items between commas, blank items skipped; blanks around keys and values dropped; exactly
 * one raw '=' per item; no empty key, empty values allowed; decoded text must be UTF-8 without zero
 * bytes; '+' is a plus sign.
 */
#ifndef OA_ENV_RESOURCE_H
#define OA_ENV_RESOURCE_H

#include "preload/base/compiler.h"
#include "preload/base/slice.h"

/* One decoded attribute; both slices point into the scratch memory. */
typedef void oa_env_attribute_fn(void *user, struct oa_slice key, struct oa_slice value);

/* 0 if the text is usable; else OA_EMALFORMED and *ret_bad is the first bad item. */
int oa_env_resource_check(struct oa_slice text, struct oa_slice *ret_bad) OA_MUST_CHECK;

/* Calls fn for each attribute in order, after all of them were checked; a later equal key replaces an
 * earlier one (the receiver's part). scratch has at least text.len bytes and keeps the decoded text.
 * OA_EMALFORMED: fn was not called. */
int oa_env_resource_parse(struct oa_slice text, char *scratch, oa_env_attribute_fn *fn, void *user) OA_MUST_CHECK;

#endif
