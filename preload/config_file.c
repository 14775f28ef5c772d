#include "preload/config_file.h"

#include <string.h>
#include <sys/mman.h>

#include "env/env.h"
#include "preload/base/compiler.h"
#include "preload/loader.h"

#define ENTRIES_MAX 512
#define TEXT_BYTES (64u * 1024)

/* One block for the time of loading: the snapshot copies what it keeps. */
struct block {
    char *entries[ENTRIES_MAX + 1];
    char text[TEXT_BYTES];
};

static size_t add_texts(struct block *block, size_t count)
{
    for (char *text = block->text; *text && count < ENTRIES_MAX; text += strlen(text) + 1)
        block->entries[count++] = text;
    return count;
}

static size_t add_environment(struct block *block, size_t count, char *const *envp)
{
    for (; *envp && count < ENTRIES_MAX; envp++)
        if (oa_env_counts_beside_file(*envp))
            block->entries[count++] = *envp;
    return count;
}

void oa_config_file_load(const struct oa_host *given, const char *path, char *const *envp)
{
    static char disabled[] = "OTEL_SDK_DISABLED=true";
    struct block *block = mmap(NULL, sizeof(*block), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *only[] = { disabled, NULL };
    size_t count;

    if (block == MAP_FAILED) {
        oa_env_load(only);
        return;
    }
    if (oa_loader_configure(given, path, envp, block->text, sizeof(block->text))) {
        count = add_texts(block, 0);
    } else {
        block->entries[0] = disabled;
        count = 1;
    }
    count = add_environment(block, count, envp);
    block->entries[count] = NULL;
    oa_env_load(block->entries);
    (void)munmap(block, sizeof(*block));
}
