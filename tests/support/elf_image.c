#include "tests/support/elf_image.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char file_path[32];

void oa_test_elf_init(struct oa_test_elf *elf, unsigned type)
{
    memset(elf, 0, sizeof(*elf));
    memcpy(elf->head.e_ident, ELFMAG, SELFMAG);
    elf->head.e_ident[EI_CLASS] = ELFCLASS64;
    elf->head.e_ident[EI_DATA] = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;
    elf->head.e_ident[EI_VERSION] = EV_CURRENT;
    elf->head.e_type = (Elf64_Half)type;
    elf->head.e_machine = EM_X86_64;
    elf->head.e_version = EV_CURRENT;
    elf->head.e_ehsize = sizeof(Elf64_Ehdr);
    elf->head.e_phentsize = sizeof(Elf64_Phdr);
    elf->head.e_phoff = sizeof(Elf64_Ehdr);
    elf->len = sizeof(Elf64_Ehdr) + OA_TEST_ELF_SEGMENTS * sizeof(Elf64_Phdr);
}

void oa_test_elf_segment(struct oa_test_elf *elf, unsigned type, const void *contents, size_t len)
{
    Elf64_Phdr segment = { .p_type = type, .p_offset = elf->len, .p_filesz = len, .p_memsz = len, .p_align = 4 };
    unsigned at = elf->head.e_phnum++;

    if (at == OA_TEST_ELF_SEGMENTS || len > sizeof(elf->bytes) - elf->len)
        abort();
    memcpy(elf->bytes + sizeof(Elf64_Ehdr) + at * sizeof(segment), &segment, sizeof(segment));
    memcpy(elf->bytes + elf->len, contents, len);
    elf->len += (len + 7) & ~(size_t)7;
}

void oa_test_elf_note(struct oa_test_elf *elf, const char *owner, unsigned type, const void *contents, size_t len)
{
    Elf64_Nhdr note = { .n_namesz = (Elf64_Word)strlen(owner) + 1, .n_descsz = (Elf64_Word)len, .n_type = type };
    char bytes[512] = { 0 };
    size_t at = sizeof(note);

    memcpy(bytes, &note, sizeof(note));
    memcpy(bytes + at, owner, strlen(owner));
    at += (note.n_namesz + 3) & ~3u;
    memcpy(bytes + at, contents, len);
    oa_test_elf_segment(elf, PT_NOTE, bytes, at + ((len + 3) & ~(size_t)3));
}

const char *oa_test_file(const void *bytes, size_t len)
{
    int fd;

    oa_test_file_remove();
    strcpy(file_path, "/tmp/elf_image_XXXXXX");
    fd = mkostemp(file_path, O_CLOEXEC);
    if (fd < 0 || write(fd, bytes, len) != (ssize_t)len)
        abort();
    close(fd);
    return file_path;
}

void oa_test_file_remove(void)
{
    if (*file_path)
        (void)unlink(file_path);
    *file_path = '\0';
}
