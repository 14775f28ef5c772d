#include "tests/support/fake_root.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char fake_root[32];

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void oa_fake_root_remove(void)
{
    if (*fake_root)
        (void)nftw(fake_root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    *fake_root = '\0';
}

const char *oa_fake_root_new(void)
{
    oa_fake_root_remove();
    strcpy(fake_root, "/tmp/fake_root_XXXXXX");
    if (!mkdtemp(fake_root))
        abort();
    return fake_root;
}

void oa_fake_root_put(const char *path, const char *text)
{
    char full[512];
    size_t len = strlen(text);
    int fd;

    snprintf(full, sizeof(full), "%s%s", fake_root, path);
    for (char *slash = strchr(full + strlen(fake_root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(full, 0755);
        *slash = '/';
    }
    fd = open(full, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0 || write(fd, text, len) != (ssize_t)len)
        abort();
    close(fd);
}
