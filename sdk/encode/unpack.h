/*
 * An answer in protobuf, of a receiver or of a server of strategies: untrusted bytes. Lengths are checked by
 * protobuf-c, the amount of memory by the bound of the arena, which also frees it. Inside sdk/encode/ only.
 */
#ifndef OA_SDK_ENCODE_UNPACK_H
#define OA_SDK_ENCODE_UNPACK_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

#include "preload/base/arena.h"
#include "preload/base/compiler.h"
#include "preload/base/err.h"
#include "preload/base/slice.h"

struct oa_unpack_memory {
    struct oa_arena *arena;
    bool exhausted;
};

static inline void *oa_unpack_alloc(void *data, size_t bytes)
{
    struct oa_unpack_memory *memory = data;
    void *block = oa_arena_alloc(memory->arena, bytes);

    memory->exhausted |= !block;
    return block;
}

static inline void oa_unpack_free(void *data OA_UNUSED, void *block OA_UNUSED) {}

/* The message in the arena; NULL, and OA_EMALFORMED or OA_ENOMEM in *ret_err. */
static inline void *oa_unpack(const ProtobufCMessageDescriptor *type, struct oa_slice bytes, struct oa_arena *arena,
                              int *ret_err)
{
    struct oa_unpack_memory memory = { .arena = arena };
    ProtobufCAllocator allocator = { .alloc = oa_unpack_alloc, .free = oa_unpack_free, .allocator_data = &memory };
    void *message = protobuf_c_message_unpack(type, &allocator, bytes.len, (const uint8_t *)bytes.ptr);

    if (!message)
        *ret_err = memory.exhausted ? OA_ENOMEM : OA_EMALFORMED;
    return message;
}

#endif
