/*
 * Byte exactness: what leaves and what arrives under the library is what the program meant, but for
 * the headers that the library may add, and every return value is true. One process is bare and
 * judges; the other one is started by it under the library, with a layer of chaos below.
 *
 *   exact --way out|in|proxy --preload LIBRARIES [--seed N] [--requests N] [--nothing] [--threads]
 *
 * --nothing: the library must not change a byte. --threads: the proxy has two threads a connection.
 * EXACT_SEED and EXACT_REQUESTS do what the options do.
 * --dump N writes what the client of connection N sends to stdout, and what may change in it to stderr.
 *
 * SOURCES: tests/exact/bytes.c tests/exact/script.c tests/exact/message_text.c tests/exact/request.c
 *  tests/exact/response.c tests/exact/match.c tests/exact/flow.c tests/exact/calls_send.c
 *  tests/exact/calls_receive.c tests/exact/net.c tests/exact/live.c tests/exact/ends.c tests/exact/proxy.c
 *  tests/exact/proxy_threads.c
 */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/exact/ends.h"

struct options {
    struct run run;
    size_t requests;
    const char *preload;
    int control; /* of the end that is started; -1 in the bare one */
    bool dump;
};

static const char *const ways[] = { [SCRIPT_INJECT] = "out", [SCRIPT_TAG] = "in", [SCRIPT_PROXY] = "proxy" };

static int usage(void)
{
    fputs("usage: exact --way out|in|proxy --preload LIBRARIES [--seed N] [--requests N] [--nothing] [--threads]\n",
          stderr);
    return 2;
}

static bool parse(int argc, char **argv, struct options *o)
{
    static const struct option names[] = {
        { "way", 1, NULL, 'w' },         { "preload", 1, NULL, 'p' },
        { "seed", 1, NULL, 's' },        { "requests", 1, NULL, 'n' },
        { "nothing", 0, NULL, 'x' },     { "control", 1, NULL, 'c' },
        { "connections", 1, NULL, 'k' }, { "dump", 1, NULL, 'd' },
        { "threads", 0, NULL, 't' },     { 0 },
    };
    const char *seed = getenv("EXACT_SEED"), *requests = getenv("EXACT_REQUESTS");
    int c;

    *o = (struct options){ .run.mode = SCRIPT_MODES,
                           .requests = requests ? strtoul(requests, NULL, 10) : 10000,
                           .preload = "",
                           .control = -1 };
    o->run.seed = seed ? strtoull(seed, NULL, 10) : 1;
    while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
        if (c == 'w')
            for (int i = 0; i < SCRIPT_MODES; i++)
                o->run.mode = strcmp(optarg, ways[i]) == 0 ? (enum script_mode)i : o->run.mode;
        else if (c == 'p')
            o->preload = optarg;
        else if (c == 's')
            o->run.seed = strtoull(optarg, NULL, 10);
        else if (c == 'n')
            o->requests = strtoul(optarg, NULL, 10);
        else if (c == 'x' || c == 't')
            *(c == 'x' ? &o->run.changed_nothing : &o->run.threads) = true;
        else if (c == 'c')
            o->control = atoi(optarg);
        else if (c == 'k' || c == 'd')
            o->run.connections = (uint32_t)strtoul(optarg, NULL, 10);
        else
            return false;
        o->dump |= c == 'd';
    }
    return o->dump || o->run.mode != SCRIPT_MODES;
}

static int observed(const struct options *o)
{
    struct note note = { .kind = NOTE_DONE };

    note.tally = o->run.mode == SCRIPT_PROXY ? end_proxy(&o->run, o->control) : end_observed(&o->run, o->control);
    note_send(o->control, &note, -1);
    return 0;
}

/* In the child: becomes the end under the library. */
static void become(const struct options *o, int control)
{
    char seed[32], connections[32], fd[32];
    char *argv[] = { "exact",     "--way",     (char *)ways[o->run.mode],
                     "--seed",    seed,        "--connections",
                     connections, "--control", fd,
                     NULL,        NULL,        NULL };
    char **more = &argv[9];

    if (o->run.changed_nothing)
        *more++ = "--nothing";
    if (o->run.threads)
        *more++ = "--threads";
    snprintf(seed, sizeof(seed), "%llu", (unsigned long long)o->run.seed);
    snprintf(connections, sizeof(connections), "%u", o->run.connections);
    snprintf(fd, sizeof(fd), "%d", control);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setenv("CHAOS_SEED", seed, 1);
    if (o->preload[0])
        setenv("LD_PRELOAD", o->preload, 1);
    execv("/proc/self/exe", argv);
    _exit(127);
}

static int bare(struct options *o)
{
    struct tally tally;
    int fds[2], status = 0;
    pid_t pid;

    o->run.bare = true;
    o->run.connections = script_connections(o->run.seed, o->requests);
    net_pair(fds);
    pid = fork();
    if (pid == 0) {
        close(fds[0]);
        become(o, fds[1]);
    }
    close(fds[1]);
    tally = end_bare(&o->run, fds[0]);
    waitpid(pid, &status, 0);
    printf("exact: %lu requests, %lu corrupted, %lu doubled, %lu missing\n", tally.requests, tally.corrupted,
           tally.doubled, tally.missing);
    printf("  %s, seed %llu: %lu connections, %lu inserted, %lu overwritten, %lu calls (%lu short, %lu EAGAIN, %lu "
           "EINTR), "
           "%lu bad results\n",
           ways[o->run.mode], (unsigned long long)o->run.seed, tally.connections, tally.inserted, tally.overwritten,
           tally.calls, tally.shortened, tally.again, tally.interrupted, tally.bad);
    if (tally.bad_what[0])
        printf("  first bad result: %s\n", tally.bad_what);
    if (status != 0)
        printf("  the end under the library ended with status %#x\n", (unsigned)status);
    return tally.corrupted || tally.doubled || tally.missing || tally.bad || status != 0 ||
           tally.requests < o->requests || (o->run.changed_nothing && tally.inserted + tally.overwritten > 0);
}

static int dump(const struct options *o)
{
    static const char *const wants[] = { "never", "may", "must" };
    struct script script;

    script_make(&script, o->run.seed, o->run.connections);
    for (size_t i = 0; i < script.mark_count; i++) {
        const struct script_mark *mark = &script.marks[i];

        fprintf(stderr, "%zu: head ends at %zu, inject %s, tag %s, proxy %s, parent id at %zd\n", i, mark->blank,
                wants[mark->want[SCRIPT_INJECT]], wants[mark->want[SCRIPT_TAG]], wants[mark->want[SCRIPT_PROXY]],
                (ssize_t)mark->id);
    }
    fwrite(script.out.ptr, 1, script.out.len, stdout);
    script_release(&script);
    return 0;
}

int main(int argc, char **argv)
{
    struct options options;

    signal(SIGPIPE, SIG_IGN);
    if (!parse(argc, argv, &options))
        return usage();
    if (options.dump)
        return dump(&options);
    return options.control >= 0 ? observed(&options) : bare(&options);
}
