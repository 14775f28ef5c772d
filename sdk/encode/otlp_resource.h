/*
 * The Resource message of any OTLP request. Inside sdk/encode/ only.
 */
#ifndef OA_SDK_ENCODE_OTLP_RESOURCE_H
#define OA_SDK_ENCODE_OTLP_RESOURCE_H

#include "sdk/encode/otlp_attrs.h"
#include "sdk/encode/proto/resource.pb-c.h"
#include "sdk/model/resource.h"

/* Fills an initialised message; attrs and what is made in arena must outlive the packing. 0 or OA_ENOMEM. */
int oa_otlp_resource_fill(OaOtlp__Resource *message, const struct oa_resource *resource, struct oa_otlp_attrs *attrs,
                          struct oa_arena *arena) OA_MUST_CHECK;

#endif
