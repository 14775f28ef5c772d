/*
 * Small ELF files made by hand, for tests of what reads ELF: a head, program headers, and the bytes
 * that they point to. 64 bits, the machine's own byte order, no sections.
 */
#ifndef OA_TESTS_ELF_IMAGE_H
#define OA_TESTS_ELF_IMAGE_H

#include <elf.h>
#include <stddef.h>

#define OA_TEST_ELF_SEGMENTS 4u

struct oa_test_elf {
    size_t len;
    union {
        Elf64_Ehdr head;
        char bytes[4096];
    };
};

/* An ELF file of that e_type with no segments. */
void oa_test_elf_init(struct oa_test_elf *elf, unsigned type);

/* One more segment with those contents. */
void oa_test_elf_segment(struct oa_test_elf *elf, unsigned type, const void *contents, size_t len);

/* A PT_NOTE segment with one note. */
void oa_test_elf_note(struct oa_test_elf *elf, const char *owner, unsigned type, const void *contents, size_t len);

/* Writes the first len bytes to a file below /tmp and returns its path (static; one file at a time). */
const char *oa_test_file(const void *bytes, size_t len);

void oa_test_file_remove(void);

#endif
