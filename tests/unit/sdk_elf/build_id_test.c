/* SOURCES: sdk/elf/build_id.c sdk/elf/elf_file.c preload/base/hex.c tests/support/elf_image.c
 * LIBS: -lelf */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "sdk/elf/build_id.h"
#include "tests/support/elf_image.h"

static const unsigned char id[] = { 0x01, 0x23, 0xab, 0xcd, 0xff };

TestSuite(build_id, .fini = oa_test_file_remove);

static struct oa_slice read_id(const void *bytes, size_t len)
{
    static char text[OA_BUILD_ID_TEXT_BYTES];

    return oa_build_id_gnu(text, oa_test_file(bytes, len));
}

static void with_id(struct oa_test_elf *elf)
{
    oa_test_elf_init(elf, ET_DYN);
    oa_test_elf_note(elf, "stapsdt", 3, "other owner", 12);
    oa_test_elf_note(elf, "GNU", NT_GNU_ABI_TAG, id, sizeof(id));
    oa_test_elf_note(elf, "GNU", NT_GNU_BUILD_ID, id, sizeof(id));
}

Test(build_id, found_among_other_notes)
{
    struct oa_test_elf elf;

    with_id(&elf);
    cr_assert(oa_slice_eq(read_id(elf.bytes, elf.len), OA_SLICE("0123abcdff")));
}

Test(build_id, absent)
{
    char text[OA_BUILD_ID_TEXT_BYTES], longer[OA_BUILD_ID_BYTES_MAX + 1] = { 1 };
    struct oa_test_elf elf;

    oa_test_elf_init(&elf, ET_EXEC);
    cr_expect_eq(read_id(elf.bytes, elf.len).len, 0, "no notes");
    oa_test_elf_note(&elf, "GNU", NT_GNU_BUILD_ID, longer, sizeof(longer));
    cr_expect_eq(read_id(elf.bytes, elf.len).len, 0, "longer than any");
    cr_expect_eq(read_id("#!/bin/sh\n", 10).len, 0, "a script");
    cr_expect_eq(read_id("", 0).len, 0, "an empty file");
    cr_expect_eq(oa_build_id_gnu(text, "/nowhere").len, 0);
    cr_expect_eq(oa_build_id_gnu(text, "/").len, 0);
}

/* A program that runs is a file with an id, at least where the linker makes one. */
Test(build_id, this_program)
{
    char text[OA_BUILD_ID_TEXT_BYTES];

    cr_assert_leq(oa_build_id_gnu(text, "/proc/self/exe").len, OA_BUILD_ID_TEXT_BYTES);
}

Test(build_id, truncated_at_every_byte)
{
    struct oa_test_elf elf;

    with_id(&elf);
    for (size_t len = 0; len < elf.len; len++)
        cr_assert_leq(read_id(elf.bytes, len).len, 2 * sizeof(id));
}

Test(build_id, corrupted)
{
    struct oa_test_elf good;

    srand(2);
    with_id(&good);
    for (int round = 0; round < 3000; round++) {
        struct oa_test_elf elf = good;

        for (int k = rand() % 4; k >= 0; k--)
            elf.bytes[SELFMAG + (unsigned)rand() % (elf.len - SELFMAG)] = (char)rand();
        cr_assert_leq(read_id(elf.bytes, elf.len).len, OA_BUILD_ID_TEXT_BYTES);
    }
}
