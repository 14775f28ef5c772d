#include "hooks/libc/output.h"

#include "hooks/instrumentation/log_lines.h"
#include "hooks/libc/wrap.h"

ssize_t oa_output_write(const struct oa_outgoing *out)
{
    ssize_t r = oa_conn_write(out);
    struct oa_guard guard;

    if (oa_likely(oa_fd_word(out->fd) != OA_FD_OUTPUT) || r <= 0 || !oa_guard_enter(&guard))
        return r;
    oa_log_lines_put(out->fd == STDOUT_FILENO ? OA_LOG_STDOUT : OA_LOG_STDERR, out->iov, out->count, (size_t)r);
    oa_hook_leave(&guard);
    return r;
}
