#include "hooks/instrumentation/log_format.h"

#include <stdio.h>
#include <string.h>

#include "preload/base/pointer.h"
#include "preload/base/utf8.h"

bool oa_log_format_repeats(const char *format)
{
    if (!oa_may_be_mapped(format))
        return false;
    while ((format = strchr(format, '%')) != NULL) {
        format++;
        format += strspn(format, "0123456789$*.-+ #'IhlLqjzt"); /* flags, width, precision, length */
        if (*format == 'n' || *format == 'w')                   /* "%w32n" of C23 */
            return false;
        if (*format) /* "%%" among them */
            format++;
    }
    return true;
}

struct oa_log_text oa_log_format(struct oa_guard *guard, char *to, size_t cap, const char *format, va_list ap)
{
    int program_errno = guard->saved_errno, n;

    /* Conversions that the program has registered are its own code: it may leave by longjmp. */
    oa_guard_foreign(guard, &n);
    n = vsnprintf(to, cap, format, ap);
    errno = program_errno;
    oa_guard_foreign(guard, NULL);
    if (n < 0) /* where it gave up is not known */
        return (struct oa_log_text){ .written = cap };
    if ((size_t)n < cap)
        return (struct oa_log_text){ .len = (size_t)n, .written = (size_t)n };
    return (struct oa_log_text){ .len = oa_utf8_cut(to, cap - 1), .written = cap };
}
