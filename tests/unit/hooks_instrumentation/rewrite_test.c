/* Edits under every kind of kernel: short writes at every byte, EAGAIN anywhere, one byte at a time. What the
 * application believes it wrote and what is on the wire must differ by our header alone.
 * SOURCES: tests/support/http.sources tests/support/conn.sources tests/support/chaos_kernel.c LIBS: -lpthread */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "preload/fdtab.h"
#include "preload/real.h"
#include "tests/support/chaos_kernel.h"
#include "tests/support/http_fixture.h"

#define HEAD "GET /a HTTP/1.1\r\nHost: h\r\n"
#define POST "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 7\r\n"

/* Sends text on a connection of its own through the kernel as it is set up; headers: how many are wanted. */
static void sends(const char *text, int headers)
{
    oa_test_connect();
    oa_test_write_text(text);
    cr_assert_eq(oa_conn_flush_pending(oa_test_fds[0]), 0);
    cr_assert_eq(oa_test_strip_headers(), headers, "first %zu each %zu refuse %d: %s", oa_test_kernel.first,
                 oa_test_kernel.each, oa_test_kernel.refuse, oa_test_kernel.wire);
    cr_assert_str_eq(oa_test_kernel.wire, text, "each %zu refuse %d", oa_test_kernel.each, oa_test_kernel.refuse);
    oa_test_hang_up();
}

Test(rewrite, short_write__at_every_byte)
{
    static const char text[] = POST "\r\n1234567";

    oa_test_kernel_start();
    for (size_t first = 1; first <= strlen(text) + OA_HTTP_TAG_LEN; first++) {
        oa_test_kernel.first = first;
        oa_test_kernel.each = SIZE_MAX;
        sends(text, 1);
    }
}

Test(rewrite, short_write__of_every_size)
{
    oa_test_kernel_start();
    for (oa_test_kernel.each = 1; oa_test_kernel.each < 200; oa_test_kernel.each++) {
        sends(POST "\r\n1234567", 1);
        sends(HEAD "\r\n" POST "\r\n1234567" HEAD "\r\n", 3);
    }
}

Test(rewrite, short_write__after_a_refusal)
{
    oa_test_kernel_start();
    for (oa_test_kernel.each = 1; oa_test_kernel.each < 120; oa_test_kernel.each++) {
        for (oa_test_kernel.refuse = 2; oa_test_kernel.refuse < 5; oa_test_kernel.refuse++) {
            oa_test_kernel.calls = 0;
            sends(POST "\r\n1234567" HEAD "\r\n", 2);
        }
    }
}

Test(rewrite, bodies__that_look_like_heads)
{
    oa_test_kernel_start();
    for (oa_test_kernel.each = 1; oa_test_kernel.each < 120; oa_test_kernel.each += 3)
        sends("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 28\r\n\r\n" HEAD "\r\n" HEAD "\r\n", 2);
}

Test(rewrite, writes__cut_by_the_application)
{
    static const char text[] = HEAD "\r\n" POST "\r\n1234567";

    oa_test_kernel_start();
    for (oa_test_kernel.each = 1; oa_test_kernel.each < 90; oa_test_kernel.each += 4) {
        for (size_t cut = 1; cut < strlen(text); cut++) {
            oa_test_connect();
            oa_test_write_all(&(struct iovec){ .iov_base = (char *)text, .iov_len = cut }, 1);
            oa_test_write_text(text + cut);
            cr_assert_eq(oa_conn_flush_pending(oa_test_fds[0]), 0);
            cr_assert_eq(oa_test_strip_headers(), 2, "each %zu cut %zu", oa_test_kernel.each, cut);
            cr_assert_str_eq(oa_test_kernel.wire, text);
            oa_test_hang_up();
        }
    }
}

Test(rewrite, pieces__more_than_one_call_can_take)
{
    static const char text[] = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 16\r\n\r\n0123456789abcdef";
    struct iovec pieces[32];

    oa_test_kernel_start();
    for (oa_test_kernel.each = 1; oa_test_kernel.each < 200; oa_test_kernel.each += 7) {
        for (size_t size = 2; size < 40; size++) {
            int n = 0;

            for (size_t at = 0; at < strlen(text); at += size) {
                size_t len = strlen(text) - at < size ? strlen(text) - at : size;

                if (n < 31)
                    pieces[n++] = (struct iovec){ (char *)text + at, len };
                else
                    pieces[n - 1].iov_len += len;
            }
            oa_test_connect();
            oa_test_write_all(pieces, n);
            cr_assert_eq(oa_conn_flush_pending(oa_test_fds[0]), 0);
            cr_assert_eq(oa_test_strip_headers(), 1, "each %zu pieces of %zu", oa_test_kernel.each, size);
            cr_assert_str_eq(oa_test_kernel.wire, text);
            oa_test_hang_up();
        }
    }
}

/* A server request of this process; its tag is what the application may copy. */
static void serve(char *tag, size_t cap)
{
    char buf[512] = "GET /in HTTP/1.1\r\nHost: s\r\n\r\n";
    struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) - 1 };
    struct oa_incoming in = { .iov = &iov, .count = 1, .may_grow = true };
    struct sockaddr peer = { .sa_family = AF_UNIX };
    int pair[2];

    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    oa_conn_on_accept(-1, pair[0], &peer, sizeof(sa_family_t));
    cr_assert(oa_conn_on_read(pair[0], oa_fd_word(pair[0]), &in, (ssize_t)strlen(buf)) > OA_HTTP_TAG_LEN);
    snprintf(tag, cap, "%.55s", strstr(buf, "traceparent: ") + 13);
}

/* A tag that is replaced: the wire holds the client span's id, or the one that was there where the kernel
 * stopped within the value before it; never a mixture. */
Test(rewrite, replace__short_writes_at_every_byte)
{
    char tag[64], before[512], after[512];
    size_t value_at = strlen(HEAD) + 13;
    struct oa_span_view view;

    oa_test_kernel_start();
    serve(tag, sizeof(tag));
    snprintf(before, sizeof(before), HEAD "traceparent: %s\r\nX: y\r\n\r\n", tag);
    for (size_t first = 1; first <= strlen(before); first++) {
        for (size_t each = 1; each < 100; each += 11) {
            oa_test_connect();
            oa_test_kernel.first = first;
            oa_test_kernel.each = each;
            oa_test_write_text(before);
            oa_test_hang_up();
            view = oa_test_http_next_span();
            cr_assert(oa_test_attr_is(&view, "otel_auto.link", "tag"));
            memcpy(after, before, sizeof(after));
            memcpy(after + value_at + 36, oa_test_span_id(&view), 16);
            if (first > value_at + 36)
                cr_assert_str_eq(oa_test_kernel.wire, after, "first %zu each %zu", first, each);
            else
                cr_assert(strcmp(oa_test_kernel.wire, after) == 0 || strcmp(oa_test_kernel.wire, before) == 0,
                          "first %zu each %zu: %s", first, each, oa_test_kernel.wire);
        }
    }
}

/* The reading thread of a client that writes in another one. */
static void *read_answer(void *arg)
{
    static char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    struct iovec iov = { .iov_base = text, .iov_len = sizeof(text) - 1 };
    struct oa_incoming in = { .iov = &iov, .count = 1 };
    int fd = oa_test_fds[0];

    (void)oa_conn_on_read(fd, oa_fd_word(fd), &in, (ssize_t)iov.iov_len);
    return arg;
}

static pthread_t reader;

/* A peer that answers before the writer is back from its system call. */
static ssize_t send_answered_at_once(int fd, const struct msghdr *msg, int flags)
{
    ssize_t w = oa_test_kernel_sendmsg(fd, msg, flags);

    cr_assert_eq(pthread_create(&reader, NULL, read_answer, NULL), 0);
    usleep(1000);
    return w;
}

Test(rewrite, answer__overtakes_the_writer)
{
    struct oa_span_view view;

    oa_test_kernel_start();
    oa_test_kernel.each = SIZE_MAX;
    oa_test_connect();
    oa_real.sendmsg = send_answered_at_once;
    oa_test_write_text(HEAD "\r\n");
    pthread_join(reader, NULL);
    view = oa_test_http_next_span();
    cr_assert(oa_test_attr_is(&view, "http.request.method", "GET"));
    oa_test_hang_up();
}
