/*
 * What a resource detector is: a function that looks around and sets attributes. Absence of
 * information is not an error and says nothing; the only failure is memory. Detectors read files,
 * never run programs, never use NSS (it may open sockets, and locks), never need privileges.
 */
#ifndef OA_SDK_MODEL_DETECTOR_H
#define OA_SDK_MODEL_DETECTOR_H

#include "sdk/model/resource.h"

#define OA_SYSTEM_FILE_MAX (256u * 1024)

struct oa_detect {
    const struct oa_host *host;
    const char *root; /* put before every path: "" but in tests */
};

/* 0 or a negative OA_E*: the attributes set so far stay. */
typedef int oa_detect_fn(struct oa_resource *resource, const struct oa_detect *detect);

#define DETECTOR(id) oa_detect_fn oa_detect_##id;
#include "sdk/model/detectors.def"
#undef DETECTOR

/* A small file (cut at OA_SYSTEM_FILE_MAX) into the arena, terminated. Empty slice when it cannot be read. */
struct oa_slice oa_system_file(struct oa_arena *arena, const char *root, const char *path);

/* As oa_resource_set, but an empty value sets nothing. */
int oa_detect_set(struct oa_resource *resource, struct oa_slice key, struct oa_slice value) OA_MUST_CHECK;

#endif
