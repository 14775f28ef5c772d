#include "hooks/instrumentation/log_inline.h"

#include <stdio.h>

uint8_t oa_log_inline_on;

#if defined(__GLIBC__)
/* How far a stream's buffer has been told, and which buffer that was. */
static struct {
    const char *base, *to;
} told[OA_LOG_STREAM_COUNT];

void oa_log_inline_tell(enum oa_log_stream stream)
{
    const FILE *file = stream == OA_LOG_STDOUT ? stdout : stderr;
    const char *from = told[stream].to, *to;
    struct iovec iov;

    if (!from) /* nothing was seen of it: it may be closed, and no stream any more */
        return;
    to = file->_IO_write_ptr;
    iov = (struct iovec){ .iov_base = (void *)from, .iov_len = (size_t)(to - from) };
    if (told[stream].base == file->_IO_write_base && to > from)
        oa_log_lines_put(stream, &iov, 1, iov.iov_len);
    oa_log_inline_mark(stream);
}

void oa_log_inline_mark(enum oa_log_stream stream)
{
    const FILE *file = stream == OA_LOG_STDOUT ? stdout : stderr;

    told[stream].base = file->_IO_write_base;
    told[stream].to = file->_IO_write_ptr;
}

void oa_log_inline_forget(enum oa_log_stream stream)
{
    told[stream].to = NULL;
}
#else
void oa_log_inline_tell(enum oa_log_stream stream)
{
    (void)stream;
}

void oa_log_inline_mark(enum oa_log_stream stream)
{
    (void)stream;
}

void oa_log_inline_forget(enum oa_log_stream stream)
{
    (void)stream;
}
#endif
