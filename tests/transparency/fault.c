/*
 * Deliberate faults, one per build (-DFAULT_name): what a library in front of libc must not do. `run.py --prove`
 * preloads each and asks that the probe which is there for it notices.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#ifdef FAULT_errno /* success is no reason to set it */
int shutdown(int fd, int how)
{
    static int (*next)(int, int);
    int r;

    if (!next)
        next = (int (*)(int, int))dlsym(RTLD_NEXT, "shutdown");
    r = next(fd, how);
    if (r == 0)
        errno = EAGAIN;
    return r;
}
#endif

#ifdef FAULT_descriptor /* a number that is the program's */
__attribute__((constructor)) static void take_a_number(void)
{
    (void)open("/dev/null", O_WRONLY | O_CLOEXEC);
}
#endif

#ifdef FAULT_write /* into what once was ours */
__attribute__((destructor)) static void write_late(void)
{
    (void)!write(7, "telemetry\n", 10);
}
#endif

#ifdef FAULT_thread /* before there is anything to do */
static void *sleeper(void *arg)
{
    for (;;)
        pause();
    return arg;
}

__attribute__((constructor)) static void start_early(void)
{
    pthread_t thread;

    pthread_create(&thread, NULL, sleeper, NULL);
}
#endif

#ifdef FAULT_syscall /* one that the program did not make */
int socketpair(int domain, int type, int protocol, int ends[2])
{
    static int (*next)(int, int, int, int *);

    if (!next)
        next = (int (*)(int, int, int, int *))dlsym(RTLD_NEXT, "socketpair");
    (void)getppid();
    return next(domain, type, protocol, ends);
}
#endif

#ifdef FAULT_environment /* a name that is not documented */
__attribute__((constructor)) static void add_a_name(void)
{
    setenv("FAULT", "1", 1);
}
#endif

#ifdef FAULT_signal /* a disposition that is the program's */
__attribute__((constructor)) static void ignore(void)
{
    signal(SIGPIPE, SIG_IGN);
}
#endif

#ifdef FAULT_cancellation /* a point where there is none */
int dup2(int fd, int to)
{
    pthread_testcancel();
    return dup3(fd, to, 0);
}
#endif

#ifdef FAULT_stack /* more of it than there may be */
int socketpair(int domain, int type, int protocol, int ends[2])
{
    static int (*next)(int, int, int, int *);
    volatile char room[20 * 1024];

    if (!next)
        next = (int (*)(int, int, int, int *))dlsym(RTLD_NEXT, "socketpair");
    for (size_t i = 0; i < sizeof(room); i += 512)
        room[i] = 1;
    return next(domain, type, protocol, ends);
}
#endif

#ifdef FAULT_status /* of a program that has one already */
__attribute__((destructor)) static void leave(void)
{
    _exit(0);
}
#endif

#ifdef FAULT_time /* at the end, longer than allowed */
__attribute__((destructor)) static void linger(void)
{
    usleep(900000);
}
#endif

#ifdef FAULT_bytes /* one of those that pass */
ssize_t writev(int fd, const struct iovec *v, int n)
{
    static ssize_t (*next)(int, const struct iovec *, int);
    char *last = (char *)v[n - 1].iov_base + v[n - 1].iov_len - 1;
    ssize_t r;

    if (!next)
        next = (ssize_t(*)(int, const struct iovec *, int))dlsym(RTLD_NEXT, "writev");
    *last ^= 1;
    r = next(fd, v, n);
    *last ^= 1;
    return r;
}
#endif
