#include "tests/support/test_log.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static char path[64];

void oa_test_log_start(enum oa_log_level level)
{
    (void)snprintf(path, sizeof(path), "/tmp/oa-test-log.%d", getpid());
    oa_log_init(level, path);
}

void oa_test_log_end(void)
{
    (void)unlink(path);
}

const char *oa_test_logged(void)
{
    static char text[8192];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

    text[n > 0 ? n : 0] = '\0';
    if (fd >= 0)
        close(fd);
    return text;
}
