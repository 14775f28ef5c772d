#include "preload/real.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include "preload/symbol.h"

struct oa_real oa_real;
void *oa_raw_syscall; /* raw.S jumps here; NULL until the constructor ran */

/* Names one behind the other, and where each begins: pointers would be relocated in every process. */
static const struct names {
#define HOOK(name, need, family) char name##_[sizeof(#name)];
#define RAW(name, why)
#include "hooks/hooks.def"
#undef HOOK
#undef RAW
} names = {
#define HOOK(name, need, family) #name,
#define RAW(name, why)
#include "hooks/hooks.def"
#undef HOOK
#undef RAW
};
static const uint16_t name_at[OA_HOOK_COUNT] = {
#define HOOK(name, need, family) offsetof(struct names, name##_),
#define RAW(name, why)
#include "hooks/hooks.def"
#undef HOOK
#undef RAW
};
_Static_assert(sizeof(names) <= UINT16_MAX, "an offset holds every place");

/* Stands in for a symbol that this libc lacks: integer and pointer results are all -1 then, which
 * every caller of an optional function takes as failure. */
static long missing(void)
{
    errno = ENOSYS;
    return -1;
}

/* dlsym is the last resort: it may lock and allocate. */
static OA_COLD void *ask_linker(const char *name)
{
    /* The result goes through a volatile: a tail call would make dlsym judge our caller's address. */
    void *volatile found = dlsym(RTLD_NEXT, name);

    if (!found)
        (void)dlerror(); /* the application's next dlerror() must not see our misses */
    return found;
}

static void *lookup(enum oa_hook hook)
{
    const char *name = (const char *)&names + name_at[hook];
    void *found = oa_symbol_next(name);

    if (!found)
        found = ask_linker(name);
    return found ? found : (void *)missing;
}

void oa_real_resolve(void)
{
    oa_real.syscall = (__typeof__(oa_real.syscall))lookup(OA_HOOK_syscall);
    oa_raw_syscall = (void *)oa_real.syscall;
}

void oa_real_late(enum oa_hook hook)
{
    int saved = errno;

    __atomic_store_n((void **)&oa_real + hook, lookup(hook), __ATOMIC_RELEASE);
    errno = saved;
}
