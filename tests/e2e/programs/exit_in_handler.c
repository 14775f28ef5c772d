/* Allocates without end until a timer's handler calls exit(3), most likely in the middle of malloc. With an argument
 * it puts the default action back and raises the signal again: "raise", or "nodefer" where that blocks none. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

static volatile sig_atomic_t raises;

static void leave(int sig)
{
    if (!raises)
        exit(3);
    (void)signal(sig, SIG_DFL);
    (void)raise(sig);
}

int main(int argc, char **argv)
{
    struct itimerval soon = { .it_value = { .tv_usec = 3000 } };
    int blocks_nothing = argc > 1 && strcmp(argv[1], "nodefer") == 0;
    struct sigaction action = { .sa_handler = leave, .sa_flags = blocks_nothing ? SA_NODEFER : 0 };

    raises = argc > 1;
    (void)sigaction(SIGALRM, &action, NULL);
    (void)setitimer(ITIMER_REAL, &soon, NULL);
    for (;;) {
        void *volatile block = malloc(100000);

        free(block);
    }
}
