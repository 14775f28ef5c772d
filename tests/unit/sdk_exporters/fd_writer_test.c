/* SOURCES: sdk/exporters/fd_writer.c */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "sdk/exporters/fd_writer.h"

#define BIG (300u * 1024) /* more than a pipe holds */

static char big[BIG];

static uint64_t in_ms(unsigned ms)
{
    return oa_clock_mono_ns() + ms * OA_NS_PER_MS;
}

static void fill_big(void)
{
    for (size_t i = 0; i < BIG; i++)
        big[i] = (char)('a' + i % 26);
}

TestSuite(fd_writer, .init = fill_big);

/* Reads all and checks it; the result is the number of bytes. */
static void *drain(void *fd_ptr)
{
    size_t total = 0;
    char part[1000];
    ssize_t got;

    while ((got = read(*(int *)fd_ptr, part, sizeof(part))) > 0) {
        cr_assert(total + (size_t)got <= BIG);
        cr_assert_eq(memcmp(part, big + total, (size_t)got), 0);
        total += (size_t)got;
    }
    return (void *)total;
}

static void check_big(int read_fd, int write_fd)
{
    pthread_t thread;
    void *total;

    cr_assert_eq(pthread_create(&thread, NULL, drain, &read_fd), 0);
    cr_assert_eq(oa_fd_write(write_fd, (struct oa_slice){ big, BIG }, in_ms(5000)), 0);
    close(write_fd);
    pthread_join(thread, &total);
    cr_assert_eq((size_t)total, BIG);
}

Test(fd_writer, write__big_to_pipe)
{
    int fds[2];

    cr_assert_eq(pipe(fds), 0);
    check_big(fds[0], fds[1]);
}

Test(fd_writer, write__big_to_nonblocking_pipe)
{
    int fds[2];

    cr_assert_eq(pipe2(fds, O_NONBLOCK), 0);
    cr_assert_eq(fcntl(fds[0], F_SETFL, 0), 0);
    check_big(fds[0], fds[1]);
}

Test(fd_writer, write__big_to_socket)
{
    int fds[2];

    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    check_big(fds[0], fds[1]);
}

/* A reader that has stopped reading must not stop us; the pipe is a blocking one. */
Test(fd_writer, write__stalled_pipe_times_out)
{
    uint64_t start = oa_clock_mono_ns(), took;
    int fds[2];

    cr_assert_eq(pipe(fds), 0);
    cr_assert_eq(oa_fd_write(fds[1], (struct oa_slice){ big, BIG }, in_ms(50)), OA_ETIMEOUT);
    took = oa_clock_mono_ns() - start;
    cr_assert(took < 2 * OA_NS_PER_S, "took %llu ns", (unsigned long long)took);
    cr_assert_eq(oa_fd_write(fds[1], OA_SLICE("x"), 1), OA_ETIMEOUT, "a deadline that has passed");
}

Test(fd_writer, write__stalled_socket_times_out)
{
    int fds[2];

    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    cr_assert_eq(oa_fd_write(fds[1], (struct oa_slice){ big, BIG }, in_ms(50)), OA_ETIMEOUT);
}

/* Fits, though more than PIPE_BUF: one write, hence one read gives all of it. */
Test(fd_writer, write__in_one_piece_where_there_is_room)
{
    static char got[32768];
    int fds[2];

    cr_assert_eq(pipe2(fds, O_DIRECT), 0, "packets show where one write ends");
    cr_assert_eq(oa_fd_write(fds[1], (struct oa_slice){ big, 3000 }, in_ms(1000)), 0);
    cr_assert_eq(read(fds[0], got, sizeof(got)), 3000);
    cr_assert_eq(pipe(fds), 0);
    cr_assert_eq(oa_fd_write(fds[1], (struct oa_slice){ big, 20000 }, in_ms(1000)), 0);
    cr_assert_eq(read(fds[0], got, sizeof(got)), 20000);
}

static volatile sig_atomic_t pipe_signals;

static void on_pipe(int sig)
{
    (void)sig;
    pipe_signals++;
}

/* The default action of SIGPIPE is the end of the host. */
Test(fd_writer, write__closed_pipe_raises_nothing)
{
    sigset_t pending, mask;
    int fds[2];

    signal(SIGPIPE, on_pipe);
    cr_assert_eq(pipe(fds), 0);
    close(fds[0]);
    cr_assert_eq(oa_fd_write(fds[1], OA_SLICE("x"), in_ms(100)), OA_EIO);
    cr_assert_eq(pipe_signals, 0);
    sigpending(&pending);
    cr_assert_eq(sigismember(&pending, SIGPIPE), 0);
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    cr_assert_eq(sigismember(&mask, SIGPIPE), 0);
}

Test(fd_writer, write__bad_descriptor)
{
    cr_assert_eq(oa_fd_write(-1, OA_SLICE("x"), 0), OA_EIO);
    cr_assert_eq(oa_fd_write(open("/dev/null", O_RDONLY), OA_SLICE("x"), 0), OA_EIO);
    cr_assert_eq(oa_fd_write(open("/dev/full", O_WRONLY), OA_SLICE("x"), 0), OA_EIO);
    cr_assert_eq(oa_fd_write(open("/dev/null", O_WRONLY), OA_SLICE(""), 0), 0);
}

Test(fd_writer, identity)
{
    int fd = open("/dev/null", O_WRONLY), other = open("/dev/zero", O_WRONLY);
    struct oa_fd_identity identity = oa_fd_identity_of(fd), none = oa_fd_identity_of(-1);

    cr_assert(oa_fd_identity_holds(&identity));
    cr_assert_eq(dup2(other, fd), fd);
    cr_assert(!oa_fd_identity_holds(&identity));
    close(fd);
    cr_assert(!oa_fd_identity_holds(&identity));
    cr_assert(!oa_fd_identity_holds(&none));
}
