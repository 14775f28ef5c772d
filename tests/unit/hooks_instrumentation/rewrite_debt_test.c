/* What is owed after a short write, and what else may happen to a connection during a call.
 * SOURCES: tests/support/http.sources tests/support/conn.sources tests/support/chaos_kernel.c */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "preload/base/compiler.h"
#include "preload/fdtab.h"
#include "preload/real.h"
#include "tests/support/chaos_kernel.h"
#include "tests/support/http_fixture.h"

#define HEAD "GET /a HTTP/1.1\r\nHost: h\r\n"
#define POST "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 7\r\n"

/* A kernel that stops within our header, and an application that stops there too. */
static void into_debt(size_t sent)
{
    static const char text[] = HEAD "\r\n";

    oa_test_connect();
    oa_test_kernel.first = strlen(HEAD) + sent;
    oa_test_kernel.each = SIZE_MAX;
    cr_assert_eq(oa_test_write(&(struct iovec){ .iov_base = (char *)text, .iov_len = sizeof(text) - 1 }, 1, 0, 0),
                 (ssize_t)strlen(HEAD), "the application is told what is its own");
}

Test(rewrite_debt, debt__is_paid_before_shutdown_and_close)
{
    oa_test_kernel_start();
    for (size_t sent = 1; sent < OA_HTTP_TAG_LEN; sent++) {
        into_debt(sent);
        cr_assert_eq(oa_conn_flush_pending(oa_test_fds[0]), 0);
        cr_assert_eq(oa_test_kernel.len, strlen(HEAD) + OA_HTTP_TAG_LEN);
        cr_assert_eq(oa_conn_flush_pending(oa_test_fds[0]), 0, "once");
        cr_assert_eq(oa_test_kernel.len, strlen(HEAD) + OA_HTTP_TAG_LEN);
        oa_test_write_text("\r\n");
        cr_assert_eq(oa_test_strip_headers(), 1);
        cr_assert_str_eq(oa_test_kernel.wire, HEAD "\r\n");
        oa_test_hang_up();
    }
}

Test(rewrite_debt, debt__a_refused_payment_is_reported)
{
    oa_test_kernel_start();
    into_debt(5);
    oa_test_kernel.refuse = 1;
    errno = 0;
    cr_assert_eq(oa_conn_flush_pending(oa_test_fds[0]), -1);
    cr_assert_eq(errno, EAGAIN);
    oa_test_kernel.refuse = 0;
    cr_assert_eq(oa_conn_flush_pending(oa_test_fds[0]), 0);
    cr_assert_eq(oa_test_kernel.len, strlen(HEAD) + OA_HTTP_TAG_LEN);
}

Test(rewrite_debt, debt__of_a_lost_connection_is_paid_all_the_same)
{
    struct oa_conn *conn;

    oa_test_kernel_start();
    into_debt(5);
    conn = oa_conn_lock(oa_fd_word(oa_test_fds[0]));
    oa_conn_lose(conn, false);
    oa_conn_unlock(conn);
    oa_test_write_text("\r\n");
    cr_assert_eq(oa_test_strip_headers(), 1);
    cr_assert_str_eq(oa_test_kernel.wire, HEAD "\r\n");
}

Test(rewrite_debt, debt__is_the_debtors)
{
    oa_test_kernel_start();
    into_debt(5);
    oa_test_generation = 1; /* a forked child: its parent pays */
    cr_assert_eq(oa_conn_flush_pending(oa_test_fds[0]), 0);
    cr_assert_eq(oa_test_kernel.len, strlen(HEAD) + 5);
}

/* The number means another socket by now, and nobody saw it happen. */
Test(rewrite_debt, debt__is_not_paid_to_a_stranger)
{
    int other[2];

    oa_test_kernel_start();
    into_debt(5);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, other), 0);
    cr_assert_eq(dup2(other[0], oa_test_fds[0]), oa_test_fds[0]);
    cr_assert_eq(oa_conn_flush_pending(oa_test_fds[0]), 0);
    cr_assert_eq(oa_test_kernel.len, strlen(HEAD) + 5);
    oa_test_write_text("hello");
    cr_assert_str_eq(oa_test_kernel.wire + strlen(HEAD) + 5, "hello");
}

Test(rewrite_debt, debt__is_forgotten_with_the_connection)
{
    uint32_t slot;

    oa_test_kernel_start();
    slot = oa_op_open()->slot; /* the one that comes next is the request's */
    into_debt(5);
    oa_test_hang_up();
    oa_test_connect();
    cr_assert_eq(oa_conn_flush_pending(oa_test_fds[0]), 0);
    cr_assert_eq(oa_test_kernel.len, 0);
    cr_assert_eq(oa_op_open()->slot, slot + 1, "the operation was given back");
}

static const int left_alone[] = { MSG_OOB, 0x4000000 /* MSG_ZEROCOPY */, 0x20000000 /* MSG_FASTOPEN */ };

Test(rewrite_debt, flags__that_forbid_an_edit)
{
    oa_test_kernel_start();
    oa_test_kernel.each = SIZE_MAX;
    for (size_t i = 0; i < OA_COUNT(left_alone); i++) {
        struct iovec iov = { .iov_base = (char *)HEAD "\r\n", .iov_len = strlen(HEAD) + 2 };

        oa_test_connect();
        cr_assert_eq(oa_test_write(&iov, 1, 0, left_alone[i]), (ssize_t)iov.iov_len);
        cr_assert_str_eq(oa_test_kernel.wire, HEAD "\r\n");
        oa_test_hang_up();
    }
}

Test(rewrite_debt, error__of_the_kernel_is_the_applications)
{
    struct iovec iov = { .iov_base = (char *)HEAD "\r\n", .iov_len = strlen(HEAD) + 2 };
    struct oa_span_view view;

    oa_test_kernel_start();
    oa_test_connect();
    oa_test_kernel.refuse = 1;
    oa_test_kernel.error = ECONNRESET;
    errno = 0;
    cr_assert_eq(oa_test_write(&iov, 1, 0, 0), -1);
    cr_assert_eq(errno, ECONNRESET);
    cr_assert_eq(oa_test_kernel.calls, 1, "one call of the application, one of ours");
    oa_test_hang_up();
    cr_assert_not(oa_test_http_span(&view), "nothing was asked of anybody");
}

static int inner_writes;

/* Another thread writes while this one is in the oa_test_kernel. */
static ssize_t kernel_with_rival(int fd, const struct msghdr *msg, int flags)
{
    struct iovec iov = { .iov_base = (char *)HEAD "\r\n", .iov_len = strlen(HEAD) + 2 };

    if (inner_writes++ == 0)
        cr_assert_eq(oa_test_write(&iov, 1, 0, 0), (ssize_t)iov.iov_len);
    return oa_test_kernel_sendmsg(fd, msg, flags);
}

Test(rewrite_debt, two_writers__lose_the_connection_but_no_byte)
{
    struct oa_span_view view;

    oa_test_kernel_start();
    oa_test_kernel.each = SIZE_MAX;
    oa_real.sendmsg = kernel_with_rival;
    oa_test_connect();
    oa_test_write_text(POST "\r\n1234567");
    cr_assert_eq(oa_test_dropped(OA_DROP_CONTENTION), 1);
    cr_assert_eq(oa_test_strip_headers(), 1);
    cr_assert_str_eq(oa_test_kernel.wire, HEAD "\r\n" POST "\r\n1234567");
    oa_test_hang_up();
    cr_assert_not(oa_test_http_span(&view));
}

/* Another thread closes the descriptor while this one is in the oa_test_kernel. */
static ssize_t kernel_with_close(int fd, const struct msghdr *msg, int flags)
{
    oa_conn_on_close(oa_test_fds[0]);
    return oa_test_kernel_sendmsg(fd, msg, flags);
}

Test(rewrite_debt, closed__during_the_call)
{
    oa_test_kernel_start();
    oa_test_kernel.each = SIZE_MAX;
    oa_real.sendmsg = kernel_with_close;
    oa_test_connect();
    oa_test_write_text(POST "\r\n1234567");
    cr_assert_eq(oa_test_strip_headers(), 1);
    cr_assert_str_eq(oa_test_kernel.wire, POST "\r\n1234567");
}
