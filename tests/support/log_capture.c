#include "tests/support/log_capture.h"

#include <stdarg.h>
#include <stdio.h>

struct captured captured;

void oa_log_init(enum oa_log_level level, const char *path)
{
    captured.level = level;
    captured.path = path;
    captured.inits++;
    captured.count = 0;
}

int oa_log_enabled(enum oa_log_level level)
{
    return level <= captured.level;
}

void oa_log(enum oa_log_level level, const char *fmt, ...)
{
    va_list ap;

    if (captured.count == CAPTURE_LINES)
        return;
    captured.levels[captured.count] = level;
    va_start(ap, fmt);
    vsnprintf(captured.lines[captured.count++], sizeof(captured.lines[0]), fmt, ap);
    va_end(ap);
}

const char *captured_line(void)
{
    return captured.count == 0 ? "" : captured.count == 1 ? captured.lines[0] : "(many)";
}
