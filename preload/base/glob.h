/*
 * Patterns of the environment: `*` is any text, `?` any one byte, everything else is itself. Linear but for the
 * last star, no recursion, no allocation.
 */
#ifndef OA_GLOB_H
#define OA_GLOB_H

#include <stdbool.h>

#include "preload/base/slice.h"

/* The whole text. */
bool oa_glob_match(struct oa_slice pattern, struct oa_slice text);

/* Somewhere in it, as a regular expression is searched for, of which `.*`, `^` at the beginning and `$` at the
 * end are understood. */
bool oa_glob_search(struct oa_slice pattern, struct oa_slice text);

/* Does one item of a comma list match? Items are trimmed, empty ones match nothing. */
bool oa_glob_list(struct oa_slice list, struct oa_slice text, bool (*match)(struct oa_slice, struct oa_slice));

#endif
