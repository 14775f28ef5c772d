#include "preload/real.h"

#include <errno.h>

struct oa_real oa_real;
void *oa_raw_syscall; /* raw.S jumps here; NULL until the constructor ran */

enum need { REQUIRED, OPTIONAL, LATER };

static const struct row {
    const char *name;
    enum need need;
} rows[] = {
#define HOOK(name, need, family) { #name, need },
#define RAW(name, why)
#include "hooks/hooks.def"
#undef HOOK
#undef RAW
};
_Static_assert(OA_COUNT(rows) == OA_HOOK_COUNT, "one row a hook");

/* Stands in for a symbol that this libc lacks: integer and pointer results are all -1 then, which
 * every caller of an optional function takes as failure. */
static long missing(void)
{
    errno = ENOSYS;
    return -1;
}

static void *lookup(enum oa_hook hook)
{
    /* The result goes through a volatile: a tail call would make dlsym judge our caller's address. */
    void *volatile found = dlsym(RTLD_NEXT, rows[hook].name);

    return found ? found : (void *)missing;
}

void oa_real_resolve(void)
{
    void **pointers = (void **)&oa_real;
    int failed = 0;

    for (int i = 0; i < OA_HOOK_COUNT; i++) {
        if (pointers[i] || rows[i].need == LATER)
            continue;
        pointers[i] = lookup((enum oa_hook)i);
        failed |= pointers[i] == (void *)missing;
    }
    oa_raw_syscall = (void *)oa_real.syscall;
    if (failed)
        (void)dlerror(); /* the application's first dlerror() must not see our misses */
}

void oa_real_late(enum oa_hook hook)
{
    int saved = errno;

    __atomic_store_n((void **)&oa_real + hook, lookup(hook), __ATOMIC_RELEASE);
    if (((void **)&oa_real)[hook] == (void *)missing)
        (void)dlerror(); /* not the application's to see */
    errno = saved;
}
