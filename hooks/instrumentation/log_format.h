/*
 * Formats of printf that are formatted once more for a record. Pure but for vsnprintf.
 */
#ifndef OA_LOG_FORMAT_H
#define OA_LOG_FORMAT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "preload/guard.h"

/* False: NULL, or it stores through a pointer (%n), or might: formatting it again would store again. */
bool oa_log_format_repeats(const char *format);

/* len bytes of text, of `written` bytes that were touched. */
struct oa_log_text {
    size_t len, written;
};

/* vsnprintf into cap bytes, with errno as it was at the call. What has no room in cap - 1 bytes is cut at a
 * character. Nothing (len 0) where it cannot be formatted. */
struct oa_log_text oa_log_format(struct oa_guard *guard, char *to, size_t cap, const char *format, va_list ap);

#endif
