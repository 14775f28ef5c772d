/* SOURCES: sdk/elf/own_build_id.c preload/base/hex.c tests/support/guard_page.c */
#include <criterion/criterion.h>
#include <elf.h>
#include <stdlib.h>

#include "preload/base/compiler.h"
#include "sdk/elf/own_build_id.h"
#include "tests/support/guard_page.h"

static const unsigned char id[] = { 0x01, 0x23, 0xab, 0xcd, 0xff };
static char notes[1024], text[OA_BUILD_ID_TEXT_BYTES];
static size_t used;

static void setup(void)
{
    memset(notes, 0, sizeof(notes));
    used = 0;
}

TestSuite(own_build_id, .init = setup, .fini = oa_guard_page_free);

static size_t up(size_t n, size_t align)
{
    return (n + align - 1) / align * align;
}

static void add(const char *owner, unsigned type, const void *contents, size_t len, size_t align)
{
    Elf64_Nhdr head = { .n_namesz = (Elf64_Word)strlen(owner) + 1, .n_descsz = (Elf64_Word)len, .n_type = type };

    memcpy(notes + used, &head, sizeof(head));
    memcpy(notes + used + sizeof(head), owner, head.n_namesz);
    used = up(used + sizeof(head) + head.n_namesz, align);
    memcpy(notes + used, contents, len);
    used = up(used + len, align);
}

/* Reads a copy that ends at an unreadable page. */
static struct oa_slice read_id(size_t len, size_t align)
{
    return oa_own_build_id_in(text, (struct oa_slice){ oa_guard_page_copy(notes, len), len }, align);
}

static void add_several(size_t align)
{
    add("stapsdt", 3, "other owner", 12, align);
    add("GNU", NT_GNU_ABI_TAG, id, sizeof(id), align);
    add("GNU", NT_GNU_BUILD_ID, id, sizeof(id), align);
}

Test(own_build_id, found_among_other_notes)
{
    static const size_t aligns[] = { 4, 8 };

    for (size_t i = 0; i < OA_COUNT(aligns); i++) {
        setup();
        add_several(aligns[i]);
        cr_expect(oa_slice_eq(read_id(used, aligns[i]), OA_SLICE("0123abcdff")), "alignment %zu", aligns[i]);
    }
    cr_expect(oa_slice_eq(read_id(used - 3, 8), OA_SLICE("0123abcdff")), "without the last padding");
}

Test(own_build_id, absent)
{
    char longer[OA_BUILD_ID_BYTES_MAX + 1] = { 1 };

    cr_expect_eq(read_id(0, 4).len, 0, "no notes");
    add("GNU", NT_GNU_BUILD_ID, longer, sizeof(longer), 4);
    cr_expect_eq(read_id(used, 4).len, 0, "longer than any");
    add("GNU", NT_GNU_BUILD_ID, "", 0, 4);
    add("gnu", NT_GNU_BUILD_ID, id, sizeof(id), 4);
    cr_expect_eq(read_id(used, 4).len, 0, "empty, and another owner's");
}

/* A program that runs has an id, at least where the linker makes one. */
Test(own_build_id, this_program)
{
    struct oa_slice self = oa_own_build_id(text);

    cr_assert_leq(self.len, OA_BUILD_ID_TEXT_BYTES);
    cr_assert_eq(self.len % 2, 0);
}

Test(own_build_id, truncated_at_every_byte)
{
    add_several(4);
    for (size_t len = 0; len < used - 3; len++)
        cr_assert_eq(read_id(len, 4).len, 0);
}

Test(own_build_id, corrupted)
{
    char good[sizeof(notes)];

    srand(2);
    add_several(4);
    memcpy(good, notes, sizeof(good));
    for (int round = 0; round < 3000; round++) {
        memcpy(notes, good, sizeof(good));
        for (int k = rand() % 4; k >= 0; k--)
            notes[(unsigned)rand() % used] = (char)rand();
        cr_assert_leq(read_id(used, 4).len, OA_BUILD_ID_TEXT_BYTES);
    }
}
