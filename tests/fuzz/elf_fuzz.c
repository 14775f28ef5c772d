/* SOURCES: sdk/elf/build_id.c sdk/elf/elf_file.c sdk/elf/program.c sdk/elf/program_words.c sdk/elf/own_build_id.c
 * preload/base/hex.c
 * LIBS: -lelf */
/*
 * The input is a file that the launcher is asked about, and a segment of notes. Properties: a build id is hexadecimal
 * within its bound, the words are never NULL, paths have an end.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sdk/elf/own_build_id.h"
#include "sdk/elf/program.h"
#include "tests/fuzz/must.h"

static void check_id(struct oa_slice id)
{
    must(id.len <= OA_BUILD_ID_TEXT_BYTES);
    for (size_t i = 0; i < id.len; i++)
        must(strchr("0123456789abcdef", id.ptr[i]) && id.ptr[i]);
}

static void fuzz_file(const uint8_t *data, size_t size)
{
    char path[64], text[OA_BUILD_ID_TEXT_BYTES];
    struct oa_program program;
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    if (oa_program_inspect(path, &program) == 0) {
        must(memchr(program.interpreter, '\0', sizeof(program.interpreter)));
        must(oa_program_kind_word(&program) && oa_program_libc_word(&program) &&
             oa_program_sanitizer_word(&program) && oa_program_machine_word(&program));
    }
    check_id(oa_build_id_gnu(text, path));
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[OA_BUILD_ID_TEXT_BYTES];
    struct oa_slice notes = { (const char *)data, size };

    fuzz_file(data, size);
    check_id(oa_own_build_id_in(text, notes, 4));
    check_id(oa_own_build_id_in(text, notes, 8));
    check_id(oa_own_build_id_in(text, notes, 1));
    return 0;
}
