/*
 * One ELF file opened with libelf: the shared beginning of build_id and program. The descriptor and
 * the handle belong to the struct. libelf reads by pread, never by mapping: a file that is truncated
 * while we look gives a short read, not a SIGBUS in the program that we live in.
 */
#ifndef OA_SDK_ELF_ELF_FILE_H
#define OA_SDK_ELF_ELF_FILE_H

#include <gelf.h>
#include <stdbool.h>

#include "preload/base/compiler.h"
#include "preload/base/slice.h"

#define OA_ELF_NOTES_MAX (64u * 1024) /* bytes read of one note segment */

struct oa_elf_file {
    int fd;
    Elf *elf;
};

/* 0; OA_EIO: not readable; OA_ENOTSUP: not ELF. On failure nothing is left open. */
int oa_elf_file_open(struct oa_elf_file *file, const char *path) OA_MUST_CHECK;

void oa_elf_file_close(struct oa_elf_file *file);

struct oa_elf_note {
    struct oa_slice owner; /* "GNU", without its terminator */
    GElf_Word type;
    struct oa_slice contents;
};

/* True ends the walk. */
typedef bool oa_elf_note_fn(void *user, const struct oa_elf_note *note);

/* Calls fn for the notes of every PT_NOTE segment. True if a call returned true. */
bool oa_elf_file_notes(struct oa_elf_file *file, oa_elf_note_fn *fn, void *user);

#endif
