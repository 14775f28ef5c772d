/*
 * An allocator whose NTH_FAILS'th allocation for the SDK object fails; 0: none. At the end how many there were is
 * appended to the file NTH_COUNT. Preloaded before the library. Everybody else is served.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static _Atomic long count, fails = -1;
static _Atomic uintptr_t from, to;

static int find(struct dl_phdr_info *info, size_t size, void *data)
{
    (void)size;
    (void)data;
    if (!info->dlpi_name || !strstr(info->dlpi_name, "libotel-auto-sdk"))
        return 0;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD && (info->dlpi_phdr[i].p_flags & PF_X)) {
            to = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz;
            from = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
        }
    return 1;
}

/* Called by the SDK object? The library's door on the way is a jump, not a call. */
static int refused(const void *caller)
{
    static __thread int inside;
    uintptr_t at = (uintptr_t)caller;
    long n;

    if (fails < 0)
        fails = getenv("NTH_FAILS") ? atol(getenv("NTH_FAILS")) : 0;
    if (!from && !inside) {
        inside = 1;
        dl_iterate_phdr(find, NULL);
        inside = 0;
    }
    if (!from || at < from || at >= to)
        return 0;
    n = ++count;
    if (n != fails)
        return 0;
    errno = ENOMEM;
    return 1;
}

#define REFUSED refused(__builtin_return_address(0))
#define EXPORT __attribute__((visibility("default")))

EXPORT void *malloc(size_t size)
{
    return REFUSED ? NULL : __libc_malloc(size);
}

EXPORT void *calloc(size_t n, size_t size)
{
    return REFUSED ? NULL : __libc_calloc(n, size);
}

EXPORT void *realloc(void *ptr, size_t size)
{
    return REFUSED ? NULL : __libc_realloc(ptr, size);
}

EXPORT int posix_memalign(void **ret_ptr, size_t align, size_t size)
{
    *ret_ptr = REFUSED ? NULL : __libc_memalign(align, size);
    return *ret_ptr ? 0 : ENOMEM;
}

__attribute__((destructor)) static void done(void)
{
    const char *path = getenv("NTH_COUNT");
    char text[32];
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;

    if (fd >= 0) {
        (void)!write(fd, text, (size_t)snprintf(text, sizeof(text), "%ld\n", count));
        close(fd);
    }
}
