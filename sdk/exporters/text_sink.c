#include "sdk/exporters/text_sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "preload/abi.h"
#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "preload/base/log.h"

/* The program may change its directory later: a relative path means the one it has now. */
static char *absolute_path(const char *path)
{
    char *cwd = *path == '/' ? NULL : getcwd(NULL, 0), *full = NULL;
    size_t bytes = (cwd ? strlen(cwd) + 1 : 0) + strlen(path) + 1;

    full = malloc(bytes);
    if (full)
        snprintf(full, bytes, "%s%s%s", cwd ? cwd : "", cwd ? "/" : "", path);
    free(cwd);
    return full;
}

int oa_text_sink_init(struct oa_text_sink *sink, const struct oa_host *host, const char *where)
{
    *sink = (struct oa_text_sink){ .host = host, .file = OA_OWN_FD_NONE };
    if (!*where || strcmp(where, "stdout") == 0) {
        sink->stream = oa_fd_identity_of(STDOUT_FILENO);
        return 0;
    }
    if (strcmp(where, "stderr") == 0) {
        sink->stream = oa_fd_identity_of(STDERR_FILENO);
        return 0;
    }
    sink->path = absolute_path(where);
    return sink->path ? 0 : OA_ENOMEM;
}

void oa_text_sink_release(struct oa_text_sink *sink)
{
    free(sink->path);
    sink->path = NULL;
}

int oa_text_sink_begin(struct oa_text_sink *sink)
{
    int fd;

    if (!sink->path)
        return 0;
    fd = open(sink->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644);
    sink->reason = fd < 0 ? strerrordesc_np(errno) : "it cannot be written to"; /* unlike strerror(), of no locale */
    return fd < 0 ? OA_EIO : oa_own_fd_adopt_file(&sink->file, sink->host, fd, sink->path);
}

int oa_text_sink_end(struct oa_text_sink *sink, int err, uint32_t items, const char *what)
{
    const char *reason = err == OA_ENOMEM || !sink->reason ? "out of memory" : sink->reason;
    uint64_t total;

    oa_own_fd_close(&sink->file, sink->host);
    sink->reason = NULL;
    if (err && sink->path && oa_log_limit_due(&sink->failed, items, oa_clock_mono_ns(), &total))
        oa_log(OA_LOG_WARN, "exporting to %.200s failed: %s; %llu %s", sink->path, reason, (unsigned long long)total,
               what);
    return err;
}

int oa_text_sink_put(struct oa_text_sink *sink, struct oa_slice text, uint64_t deadline_mono_ns)
{
    if (!sink->path && !oa_fd_identity_holds(&sink->stream))
        return OA_EIO;
    return oa_fd_write(sink->path ? sink->file.fd : sink->stream.fd, text, deadline_mono_ns);
}
