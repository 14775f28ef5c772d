/*
 * Where exporters of text write: the host's standard output or error, or a file. A stream is written to only while
 * it is the file that it was when the process started telling; a file is opened per export, since the host may
 * rotate or remove it, and an idle process holds nothing.
 */
#ifndef OA_SDK_EXPORTERS_TEXT_SINK_H
#define OA_SDK_EXPORTERS_TEXT_SINK_H

#include "preload/base/compiler.h"
#include "sdk/exporters/fd_writer.h"
#include "sdk/transport/log_limit.h"
#include "sdk/transport/own_fd.h"

struct oa_text_sink {
    const struct oa_host *host;
    struct oa_fd_identity stream; /* unused if there is a path */
    char *path;                   /* absolute; NULL: the stream */
    struct oa_own_fd file;
    const char *reason; /* why the export at hand does not reach the file, NULL: not for anything about it */
    struct oa_log_limit failed;
};

/* where: "stdout", "stderr", a path; empty: standard output. 0 or OA_ENOMEM. */
int oa_text_sink_init(struct oa_text_sink *sink, const struct oa_host *host, const char *where) OA_MUST_CHECK;
void oa_text_sink_release(struct oa_text_sink *sink);

/* Around one export. 0 or OA_EIO. */
int oa_text_sink_begin(struct oa_text_sink *sink) OA_MUST_CHECK;
/* Returns err, what became of the export. Of a file that does not get it a line says so, with what is lost ("spans
 * dropped"); not of a stream: it is the program's own, and whoever read it may have gone. */
int oa_text_sink_end(struct oa_text_sink *sink, int err, uint32_t items, const char *what);

/* One write, so that lines of ours and of the host do not mix inside one another. 0 or negative. */
int oa_text_sink_put(struct oa_text_sink *sink, struct oa_slice text, uint64_t deadline_mono_ns) OA_MUST_CHECK;

#endif
