#include "tests/support/wrapper_calls.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "preload/fdtab.h"
#include "preload/life.h"
#include "preload/real.h"
#include "tests/support/http_fixture.h"

int oa_test_write_error;

static ssize_t fails(void)
{
    errno = oa_test_write_error;
    return -1;
}

static ssize_t kernel_sendmsg(int fd, const struct msghdr *msg, int flags)
{
    return oa_test_write_error ? fails() : sendmsg(fd, msg, flags);
}

static ssize_t plain_write(const struct oa_outgoing *out)
{
    return oa_test_write_error ? fails() : writev(out->fd, out->iov, out->count);
}

void oa_test_calls_start(void)
{
    oa_test_http_start(NULL);
    oa_real_resolve();
    oa_real.sendmsg = kernel_sendmsg;
    oa_fd_limit = OA_FD_MAX;
}

ssize_t oa_test_fd_write(int fd, const char *text)
{
    struct iovec iov = { .iov_base = (char *)text, .iov_len = strlen(text) };
    struct oa_outgoing out = { .iov = &iov, .count = 1, .plain = plain_write, .fd = fd };

    return oa_conn_write(&out);
}

ssize_t oa_test_fd_read(int fd, char *buf, size_t cap)
{
    struct iovec iov = { .iov_base = buf, .iov_len = cap };
    struct oa_incoming in = { .iov = &iov, .count = 1, .may_grow = true };
    uint32_t word = oa_fd_word(fd);

    return oa_conn_on_read(fd, word, &in, read(fd, buf, cap));
}

void oa_test_fd_close(int fd)
{
    oa_conn_on_close(fd);
    close(fd);
}
