#include "tests/support/guard_page.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define GUARD_PAGE_COPIES 4096u

static struct {
    void *start;
    size_t bytes;
} guard_copies[GUARD_PAGE_COPIES];
static size_t guard_copy_count;

char *oa_guard_page_copy(const void *bytes, size_t len)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t body = (len + page - 1) / page * page, total = body + page;
    char *start;

    if (guard_copy_count == GUARD_PAGE_COPIES)
        oa_guard_page_free();
    start = mmap(NULL, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED || mprotect(start + body, page, PROT_NONE) != 0)
        abort();
    guard_copies[guard_copy_count].start = start;
    guard_copies[guard_copy_count++].bytes = total;
    return len ? memcpy(start + body - len, bytes, len) : start + body;
}

void oa_guard_page_free(void)
{
    while (guard_copy_count) {
        guard_copy_count--;
        munmap(guard_copies[guard_copy_count].start, guard_copies[guard_copy_count].bytes);
    }
}
