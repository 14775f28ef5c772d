/*
 * ISO 8601 in UTC, "2026-01-31T12:00:00.123456Z". Computed here instead of with gmtime_r, which takes
 * a lock of libc that a forked child may find held for ever. Pure; years 1970 to 2554.
 */
#ifndef OA_SDK_MODEL_ISO_TIME_H
#define OA_SDK_MODEL_ISO_TIME_H

#include <stdint.h>

#include "preload/base/slice.h"

#define OA_ISO_TIME_BYTES 32u

/* Rounds to the nearest microsecond or, with digits 3, millisecond. The result lies in buf. */
struct oa_slice oa_iso_time(char buf[OA_ISO_TIME_BYTES], uint64_t unix_ns, unsigned digits);

#endif
