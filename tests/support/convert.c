#include "tests/support/convert.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sdk/config/config_file.h"

static char *const env[] = { "RATIO=0.25", "TOKEN=s3cret, and more", "OFF=true", NULL };
static char text[64 * 1024];

int convert(const char *yaml, size_t len)
{
    char path[] = "/tmp/oa_config_XXXXXX";
    int fd = mkstemp(path), err;

    cr_assert_eq(write(fd, yaml, len), (ssize_t)len);
    close(fd);
    captured.count = 0;
    text[0] = '\0';
    err = oa_config_file_read(path, env, text, sizeof(text));
    unlink(path);
    return err;
}

/* The value of a variable, NULL if it is not there. */
static const char *value_of(const char *name)
{
    size_t len = strlen(name);

    for (const char *at = text; *at; at += strlen(at) + 1)
        if (strncmp(at, name, len) == 0 && at[len] == '=')
            return at + len + 1;
    return NULL;
}

void expect(const char *name, const char *value)
{
    const char *have = value_of(name);

    cr_assert(value ? have && strcmp(have, value) == 0 : !have, "%s=%s", name, have ? have : "(none)");
}

void expect_ignored(const char *paths)
{
    cr_assert_eq(captured.count, 1);
    cr_assert(strstr(captured.lines[0], paths), "%s", captured.lines[0]);
}
