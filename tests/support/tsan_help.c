/*
 * Preloaded behind the thread sanitizer's runtime, linked with -z initfirst: starts the runtime before all other
 * constructors (asan_early.c says why). And it knows fork but not _Fork: in a child of that it would believe that the
 * parent's threads go on, beside the child's own. Here _Fork is fork.
 */
#include <dlfcn.h>
#include <stddef.h>
#include <sys/types.h>

pid_t _Fork(void);
void __tsan_init(void);

static void __attribute__((constructor)) tsan_early(void)
{
    __tsan_init();
}

pid_t _Fork(void)
{
    void *runtime = dlopen("libtsan.so.2", RTLD_LAZY | RTLD_NOLOAD);
    pid_t (*known)(void) = runtime ? (pid_t(*)(void))dlsym(runtime, "fork") : NULL;

    return known ? known() : -1;
}
