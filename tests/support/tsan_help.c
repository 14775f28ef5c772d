/*
 * Preloaded behind the thread sanitizer's runtime, linked with -z initfirst: starts the runtime before all other
 * constructors (asan_early.c says why). And it knows fork, but neither _Fork nor the fork in daemon: in
 * a child of those it would believe that the parent's threads go on, beside the child's own, and a lock of its own
 * allocator that another thread had would never be free. Here all of them are fork.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/types.h>
#include <unistd.h>

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

/* daemon(3). */
int daemon(int nochdir, int noclose)
{
    pid_t pid = _Fork();
    int null;

    if (pid < 0)
        return -1;
    if (pid > 0)
        _exit(0);
    if (setsid() < 0)
        return -1;
    if (!nochdir)
        (void)!chdir("/");
    if (noclose)
        return 0;
    null = open("/dev/null", O_RDWR);
    if (null < 0)
        return -1;
    for (int fd = 0; fd < 3; fd++)
        (void)dup2(null, fd);
    if (null > 2)
        (void)close(null);
    return 0;
}
