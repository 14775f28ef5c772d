/* SOURCES: preload/symbol.c */
/*
 * The input is what /proc tells of this process: statm, io and stat, each up to a byte 0x01. Properties: only what
 * can be is told of it, whatever stands there.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "preload/base/slice.h"
#include "preload/thread.h"

enum { STATM, IO, STAT, FILES };
#define FIRST_FD 1000000 /* no descriptor that is open */

static struct oa_slice file[FILES];

static int fake_open(const char *path, int flags)
{
    static const char *const paths[FILES] = { "/proc/self/statm", "/proc/self/io", "/proc/self/stat" };

    (void)flags;
    for (int i = 0; i < FILES; i++)
        if (strcmp(path, paths[i]) == 0)
            return FIRST_FD + i;
    abort();
}

static ssize_t fake_read(int fd, void *buf, size_t size)
{
    struct oa_slice text = file[fd - FIRST_FD];
    size_t n = text.len < size ? text.len : size;

    if (n)
        memcpy(buf, text.ptr, n);
    return (ssize_t)n;
}

/* Their only files are those. */
#define open(path, flags) fake_open(path, flags)
#define read(fd, buf, size) fake_read(fd, buf, size)
#define close(fd) ((void)(fd), 0)
#include "preload/alone.c"
#include "sdk/metrics/observers.c"
#include "tests/fuzz/must.h"

OA_TLS struct oa_thread oa_thread;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct oa_slice rest = { (const char *)data, size };
    struct oa_observation list[OA_OBSERVATION_ROWS];
    uint32_t count;

    for (int i = 0; i < FILES; i++)
        file[i] = oa_slice_next(&rest, 1);
    (void)oa_alone();
    count = oa_observe(list);
    must(count <= OA_OBSERVATION_ROWS);
    for (uint32_t i = 0; i < count; i++)
        must(list[i].value >= 0);
    return 0;
}
