#include "sdk/elf/program.h"

#include <elf.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "preload/base/err.h"
#include "preload/base/slice.h"
#include "sdk/elf/elf_file.h"

#define PROGRAM_DYNAMIC_MAX 65536u   /* entries of .dynamic looked at */
#define PROGRAM_SYMBOLS_MAX 4000000u /* symbols looked at */

static bool text_starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* What stands on a "#!" line: the interpreter, without its argument (execve(2)). */
static void script_interpreter(struct oa_slice line, struct oa_program *program)
{
    struct oa_slice first = oa_slice_next(&line, '\n'), word;

    first = oa_slice_trim((struct oa_slice){ first.ptr + 2, first.len - 2 });
    for (word = first, word.len = 0; word.len < first.len; word.len++)
        if (word.ptr[word.len] == ' ' || word.ptr[word.len] == '\t')
            break;
    if (word.len >= sizeof(program->interpreter))
        return;
    memcpy(program->interpreter, word.ptr, word.len);
    program->interpreter[word.len] = '\0';
}

static int inspect_other(const char *path, struct oa_program *program)
{
    char head[OA_PROGRAM_PATH_BYTES];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    ssize_t len;

    if (fd < 0)
        return OA_EIO;
    len = read(fd, head, sizeof(head));
    close(fd);
    if (len < 0)
        return OA_EIO;
    if (len >= 2 && head[0] == '#' && head[1] == '!') {
        program->kind = OA_PROGRAM_SCRIPT;
        script_interpreter((struct oa_slice){ head, (size_t)len }, program);
    }
    return 0;
}

static void take_interpreter(struct oa_elf_file *file, const GElf_Phdr *segment, struct oa_program *program)
{
    size_t bytes = segment->p_filesz;
    Elf_Data *data = NULL;

    program->kind = OA_PROGRAM_DYNAMIC;
    if (bytes && bytes <= sizeof(program->interpreter))
        data = elf_getdata_rawchunk(file->elf, (int64_t)segment->p_offset, bytes, ELF_T_BYTE);
    if (!data)
        return;
    memcpy(program->interpreter, data->d_buf, bytes);
    program->interpreter[bytes - 1] = '\0';
    if (strstr(program->interpreter, "ld-musl"))
        program->libc = OA_PROGRAM_LIBC_MUSL;
}

static void inspect_segments(struct oa_elf_file *file, struct oa_program *program)
{
    GElf_Phdr segment;
    size_t count = 0;

    if (elf_getphdrnum(file->elf, &count) != 0)
        return;
    for (size_t i = 0; i < count && i < PN_XNUM; i++)
        if (gelf_getphdr(file->elf, (int)i, &segment) && segment.p_type == PT_INTERP)
            take_interpreter(file, &segment, program);
}

static void take_needed(const char *name, struct oa_program *program)
{
    if (!program->libc && (text_starts(name, "libc.so.6") || text_starts(name, "ld-linux")))
        program->libc = OA_PROGRAM_LIBC_GLIBC;
    if (text_starts(name, "libc.musl-"))
        program->libc = OA_PROGRAM_LIBC_MUSL;
    if (text_starts(name, "libasan.") || text_starts(name, "libclang_rt.asan"))
        program->sanitizer = OA_PROGRAM_SANITIZER_ASAN;
    if (text_starts(name, "libtsan.") || text_starts(name, "libclang_rt.tsan"))
        program->sanitizer = OA_PROGRAM_SANITIZER_TSAN;
}

/* Without an interpreter a position independent file is a static program (marked as such), or a library. */
static void take_dynamic(struct oa_elf_file *file, Elf_Data *data, size_t names, struct oa_program *program)
{
    bool pie = false;
    GElf_Dyn entry;

    for (unsigned i = 0; i < PROGRAM_DYNAMIC_MAX && gelf_getdyn(data, (int)i, &entry); i++) {
        const char *name = NULL;

        if (entry.d_tag == DT_NULL)
            break;
        if (entry.d_tag == DT_NEEDED)
            name = elf_strptr(file->elf, names, entry.d_un.d_val);
        if (name)
            take_needed(name, program);
        pie |= entry.d_tag == DT_FLAGS_1 && (entry.d_un.d_val & DF_1_PIE);
    }
    if (program->kind == OA_PROGRAM_STATIC_PIE && !pie)
        program->kind = OA_PROGRAM_LIBRARY;
}

static void take_symbols(struct oa_elf_file *file, Elf_Data *data, size_t names, struct oa_program *program)
{
    GElf_Sym symbol;

    for (unsigned i = 1; i < PROGRAM_SYMBOLS_MAX && gelf_getsym(data, (int)i, &symbol); i++) {
        const char *name = elf_strptr(file->elf, names, symbol.st_name);
        bool defined = symbol.st_shndx != SHN_UNDEF;

        if (!name)
            continue;
        program->ssl_exported |= defined && strcmp(name, "SSL_write") == 0;
        program->exports_malloc |= defined && strcmp(name, "malloc") == 0;
        if (strcmp(name, "__asan_init") == 0)
            program->sanitizer = OA_PROGRAM_SANITIZER_ASAN;
        if (strcmp(name, "__tsan_init") == 0)
            program->sanitizer = OA_PROGRAM_SANITIZER_TSAN;
    }
}

static void inspect_sections(struct oa_elf_file *file, struct oa_program *program)
{
    Elf_Scn *section = NULL;
    size_t names = 0;

    (void)elf_getshdrstrndx(file->elf, &names);
    while ((section = elf_nextscn(file->elf, section))) {
        GElf_Shdr head;
        const char *name;
        Elf_Data *data;

        if (!gelf_getshdr(section, &head))
            continue;
        name = elf_strptr(file->elf, names, head.sh_name);
        program->go |= name && (strcmp(name, ".go.buildinfo") == 0 || strcmp(name, ".note.go.buildid") == 0);
        data = head.sh_type == SHT_DYNAMIC || head.sh_type == SHT_DYNSYM ? elf_getdata(section, NULL) : NULL;
        if (data && head.sh_type == SHT_DYNAMIC)
            take_dynamic(file, data, head.sh_link, program);
        else if (data)
            take_symbols(file, data, head.sh_link, program);
    }
}

static bool is_go_note(void *user, const struct oa_elf_note *note)
{
    (void)user;
    return oa_slice_eq(note->owner, OA_SLICE("Go"));
}

static void inspect_elf(struct oa_elf_file *file, struct oa_program *program)
{
    GElf_Ehdr head;

    if (!gelf_getehdr(file->elf, &head))
        return;
    program->machine = head.e_machine;
    program->bits = gelf_getclass(file->elf) == ELFCLASS64 ? 64 : 32;
    program->kind = head.e_type == ET_DYN ? OA_PROGRAM_STATIC_PIE : OA_PROGRAM_STATIC;
    if (head.e_type != ET_DYN && head.e_type != ET_EXEC)
        program->kind = OA_PROGRAM_LIBRARY;
    inspect_segments(file, program);
    inspect_sections(file, program);
    program->go |= oa_elf_file_notes(file, is_go_note, NULL);
}

static void inspect_rights(const char *path, struct oa_program *program)
{
    struct stat st;

    if (stat(path, &st) != 0)
        return;
    program->setuid = (st.st_mode & (S_ISUID | S_ISGID)) != 0 || getxattr(path, "security.capability", NULL, 0) > 0;
}

int oa_program_inspect(const char *path, struct oa_program *ret_program)
{
    struct oa_program program = { .kind = OA_PROGRAM_NOT_ELF };
    struct oa_elf_file file;
    int err = oa_elf_file_open(&file, path);

    if (err == 0) {
        inspect_elf(&file, &program);
        oa_elf_file_close(&file);
    } else {
        err = inspect_other(path, &program);
    }
    if (err < 0)
        return err;
    inspect_rights(path, &program);
    *ret_program = program;
    return 0;
}
