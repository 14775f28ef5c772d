/*
 * What CPython does since 3.12: it counts the tasks of the process when it has forked, and warns where there are more
 * than its own. Known by a name that it exports, as this program does.
 *
 * LIBS: -rdynamic
 * SOURCES: tests/support/victim.c
 */
#include <sys/types.h>
#include <unistd.h>

#include "tests/support/victim.h"

int PyUnstable_Object_GC_NewWithExtraData(void);

__attribute__((visibility("default"))) int PyUnstable_Object_GC_NewWithExtraData(void)
{
    return 0;
}

int main(void)
{
    for (int i = 0; i < 5; i++) {
        pid_t pid;

        victim_traffic();
        victim_sleep_ms(i % 2 ? 20 : 0);
        pid = fork();
        if (pid == 0) {
            victim_note("tasks in the child: %d", victim_tasks());
            victim_traffic();
            _exit(victim_tasks() ? 7 : 8);
        }
        victim_wait("the child", pid);
        victim_note("tasks after a fork: %d", victim_tasks());
    }
    return 0;
}
