/*
 * errno: every call of errno_calls.def, its value and errno before and after. Four times: in the main thread with two
 * values of errno before, in another thread, and inside a signal handler.
 *
 * SOURCES: tests/support/victim.c tests/support/probe_stage.c
 * CFLAGS: -Wno-nonnull -Wno-stringop-overflow -Wno-stringop-overread
 * -Wno-array-bounds -Wno-unused-value -Wno-format -Wno-mismatched-dealloc
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <syslog.h>
#include <unistd.h>

#include "tests/support/probe_stage.h"
#include "tests/support/victim.h"

#define REQUEST probe_request, strlen(probe_request)
#define ANSWER probe_answer, strlen(probe_answer)

ssize_t __read_chk(int fd, void *to, size_t n, size_t room);
ssize_t __recv_chk(int fd, void *to, size_t n, size_t room, int flags);
ssize_t __recvfrom_chk(int fd, void *to, size_t n, size_t room, int flags, struct sockaddr *addr, socklen_t *len);
int __poll_chk(struct pollfd *fds, nfds_t n, int timeout, size_t room);
int __ppoll_chk(struct pollfd *fds, nfds_t n, const struct timespec *timeout, const sigset_t *mask, size_t room);

void __syslog_chk(int priority, int flag, const char *format, ...);
void __vsyslog_chk(int priority, int flag, const char *format, va_list ap);

int __printf_chk(int flag, const char *format, ...);
int __vprintf_chk(int flag, const char *format, va_list ap);
int __fprintf_chk(FILE *file, int flag, const char *format, ...);
int __vfprintf_chk(FILE *file, int flag, const char *format, va_list ap);
int __dprintf_chk(int fd, int flag, const char *format, ...);
int __vdprintf_chk(int fd, int flag, const char *format, va_list ap);
int __overflow(FILE *file, int c);
int _IO_putc(int c, FILE *file);

extern char **environ;

struct call {
    const char *text;
    long (*make)(void);
    bool slow, request;
};

static struct probe_stage s;
static int before;
static const char *pass;
static sigjmp_buf out_of_fault;
static bool shows_context; /* a request that is read may be longer than it was sent */

#define here(port) probe_here(port)
#define alarm_soon() probe_alarm_start()

int capset(struct __user_cap_header_struct *header, const struct __user_cap_data_struct *data);

static struct __user_cap_header_struct rights_of = { .version = _LINUX_CAPABILITY_VERSION_3 };

static const struct __user_cap_data_struct *own_rights(void)
{
    static struct __user_cap_data_struct rights[2];

    (void)probe_raw(SYS_capget, (long)&rights_of, (long)rights, 0, 0, 0);
    return rights;
}

/* What follows a call must not touch the errno that it left. */

static long stream(FILE *file)
{
    int left = errno;

    if (file)
        fclose(file);
    errno = left;
    return file != NULL;
}

static long looked_up(int r)
{
    int left = errno;

    if (r == 0)
        freeaddrinfo(s.ai);
    errno = left;
    return r;
}

static long ended(pid_t pid, int code)
{
    int left = errno, status = -1;

    if (pid == 0)
        _exit(code);
    while (pid > 0 && waitpid(pid, &status, 0) < 0)
        ;
    errno = left;
    return status;
}

static long ended_vfork(int code)
{
    pid_t pid = vfork();

    if (pid == 0)
        _exit(code);
    return ended(pid, code);
}

#define LIST(name, parameters, ...) \
    static long name parameters     \
    {                               \
        va_list ap;                 \
        long r_;                    \
                                    \
        va_start(ap, format);       \
        r_ = (long)(__VA_ARGS__);   \
        va_end(ap);                 \
        return r_;                  \
    }

LIST(list, (const char *format, ...), (vsyslog(LOG_DEBUG, format, ap), 0))
LIST(checked_list, (const char *format, ...), (__vsyslog_chk(LOG_DEBUG, 1, format, ap), 0))
LIST(descriptor_list, (int fd, const char *format, ...), vdprintf(fd, format, ap))
LIST(checked_descriptor_list, (int fd, const char *format, ...), __vdprintf_chk(fd, 1, format, ap))
LIST(stream_list, (FILE * f, const char *format, ...), vfprintf(f, format, ap))
LIST(checked_stream_list, (FILE * f, const char *format, ...), __vfprintf_chk(f, 1, format, ap))
LIST(stdout_list, (const char *format, ...), vprintf(format, ap))
LIST(checked_stdout_list, (const char *format, ...), __vprintf_chk(1, format, ap))

static FILE *unbuffered(const char *path)
{
    FILE *file = fopen(path, "w");

    setvbuf(file, NULL, _IONBF, 0);
    return file;
}

static void shut(FILE *file)
{
    int left = errno;

    fclose(file);
    errno = left;
}

#define NOWHERE "/dev/null"
#define FULL "/dev/full"

/* A call while stdout or stderr is a stream onto that device. */
#define ONTO(standard, path, ...)                        \
    ({                                                   \
        FILE *kept_ = standard, *to_ = unbuffered(path); \
        long r_;                                         \
        standard = to_;                                  \
        errno = before;                                  \
        r_ = (long)(__VA_ARGS__);                        \
        standard = kept_;                                \
        shut(to_);                                       \
        r_;                                              \
    })

/* A call that writes out what a stream onto that device has in its buffer. */
#define OUT_OF_BUFFER(path, call)   \
    ({                              \
        FILE *f = fopen(path, "w"); \
        long r_;                    \
        fputc('x', f);              \
        errno = before;             \
        r_ = (call);                \
        shut(f);                    \
        r_;                         \
    })

static void *no_op(void *arg)
{
    return arg;
}

static void *leaves(void *arg)
{
    pthread_exit(arg ? arg : &s);
}

static long joined(int r)
{
    int left = errno;

    if (r == 0)
        pthread_join(s.thread, NULL);
    errno = left;
    return r;
}

static void say(const char *text, long result, int left)
{
    const char *name = strerrorname_np(left);

    dprintf(STDOUT_FILENO, "%s: %s = %ld, errno %d -> %s %d\n", pass, text, result, before, name ? name : "", left);
}

#define CHILD(...)               \
    ({                           \
        pid_t child_ = fork();   \
        if (child_ == 0) {       \
            errno = before;      \
            (void)(__VA_ARGS__); \
            _exit(99);           \
        }                        \
        ended(child_, 0);        \
    })

#define FORBIDDEN(...)                    \
    ({                                    \
        pid_t child_ = fork();            \
        if (child_ == 0) {                \
            long r_;                      \
            probe_forbid_children();      \
            errno = before;               \
            r_ = (long)(__VA_ARGS__);     \
            say(#__VA_ARGS__, r_, errno); \
            _exit(0);                     \
        }                                 \
        ended(child_, 0);                 \
    })

#define NAMED(line) NAMED_(line)
#define NAMED_(line) call_##line

#define CALL(function, outcome, ...)  \
    static long NAMED(__LINE__)(void) \
    {                                 \
        return (long)(__VA_ARGS__);   \
    }
#define SLOW CALL
#define LONG CALL
#include "errno_calls.def"
#undef CALL
#undef SLOW
#undef LONG

static const struct call calls[] = {
#define CALL(function, outcome, ...) { #__VA_ARGS__, NAMED(__LINE__), false, false },
#define SLOW(function, outcome, ...) { #__VA_ARGS__, NAMED(__LINE__), true, false },
#define LONG(function, outcome, ...) { #__VA_ARGS__, NAMED(__LINE__), false, true },
#include "errno_calls.def"
#undef CALL
#undef SLOW
#undef LONG
};

/* A call that faults where the kernel would have said EFAULT costs one line, not all that come after it. */
static void fault(int number)
{
    siglongjmp(out_of_fault, number);
}

static void make(const struct call *call)
{
    volatile long result = -99;
    volatile int left = -99;

    probe_stage_open(&s);
    errno = before;
    if (sigsetjmp(out_of_fault, 1) == 0) {
        result = call->make();
        left = errno;
    }
    probe_alarm_stop();
    say(call->text, call->request && shows_context ? result > 0 : result, left);
    probe_stage_close(&s);
}

static void make_all(const char *name, int value, bool slow)
{
    pass = name;
    before = value;
    for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++)
        if (slow || !calls[i].slow)
            make(&calls[i]);
}

static void *thread(void *arg)
{
    make_all("in a thread", EINTR, false);
    return arg;
}

static void handler(int number)
{
    (void)number;
    make_all("in a handler", VICTIM_KEPT, false);
}

int main(int argc, char **argv)
{
    pthread_t other;

    if (argc > 1)
        return atoi(argv[1]);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGSEGV, fault);
    shows_context = getenv("SHOWS_CONTEXT") != NULL;
    make_all("at first", 0, !shows_context);
    make_all("again", VICTIM_KEPT, false);
    pthread_create(&other, NULL, thread, NULL);
    pthread_join(other, NULL);
    signal(SIGUSR1, handler);
    raise(SIGUSR1);
    return 0;
}
