/*
 * http.route for programs whose framework we do not know: the request path with everything that
 * looks like an identifier replaced by "*", so that few different values remain. Pure; any thread;
 * no memory of paths seen before (two processes give one path the same route).
 *
 * A segment stays if it is made of words joined by "-", "_" or ".": letters that are not gibberish
 * (gibberish.h), at most one digit and that in second place ("v1", "k6", "s3"), a version ("v1.41",
 * "v2beta1"), or a name that happens to hold a digit ("oauth2"). Anything else is "*": numbers,
 * hex, UUIDs, dates, mail addresses, percent-encoded or non-ASCII text, slugs of more than five words.
 */
#ifndef OA_ROUTE_H
#define OA_ROUTE_H

#include <stddef.h>

#include "preload/base/slice.h"

#define OA_ROUTE_SEGMENTS_MAX 10u

/*
 * Writes the route of path, without terminator, and returns its length: 0 if there is none (empty
 * path, or the "*" of OPTIONS). path ends at its first "?", "#" or "&"; of a segment only what stands
 * before ";" counts. Segments after the tenth, or without room in cap, become one "*".
 */
size_t oa_route_template(char *out, size_t cap, struct oa_slice path);

#endif
