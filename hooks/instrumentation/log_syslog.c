#include "hooks/instrumentation/log_syslog.h"

#include <stdatomic.h>
#include <syslog.h>

#include "env/env.h"
#include "hooks/instrumentation/log_format.h"
#include "hooks/instrumentation/parent.h"
#include "preload/base/clock.h"
#include "preload/base/limits.h"
#include "preload/fdtab.h"
#include "preload/life.h"
#include "sdk/api/logger.h"

/* Logs data model, appendix B: SeverityNumber of each level, and syslog's own word for it. */
static const struct level {
    char word[8];
    uint8_t severity;
} levels[] = {
    [LOG_EMERG] = { "emerg", 21 }, [LOG_ALERT] = { "alert", 19 },     [LOG_CRIT] = { "crit", 18 },
    [LOG_ERR] = { "err", 17 },     [LOG_WARNING] = { "warning", 13 }, [LOG_NOTICE] = { "notice", 10 },
    [LOG_INFO] = { "info", 9 },    [LOG_DEBUG] = { "debug", 5 },
};
_Static_assert(OA_COUNT(levels) == LOG_PRIMASK + 1, "a row a level");

/* libc's own start values. Written where libc is told, read by all, as libc does it: the last one counts. */
static _Atomic int default_facility = LOG_USER;
static _Atomic int level_mask = 0xff;

void oa_log_syslog_opened(int facility)
{
    if (facility != 0 && (facility & ~LOG_FACMASK) == 0) /* else libc keeps what it had */
        atomic_store_explicit(&default_facility, facility, memory_order_relaxed);
}

void oa_log_syslog_masked(int mask)
{
    if (mask != 0) /* 0 only asks */
        atomic_store_explicit(&level_mask, mask, memory_order_relaxed);
}

bool oa_log_syslog_wanted(int priority, const char *format)
{
    return oa_fd_in_range(0) && oa_logger_enabled() && oa_env()->syslog_enabled &&
           (LOG_MASK(LOG_PRI(priority)) & atomic_load_explicit(&level_mask, memory_order_relaxed)) &&
           oa_log_format_repeats(format);
}

void oa_log_syslog_record(struct oa_guard *guard, int priority, const char *format, va_list ap)
{
    const struct level *level = &levels[LOG_PRI(priority)];
    int facility = priority & LOG_FACMASK; /* "kern" is no facility of a program's */
    struct oa_span_context context;
    struct oa_log_writer w;
    struct oa_log_text text;

    oa_life_notice_fork();
    oa_parent_context(&context);
    if (!oa_logger_begin(&w,
                         &(struct oa_log_head){ .scope = OA_SCOPE_SYSLOG,
                                                .severity = level->severity,
                                                .severity_text = oa_slice_of(level->word),
                                                .unix_ns = oa_clock_unix_ns(),
                                                .context = &context },
                         OA_LOG_BODY_MAX + 1, 1, 0))
        return;
    text = oa_log_format(guard, w.body, OA_LOG_BODY_MAX + 1, format, ap);
    if (text.len && w.body[text.len - 1] == '\n')
        text.len--;
    oa_logger_body(&w, (uint32_t)text.len, (uint32_t)text.written);
    if (!facility)
        facility = atomic_load_explicit(&default_facility, memory_order_relaxed);
    if (LOG_FAC(facility) < LOG_NFACILITIES) /* libc passes others on, and they mean nothing to anybody */
        oa_logger_int(&w, OA_KEY_SYSLOG_FACILITY, LOG_FAC(facility));
    oa_logger_commit(&w);
}
