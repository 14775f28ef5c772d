#include "preload/exe_name.h"

#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE_BYTES 4096u /* the least that is mapped */

/* The header of the program in memory; NULL where it does not stand on one page with the program headers, as linkers
 * put it, and where the program was handed to the dynamic linker as an argument: then that is the file. */
static const ElfW(Ehdr) * loaded_header(void)
{
    uintptr_t at = getauxval(AT_PHDR) - sizeof(ElfW(Ehdr));

    return at % PAGE_BYTES == 0 && getauxval(AT_BASE) ? (const ElfW(Ehdr) *)at : NULL;
}

static bool read_header(const char *path, ElfW(Ehdr) * header)
{
    long fd = syscall(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), len;

    if (fd < 0)
        return false;
    len = syscall(SYS_pread64, fd, header, sizeof(*header), 0L);
    (void)syscall(SYS_close, fd);
    return len == (long)sizeof(*header);
}

struct oa_slice oa_exe_name(const char *path)
{
    const ElfW(Ehdr) *loaded = loaded_header();
    ElfW(Ehdr) header;
    const char *slash;

    if (!path || !loaded || !read_header(path, &header) || memcmp(&header, loaded, sizeof(header)) != 0)
        return (struct oa_slice){ NULL, 0 };
    slash = strrchr(path, '/');
    return oa_slice_of(slash ? slash + 1 : path);
}
