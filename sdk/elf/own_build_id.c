#include "sdk/elf/own_build_id.h"

#include <link.h>
#include <stdbool.h>

#include "preload/base/hex.h"

static size_t aligned(size_t at, size_t align)
{
    return (at + align - 1) & ~(align - 1);
}

/* gABI, "note section": head, name, contents; contents and the next head are aligned. No sum can wrap: each
 * addend was compared with the length of what is mapped. */
struct oa_slice oa_own_build_id_in(char text[OA_BUILD_ID_TEXT_BYTES], struct oa_slice notes, size_t align)
{
    size_t at = 0, unit = align == 8 ? 8 : 4; /* other values are read as 4, as everybody does */
    ElfW(Nhdr) note;

    while (at < notes.len && notes.len - at >= sizeof(note)) {
        struct oa_slice owner = { notes.ptr + at + sizeof(note), 0 }, contents;
        size_t name_at = at + sizeof(note), contents_at;

        memcpy(&note, notes.ptr + at, sizeof(note));
        if (note.n_namesz > notes.len || note.n_descsz > notes.len)
            break;
        owner.len = note.n_namesz;
        contents_at = aligned(name_at + owner.len, unit);
        if (contents_at > notes.len || note.n_descsz > notes.len - contents_at)
            break;
        contents = (struct oa_slice){ notes.ptr + contents_at, note.n_descsz };
        if (note.n_type == NT_GNU_BUILD_ID && oa_slice_eq(owner, (struct oa_slice){ "GNU", sizeof("GNU") }) &&
            contents.len && contents.len <= OA_BUILD_ID_BYTES_MAX) {
            oa_hex_encode(text, (const uint8_t *)contents.ptr, contents.len);
            return (struct oa_slice){ text, 2 * contents.len };
        }
        at = aligned(contents_at + contents.len, unit);
    }
    return OA_SLICE("");
}

/* Only what a readable segment maps from the file is there to be read. */
static bool notes_mapped(const struct dl_phdr_info *program, const ElfW(Phdr) * notes)
{
    for (size_t i = 0; i < program->dlpi_phnum; i++) {
        const ElfW(Phdr) *load = &program->dlpi_phdr[i];

        if (load->p_type == PT_LOAD && (load->p_flags & PF_R) && notes->p_vaddr >= load->p_vaddr &&
            notes->p_filesz <= load->p_filesz && notes->p_vaddr - load->p_vaddr <= load->p_filesz - notes->p_filesz)
            return true;
    }
    return false;
}

struct program_id {
    char *text;
    struct oa_slice id;
};

static int program_look(struct dl_phdr_info *program, size_t size, void *user)
{
    struct program_id *found = user;

    (void)size;
    for (size_t i = 0; i < program->dlpi_phnum && found->id.len == 0; i++) {
        const ElfW(Phdr) *segment = &program->dlpi_phdr[i];
        struct oa_slice notes = { (const char *)program->dlpi_addr + segment->p_vaddr, segment->p_filesz };

        if (segment->p_type == PT_NOTE && notes_mapped(program, segment))
            found->id = oa_own_build_id_in(found->text, notes, segment->p_align);
    }
    return 1; /* the program itself is told first: no more */
}

struct oa_slice oa_own_build_id(char text[OA_BUILD_ID_TEXT_BYTES])
{
    struct program_id found = { .text = text };

    (void)dl_iterate_phdr(program_look, &found);
    return found.id;
}
