/*
 * The GNU build id of the running program: what linkers put into .note.gnu.build-id, the name under
 * which symbol servers know the binary. The notes are part of what the kernel has mapped: no file is
 * read, and it is the id of the program that runs even if its file has been replaced since.
 */
#ifndef OA_SDK_ELF_OWN_BUILD_ID_H
#define OA_SDK_ELF_OWN_BUILD_ID_H

#include "sdk/elf/build_id.h"

/* Lower-case hexadecimal in text; empty when the program has none. */
struct oa_slice oa_own_build_id(char text[OA_BUILD_ID_TEXT_BYTES]);

/* The same from one note segment; align: what its program header says. */
struct oa_slice oa_own_build_id_in(char text[OA_BUILD_ID_TEXT_BYTES], struct oa_slice notes, size_t align);

#endif
