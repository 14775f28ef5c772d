#include "sdk/elf/elf_file.h"

#include <fcntl.h>
#include <unistd.h>

#include "preload/base/err.h"

int oa_elf_file_open(struct oa_elf_file *file, const char *path)
{
    int err = OA_EIO;

    if (elf_version(EV_CURRENT) == EV_NONE)
        return OA_ENOTSUP;
    file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (file->fd < 0)
        return OA_EIO;
    file->elf = elf_begin(file->fd, ELF_C_READ, NULL);
    if (file->elf && elf_kind(file->elf) == ELF_K_ELF)
        return 0;
    if (file->elf)
        err = OA_ENOTSUP;
    oa_elf_file_close(file);
    return err;
}

void oa_elf_file_close(struct oa_elf_file *file)
{
    elf_end(file->elf);
    close(file->fd);
}

static bool notes_walk(Elf_Data *data, oa_elf_note_fn *fn, void *user)
{
    size_t at = 0, name_at, contents_at;
    GElf_Nhdr head;

    while (at < data->d_size) {
        const char *bytes = data->d_buf;
        struct oa_elf_note note;
        size_t next = gelf_getnote(data, at, &head, &name_at, &contents_at);

        if (next <= at)
            return false;
        note.owner = (struct oa_slice){ bytes + name_at, head.n_namesz ? head.n_namesz - 1 : 0 };
        note.type = head.n_type;
        note.contents = (struct oa_slice){ bytes + contents_at, head.n_descsz };
        if (fn(user, &note))
            return true;
        at = next;
    }
    return false;
}

bool oa_elf_file_notes(struct oa_elf_file *file, oa_elf_note_fn *fn, void *user)
{
    size_t count;

    if (elf_getphdrnum(file->elf, &count) != 0)
        return false;
    for (size_t i = 0; i < count && i < PN_XNUM; i++) {
        GElf_Phdr segment;
        Elf_Data *data;

        if (!gelf_getphdr(file->elf, (int)i, &segment) || segment.p_type != PT_NOTE ||
            segment.p_filesz > OA_ELF_NOTES_MAX)
            continue;
        data = elf_getdata_rawchunk(file->elf, (int64_t)segment.p_offset, segment.p_filesz,
                                    segment.p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR);
        if (data && notes_walk(data, fn, user))
            return true;
    }
    return false;
}
