/*
 * The GNU build id of an ELF file: what linkers put into .note.gnu.build-id, the name under which
 * symbol servers know the binary. For the launcher's tool; the running program's own id is in its memory
 * (own_build_id.h). libelf reads by pread, never by mapping: a file that is truncated while we look
 * gives a short read, not a SIGBUS in the program that we live in.
 */
#ifndef OA_SDK_ELF_BUILD_ID_H
#define OA_SDK_ELF_BUILD_ID_H

#include "preload/base/slice.h"

#define OA_BUILD_ID_BYTES_MAX 64u
#define OA_BUILD_ID_TEXT_BYTES (2 * OA_BUILD_ID_BYTES_MAX)

/* Lower-case hexadecimal in text; empty when the file cannot be read, is not ELF, or has none. */
struct oa_slice oa_build_id_gnu(char text[OA_BUILD_ID_TEXT_BYTES], const char *path);

#endif
