/*
 * A plug-in that is opened with RTLD_DEEPBIND, because the program has functions of the names that the plug-in's own
 * libraries have: it calls its own.
 *
 * LIBS: -rdynamic
 * SOURCES: tests/support/victim.c
 */
#include <dlfcn.h>

#include "tests/support/victim.h"

int answer(void);

__attribute__((visibility("default"))) int answer(void)
{
    return 1;
}

static void ask(const char *what, int flags)
{
    void *plugin = dlopen("./outer.so", flags);
    int (*question)(void) = plugin ? (int (*)(void))dlsym(plugin, "question") : NULL;

    victim_note("%s: %d", what, question ? question() : -1);
    if (!question)
        victim_note("%s", dlerror());
    else
        dlclose(plugin);
}

int main(void)
{
    victim_traffic();
    ask("as usual", RTLD_NOW | RTLD_LOCAL);
    ask("bound deep", RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND);
    ask("bound deep and lazily", RTLD_LAZY | RTLD_GLOBAL | RTLD_DEEPBIND);
    return 0;
}
