/*
 * Our own diagnostics: one line, one write, prefix "otel-auto: ". Never stdout, never stdio. The
 * destination is descriptor 2 as it was at start (identity is compared before each write: daemons
 * reuse the number for other things) or the file of OTEL_AUTO_LOG. Not for hot paths: formatting
 * uses vsnprintf. Callers are the constructor, the helper thread and the exit path. errno is kept.
 */
#ifndef OA_BASE_LOG_H
#define OA_BASE_LOG_H

#include "preload/base/compiler.h"

enum oa_log_level { OA_LOG_NONE, OA_LOG_ERROR, OA_LOG_WARN, OA_LOG_INFO, OA_LOG_DEBUG };

/* Level and destination (NULL or "stderr" = descriptor 2, else a path opened for append per line; descriptor 2 again,
 * which is said once, if it turns out that there is no such place).
 * path must stay valid. Call once, before any other thread exists. */
void oa_log_init(enum oa_log_level level, const char *path);

/* Lines go to sink instead, without the prefix: the SDK object hands its own to the host side. */
void oa_log_redirect(void (*sink)(int level, const char *line));

/* True if lines of this level are written at all. */
int oa_log_enabled(enum oa_log_level level);

/* Writes one line (cut at OA_LOG_LINE bytes); the newline is added. */
void oa_log(enum oa_log_level level, const char *fmt, ...) OA_PRINTF(2, 3);

#endif
