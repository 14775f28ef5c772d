#include "sdk/elf/build_id.h"

#include "preload/base/err.h"
#include "preload/base/hex.h"
#include "sdk/elf/elf_file.h"

static bool take_build_id(void *user, const struct oa_elf_note *note)
{
    struct oa_slice *text = user;

    if (note->type != NT_GNU_BUILD_ID || !oa_slice_eq(note->owner, OA_SLICE("GNU")) || !note->contents.len ||
        note->contents.len > OA_BUILD_ID_BYTES_MAX)
        return false;
    oa_hex_encode((char *)(uintptr_t)text->ptr, (const uint8_t *)note->contents.ptr, note->contents.len);
    text->len = 2 * note->contents.len;
    return true;
}

struct oa_slice oa_build_id_gnu(char text[OA_BUILD_ID_TEXT_BYTES], const char *path)
{
    struct oa_slice id = { text, 0 };
    struct oa_elf_file file;

    if (oa_elf_file_open(&file, path) < 0)
        return id;
    (void)oa_elf_file_notes(&file, take_build_id, &id);
    oa_elf_file_close(&file);
    return id;
}
