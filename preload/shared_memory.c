#include "preload/shared_memory.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "preload/base/file_limit.h"

/* A memory file, so that another process can map it; its descriptor lives for three system calls. */
void *oa_shared_memory_map(const char *name, size_t bytes)
{
    long fd = oa_file_limit_allows(bytes) ? syscall(SYS_memfd_create, name, 1 /* MFD_CLOEXEC */) : -1;
    void *mem = MAP_FAILED;

    if (fd >= 0) {
        if (syscall(SYS_ftruncate, fd, bytes) == 0)
            mem = (void *)syscall(SYS_mmap, NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        (void)syscall(SYS_close, fd);
    }
    if (mem == MAP_FAILED) /* EMFILE, an old kernel, RLIMIT_FSIZE: the same memory without a name */
        mem = (void *)syscall(SYS_mmap, NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return mem == MAP_FAILED ? NULL : mem;
}
