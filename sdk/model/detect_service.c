#include <stdio.h>

#include "preload/abi.h"
#include "preload/base/err.h"
#include "preload/base/hex.h"
#include "preload/base/rng.h"
#include "sdk/model/detector.h"
#include "sdk/model/script_name.h"

#define UUID_TEXT_BYTES 36u
#define SERVICE_NAME_BYTES 512u

/* RFC 9562, version 4: 122 random bits. One per process, a forked worker has its own. */
static struct oa_slice uuid_random(char text[UUID_TEXT_BYTES])
{
    static const uint8_t group_bytes[] = { 4, 2, 2, 2, 6 };
    struct oa_rng rng;
    uint64_t words[2];
    uint8_t bytes[16], *from = bytes;
    char *at = text;

    oa_rng_seed(&rng);
    words[0] = oa_rng_next(&rng);
    words[1] = oa_rng_next(&rng);
    memcpy(bytes, words, sizeof(bytes));
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
    for (size_t i = 0; i < sizeof(group_bytes); i++) {
        if (i)
            *at++ = '-';
        oa_hex_encode(at, from, group_bytes[i]);
        at += 2 * group_bytes[i];
        from += group_bytes[i];
    }
    return (struct oa_slice){ text, UUID_TEXT_BYTES };
}

static struct oa_slice service_name_default(char buf[SERVICE_NAME_BYTES], struct oa_slice guess)
{
    int len = snprintf(buf, SERVICE_NAME_BYTES, "unknown_service%s%.*s", guess.len ? ":" : "", (int)guess.len,
                       guess.len ? guess.ptr : "");

    return (struct oa_slice){ buf, len < (int)SERVICE_NAME_BYTES ? (size_t)len : SERVICE_NAME_BYTES - 1 };
}

/* The specification's unknown_service:<executable> would make one service of all scripts of an interpreter. */
static struct oa_slice guess_of(struct oa_resource *resource, const struct oa_detect *detect)
{
    struct oa_slice cmdline = oa_system_file(&resource->arena, detect->root, "/proc/self/cmdline");
    struct oa_slice program = oa_slice_of(detect->host->service_guess), script = oa_script_name(program, cmdline);

    return script.len ? script : program;
}

int oa_detect_service(struct oa_resource *resource, const struct oa_detect *detect)
{
    char name[SERVICE_NAME_BYTES], uuid[UUID_TEXT_BYTES];
    int err =
        oa_resource_set(resource, OA_SLICE("service.name"), service_name_default(name, guess_of(resource, detect)));

    if (err < 0)
        return err;
    return oa_resource_set(resource, OA_SLICE("service.instance.id"), uuid_random(uuid));
}
