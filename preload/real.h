/*
 * The next definition of every hooked function: one struct of typed pointers grown from hooks.def.
 * A pointer takes its type from the declaration of the function itself, so a row cannot disagree
 * with the header. Each is found at its first call, and written once or several times with the same value; read
 * without locks.
 */
#ifndef OA_REAL_H
#define OA_REAL_H

#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <syslog.h>
#include <unistd.h>

#include "preload/base/compiler.h"

/* Names that no public header declares without _FORTIFY_SOURCE, or that are libc's entry point. */
ssize_t __read_chk(int fd, void *buf, size_t n, size_t buflen);
ssize_t __recv_chk(int fd, void *buf, size_t n, size_t buflen, int flags);
ssize_t __recvfrom_chk(int fd, void *buf, size_t n, size_t buflen, int flags, struct sockaddr *addr,
                       socklen_t *addrlen);
int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t fdslen);
int __ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask, size_t fdslen);
void __vsyslog_chk(int priority, int flag, const char *format, va_list ap);
void __syslog_chk(int priority, int flag, const char *format, ...);
int __printf_chk(int flag, const char *format, ...);
int __vprintf_chk(int flag, const char *format, va_list ap);
int __fprintf_chk(FILE *file, int flag, const char *format, ...);
int __vfprintf_chk(FILE *file, int flag, const char *format, va_list ap);
int __dprintf_chk(int fd, int flag, const char *format, ...);
int __vdprintf_chk(int fd, int flag, const char *format, va_list ap);
int __overflow(FILE *file, int c);
int _IO_putc(int c, FILE *file);
int capset(void *header, const void *data);
int __libc_start_main(int (*main)(int, char **, char **), int argc, char **argv, void (*init)(void),
                      void (*fini)(void), void (*rtld_fini)(void), void *stack_end);

enum oa_hook {
#define HOOK(name, need, family) OA_HOOK_##name,
#define RAW(name, why)
#include "hooks/hooks.def"
#undef HOOK
#undef RAW
    OA_HOOK_COUNT
};

struct oa_real {
#define HOOK(name, need, family) __typeof__(&name) name;
#define RAW(name, why)
#include "hooks/hooks.def"
#undef HOOK
#undef RAW
};
_Static_assert(sizeof(struct oa_real) == OA_HOOK_COUNT * sizeof(void *), "one pointer a row");

extern struct oa_real oa_real;
extern void *oa_raw_syscall; /* libc's syscall(), for hooks/libc/raw.S */

/* Fills every pointer that is still empty. Constructor only (dlsym may allocate and lock). */
void oa_real_resolve(void);

/* Resolves one row before the constructor ran. A missing symbol yields a function that fails with
 * ENOSYS, never NULL. */
OA_COLD void oa_real_late(enum oa_hook hook);

/* What was found, NULL before: any thread may be about to write it, always the same. */
#define OA_REAL_FOUND(name) __atomic_load_n(&oa_real.name, __ATOMIC_RELAXED)

/* The function to forward to, as a typed pointer. */
#define OA_REAL(name)                                                                                 \
    (*__extension__({                                                                                 \
        __typeof__(oa_real.name) oa_found = OA_REAL_FOUND(name);                                      \
        oa_likely(oa_found != NULL) ? oa_found : (oa_real_late(OA_HOOK_##name), OA_REAL_FOUND(name)); \
    }))

#endif
