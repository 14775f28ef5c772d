#include "tests/support/chaos_kernel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "preload/base/compiler.h"
#include "preload/fdtab.h"
#include "preload/life.h"
#include "preload/real.h"
#include "tests/support/http_fixture.h"

#define PIECES_MAX 32
#define TRIES_MAX 10000

struct oa_test_kernel oa_test_kernel;
int oa_test_fds[2];

static void must(bool truth, const char *what)
{
    if (truth)
        return;
    fprintf(stderr, "%s (first %zu, each %zu, refuse %d)\n", what, oa_test_kernel.first, oa_test_kernel.each,
            oa_test_kernel.refuse);
    abort();
}

static ssize_t take(const struct iovec *iov, size_t count)
{
    struct oa_test_kernel *k = &oa_test_kernel;
    size_t limit = k->first ? k->first : k->each, taken = 0;

    must(oa_thread.depth == 0, "the guard is up during a system call");
    k->calls++;
    if (k->refuse && k->calls % k->refuse == 0) {
        errno = k->error ? k->error : EAGAIN;
        return -1;
    }
    k->first = 0;
    for (size_t i = 0; i < count && taken < limit; i++) {
        size_t n = iov[i].iov_len < limit - taken ? iov[i].iov_len : limit - taken;

        must(k->len + n < sizeof(k->wire), "the wire is full");
        memcpy(k->wire + k->len, iov[i].iov_base, n);
        k->len += n;
        taken += n;
    }
    k->wire[k->len] = '\0';
    return (ssize_t)taken;
}

ssize_t oa_test_kernel_sendmsg(int fd OA_UNUSED, const struct msghdr *msg, int flags OA_UNUSED)
{
    return take(msg->msg_iov, msg->msg_iovlen);
}

static ssize_t plain(const struct oa_outgoing *out)
{
    return take(out->iov, (size_t)out->count);
}

void oa_test_kernel_start(void)
{
    oa_test_http_start(NULL);
    oa_real_resolve();
    oa_real.sendmsg = oa_test_kernel_sendmsg;
    oa_fd_limit = OA_FD_MAX;
    oa_test_kernel.each = SIZE_MAX;
}

void oa_test_connect(void)
{
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, oa_test_fds) != 0)
        abort();
    oa_conn_on_socketpair(oa_test_fds, AF_UNIX, SOCK_STREAM);
    oa_test_kernel.len = 0;
    oa_test_kernel.wire[0] = '\0';
}

void oa_test_hang_up(void)
{
    for (int i = 0; i < 2; i++) {
        oa_conn_on_close(oa_test_fds[i]);
        close(oa_test_fds[i]);
    }
}

ssize_t oa_test_write(const struct iovec *pieces, int count, size_t skip, int flags)
{
    struct iovec iov[PIECES_MAX];
    struct oa_outgoing out = { .iov = iov, .flags = flags, .plain = plain, .fd = oa_test_fds[0] };

    must(count <= PIECES_MAX, "too many pieces");
    for (int i = 0; i < count; i++) {
        size_t cut = skip < pieces[i].iov_len ? skip : pieces[i].iov_len;

        skip -= cut;
        iov[out.count++] = (struct iovec){ (char *)pieces[i].iov_base + cut, pieces[i].iov_len - cut };
    }
    return oa_conn_write(&out);
}

void oa_test_write_all(const struct iovec *pieces, int count)
{
    size_t total = 0, done = 0;

    for (int i = 0; i < count; i++)
        total += pieces[i].iov_len;
    for (int tries = 0; done < total; tries++) {
        ssize_t n;

        errno = 4711;
        n = oa_test_write(pieces, count, done, 0);
        must(n != 0 && n <= (ssize_t)(total - done), "a result that no kernel gives");
        must(n > 0 ? errno == 4711 : errno == EAGAIN, "errno is not the kernel's");
        done += n > 0 ? (size_t)n : 0;
        must(tries < TRIES_MAX, "no end of it");
    }
}

void oa_test_write_text(const char *text)
{
    oa_test_write_all(&(struct iovec){ .iov_base = (char *)text, .iov_len = strlen(text) }, 1);
}

int oa_test_strip_headers(void)
{
    struct oa_test_kernel *k = &oa_test_kernel;
    int n = 0;

    for (char *at; (at = strstr(k->wire, "traceparent: 00-")); n++) {
        must(at > k->wire && at[-1] == '\n' && memcmp(at + OA_HTTP_TAG_LEN - 2, "\r\n", 2) == 0,
             "a header that is no line of its own");
        memmove(at, at + OA_HTTP_TAG_LEN, k->len + 1 - (size_t)(at + OA_HTTP_TAG_LEN - k->wire));
        k->len -= OA_HTTP_TAG_LEN;
    }
    return n;
}
