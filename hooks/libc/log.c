/* The system's log. A message is recorded before the real call, which may wait, and may be where its thread ends. */
#include <stdarg.h>
#include <syslog.h>

#include "hooks/instrumentation/log_syslog.h"
#include "hooks/libc/wrap.h"

static OA_NOINLINE void record(int priority, const char *format, va_list ap)
{
    struct oa_guard guard;
    va_list again;

    if (!oa_guard_enter(&guard))
        return;
    va_copy(again, ap);
    oa_log_syslog_record(&guard, priority, format, again);
    va_end(again);
    oa_hook_leave(&guard);
}

static inline void before(int priority, const char *format, va_list ap)
{
    if (oa_log_syslog_wanted(priority, format))
        record(priority, format, ap);
}

OA_EXPORT void openlog(const char *ident, int option, int facility)
{
    OA_REAL(openlog)(ident, option, facility);
    oa_log_syslog_opened(facility);
}

OA_EXPORT int setlogmask(int mask)
{
    int r = OA_REAL(setlogmask)(mask);

    oa_log_syslog_masked(mask);
    return r;
}

OA_EXPORT void vsyslog(int priority, const char *format, va_list ap)
{
    before(priority, format, ap);
    OA_REAL(vsyslog)(priority, format, ap);
}

OA_EXPORT void __vsyslog_chk(int priority, int flag, const char *format, va_list ap)
{
    before(priority, format, ap);
    OA_REAL(__vsyslog_chk)(priority, flag, format, ap);
}

OA_EXPORT void syslog(int priority, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    before(priority, format, ap);
    OA_REAL(vsyslog)(priority, format, ap);
    va_end(ap);
}

OA_EXPORT void __syslog_chk(int priority, int flag, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    before(priority, format, ap);
    OA_REAL(__vsyslog_chk)(priority, flag, format, ap);
    va_end(ap);
}
