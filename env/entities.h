/*
 * The text of OTEL_ENTITIES: "type{id=value,...}[description=value,...]@schema_url;...", values percent-encoded
 * (specification, entities, in development). Part by part: a malformed one is passed over, the others count. Of
 * several of one type the last one counts. Pure; slices point into the text.
 */
#ifndef OA_ENV_ENTITIES_H
#define OA_ENV_ENTITIES_H

#include <stdbool.h>

#include "preload/base/slice.h"

struct oa_env_entity {
    struct oa_slice type;
    struct oa_slice ids;         /* at least one pair */
    struct oa_slice description; /* pairs, perhaps none */
    struct oa_slice schema_url;  /* empty: none, or none that is a URL */
};

/* The next entity that counts; false at the end. What is passed over, or replaced by a later one, goes into *ret_bad
 * if that is not NULL and still empty. */
bool oa_env_entity_next(struct oa_slice *text, struct oa_env_entity *ret_entity, struct oa_slice *ret_bad);

/* The next pair of ids or description; the value is still encoded. False at the end. */
bool oa_env_entity_pair(struct oa_slice *pairs, struct oa_slice *ret_key, struct oa_slice *ret_value);

#endif
