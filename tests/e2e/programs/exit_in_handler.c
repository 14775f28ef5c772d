/* Allocates without end until a timer's handler calls exit(3), most likely in the middle of malloc. */
#include <signal.h>
#include <stdlib.h>
#include <sys/time.h>

static void leave(int sig)
{
    (void)sig;
    exit(3);
}

int main(void)
{
    struct itimerval soon = { .it_value = { .tv_usec = 3000 } };

    (void)signal(SIGALRM, leave);
    (void)setitimer(ITIMER_REAL, &soon, NULL);
    for (;;) {
        void *volatile block = malloc(100000);

        free(block);
    }
}
