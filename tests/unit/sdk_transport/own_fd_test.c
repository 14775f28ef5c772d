/* SOURCES: sdk/transport/plain.c sdk/transport/own_fd.c sdk/transport/reply.c sdk/transport/request_head.c
 *   sdk/transport/resolve.c sdk/transport/retry.c sdk/transport/wait.c env/url.c preload/base/arena.c
 *   hooks/protocols/http1.c hooks/protocols/http1_body.c hooks/protocols/http1_detect.c
 * hooks/protocols/http1_fields.c hooks/protocols/http1_head.c hooks/protocols/http1_lines.c
 * hooks/protocols/http1_start.c
 *   tests/support/test_host.c tests/support/tiny_server.c tests/support/http_post.c */
#include <criterion/criterion.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sdk/transport/own_fd.h"
#include "tests/support/http_post.h"
#include "tests/support/test_host.h"

static int highest_socket(void)
{
    DIR *dir = opendir("/proc/self/fd");
    struct dirent *entry;
    int highest = -1;

    while ((entry = readdir(dir)))
        if (atoi(entry->d_name) > highest)
            highest = atoi(entry->d_name);
    closedir(dir);
    return highest;
}

Test(own_fd, socket__is_high_and_close_on_exec, .init = post_reset)
{
    struct oa_http_transport *t = post_start(oa_http_plain_new, post_talk_ok, "/");
    struct rlimit limit;
    int fd;

    cr_assert_eq(post(t, 5000), 0);
    getrlimit(RLIMIT_NOFILE, &limit);
    fd = highest_socket();
    cr_expect_geq(fd, (int)(limit.rlim_cur < OA_OWN_FD_CEILING ? limit.rlim_cur : OA_OWN_FD_CEILING) - 64);
    cr_expect_lt(fd, (int)OA_OWN_FD_CEILING);
    cr_expect(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    post_stop(t);
}

Test(own_fd, socket__in_a_hurry_is_cheap, .init = post_reset)
{
    struct oa_http_transport *t = post_start(oa_http_plain_new, post_talk_ok, "/");

    cr_assert_eq(post(t, 200), 0);
    cr_expect_geq(highest_socket(), OA_OWN_FD_HURRY);
    cr_expect_lt(highest_socket(), 64, "no growth of the kernel's table");
    post_stop(t);
}

/* The program closes our number and opens something of its own there: not a byte may reach it. */
Test(own_fd, socket__taken_by_the_program_is_left_alone, .init = post_reset)
{
    struct oa_http_transport *t = post_start(oa_http_plain_new, post_talk_ok, "/");
    int pipes[2], fd;
    char byte;

    cr_assert_eq(post(t, 10000), 0);
    fd = highest_socket();
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pipes), 0);
    cr_assert_eq(dup2(pipes[0], fd), fd);
    close(pipes[0]);
    cr_assert_eq(post(t, 10000), 0, "%s", post_response.reason);
    cr_expect_eq(post_server.accepted, 2);
    cr_expect_eq(write(fd, "x", 1), 1, "still open, still theirs");
    cr_expect_eq(read(pipes[1], &byte, 1), 1);
    cr_expect_eq(byte, 'x');
    post_stop(t);
}
