#include "preload/alone.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "preload/symbol.h"
#include "preload/thread.h"

static _Atomic int more_threads; /* that the SDK object has made */

void oa_alone_thread_begin(void)
{
    oa_thread.depth = 1;
    atomic_fetch_add(&more_threads, 1);
}

void oa_alone_thread_ended(void)
{
    atomic_fetch_sub(&more_threads, 1);
}

void oa_alone_forked(void)
{
    atomic_store(&more_threads, 0);
}

bool oa_alone_is_minded(void)
{
    static const char since_3_12[] = "PyUnstable_Object_GC_NewWithExtraData";
    static _Atomic int answer; /* 0: not asked yet; 1: no; 2: yes */
    int known = atomic_load_explicit(&answer, memory_order_relaxed);

    if (!known) { /* in the program itself, or in its library */
        known = oa_symbol_precedes(since_3_12) == OA_SYMBOL_YES || oa_symbol_next(since_3_12) ? 2 : 1;
        atomic_store_explicit(&answer, known, memory_order_relaxed);
    }
    return known == 2;
}

/* The nth field (from 1) of /proc/self/stat behind the program's name, which may hold anything. */
static const char *stat_field(char *text, int nth)
{
    char *at = strrchr(text, ')');

    for (int i = 0; at && i < nth; i++)
        at = strchr(at + 1, ' ');
    return at ? at + 1 : "";
}

bool oa_alone(void)
{
    char text[512];
    int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : 0;

    if (fd >= 0)
        (void)close(fd);
    if (n <= 0)
        return true;
    text[n] = '\0';
    return stat_field(text, 1)[0] == 'Z' && strtol(stat_field(text, 18), NULL, 10) == 2 + atomic_load(&more_threads);
}
