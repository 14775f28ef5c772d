/*
 * Messages to the system's log (syslog(3)) as log records: severity and facility as the program gave them, the text
 * as it is formatted, the span that the thread is working on. What setlogmask() masks is not recorded, as it is not
 * logged. Any thread may call.
 */
#ifndef OA_LOG_SYSLOG_H
#define OA_LOG_SYSLOG_H

#include <stdarg.h>
#include <stdbool.h>

#include "preload/guard.h"

/* What openlog() and setlogmask() were told. */
void oa_log_syslog_opened(int facility);
void oa_log_syslog_masked(int mask);

/* Does such a message become a record? Not one whose format stores (%n): it must not be formatted twice. */
bool oa_log_syslog_wanted(int priority, const char *format);

/* Formats a message that is wanted straight into its record, with errno as the program had it (for %m). A body has no
 * newline at its end, and OA_LOG_BODY_MAX bytes at most. */
void oa_log_syslog_record(struct oa_guard *guard, int priority, const char *format, va_list ap);

#endif
