/*
 * Forks past libc, while another thread may be anywhere in it: the library's own for instance, which opens what it
 * needs. A lock that it has at that moment is never let go in the child.
 *
 * SOURCES: tests/support/victim.c
 * SANITIZED: no (its runtime has locks of its own, which are not let go either)
 */
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/support/victim.h"

#define TIMES 40

int main(void)
{
    victim_traffic();
    for (int i = 0; i < TIMES; i++) {
        long pid;

        victim_sleep_ms(1);
        pid = syscall(SYS_clone, (long)SIGCHLD, 0L, 0L, 0L, 0L);
        if (pid == 0) {
            victim_traffic();
            syscall(SYS_exit_group, 0);
        }
        victim_wait("clone by number", (pid_t)pid);
    }
    return 0;
}
