#include "preload/deadly.h"

#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "preload/sigframe.h"

#define BIT(sig) (1ull << ((sig)-1))
#define FIRST_PROCESS 1 /* of its namespace: the kernel spares it the default action */

static const uint64_t kinds =
    BIT(SIGHUP) | BIT(SIGINT) | BIT(SIGUSR1) | BIT(SIGUSR2) | BIT(SIGPIPE) | BIT(SIGALRM) | BIT(SIGTERM);

bool oa_deadly_kind(int sig)
{
    return sig > 0 && sig <= 64 && (kinds & BIT(sig));
}

bool oa_deadly_reaches_us(pid_t pid)
{
    return pid == 0 || pid == (pid_t)syscall(SYS_getpid) || (pid < -1 && pid == -(pid_t)syscall(SYS_getpgid, 0));
}

/* Blocked for good, a signal waits for sigwait() or a signalfd; blocked by its handler, for the handler's end. */
static bool will_be_taken(int sig)
{
    uint64_t blocked = oa_sigframe_blocked(), afterwards;

    return !(blocked & BIT(sig)) || (oa_sigframe_above(blocked, &afterwards) && !(afterwards & BIT(sig)));
}

bool oa_deadly(int sig)
{
    return oa_deadly_kind(sig) && syscall(SYS_getpid) != FIRST_PROCESS && oa_sigframe_default(sig) &&
           will_be_taken(sig);
}
