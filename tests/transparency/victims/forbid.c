/*
 * Becomes another program for which some system calls do not exist (ENOSYS), as in a container with an old
 * profile: forbid NUMBER... -- PROGRAM ARGUMENT...; or, where the first word is "kernel", as on an older kernel:
 * there no filter is to be seen.
 *
 * SOURCES: tests/support/victim.c tests/support/probe_stage.c
 */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/support/probe_stage.h"
#include "tests/support/victim.h"

#define CALLS_MAX 16

static const struct sock_filter unseen[] = {
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_prctl, 0, 3),
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PR_GET_SECCOMP, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO), /* 0: none */
};

int main(int argc, char **argv)
{
    struct sock_filter code[2 * CALLS_MAX + 8];
    struct sock_fprog program = { .filter = code };
    bool kernel = argc > 1 && strcmp(argv[1], "kernel") == 0;
    int at = kernel ? 2 : 1;

    code[program.len++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (; at < argc && at <= CALLS_MAX && strcmp(argv[at], "--") != 0; at++) {
        code[program.len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)atoi(argv[at]), 0, 1);
        code[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
    }
    for (size_t i = 0; kernel && i < sizeof(unseen) / sizeof(*unseen); i++)
        code[program.len++] = unseen[i];
    code[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    (void)probe_raw(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (probe_raw(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, (long)&program, 0, 0) != 0)
        return 97;
    execv(argv[at + 1], argv + at + 1);
    return 96;
}
