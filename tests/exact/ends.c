#include "tests/exact/ends.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

struct end {
    struct lives lives;
    struct listeners listeners;
    struct note other; /* where the other end listens */
    struct tally reported;
    uint32_t opened, accepted;
    int control;
    bool drives, serves, done;
};

static void take_note(struct end *end)
{
    struct note note = { 0 };
    int fd;

    if (!note_receive(end->control, &note, &fd)) {
        int status = 0;

        if (end->lives.run->bare)
            waitpid(-1, &status, 0);
        fprintf(stderr, "exact: the other end is gone, status %#x\n", (unsigned)status);
        exit(1);
    }
    if (note.kind == NOTE_LISTENING) {
        end->other = note;
    } else if (note.kind == NOTE_DONE) {
        end->reported = note.tally;
        end->done = true;
    } else {
        if (note.socket_kind != SCRIPT_PAIR)
            fd = net_accept(&end->listeners, note.socket_kind, note.conn & 1);
        end->accepted++;
        lives_add(&end->lives, note.conn, false, fd);
    }
}

static void open_next(struct end *end, size_t most)
{
    struct lives *lives = &end->lives;

    while (end->opened < lives->run->connections && lives->count < most) {
        struct script script;
        uint32_t conn = end->opened++;
        int fd;

        script_make(&script, lives->run->seed, conn);
        fd = net_open(end->control, &end->other, conn, script.kind, script.non_blocking);
        script_release(&script);
        lives_add(lives, conn, true, fd);
    }
}

/* True while there is something to come. */
static bool goes_on(const struct end *end)
{
    return end->lives.count || (end->drives && end->opened < end->lives.run->connections) ||
           (end->serves && end->accepted < end->lives.run->connections) || (end->lives.run->bare && !end->done);
}

static void loop(struct end *end)
{
    time_t moved = time(NULL);

    while (goes_on(end)) {
        size_t most = rng_range(&end->lives.rng, 1, 12);
        int notes = end->done ? -1 : end->control;

        if (end->drives)
            open_next(end, most);
        if (lives_turn(&end->lives))
            moved = time(NULL);
        if (lives_wait(&end->lives, notes, 0) ||
            (lives_turn(&end->lives) == 0 && lives_wait(&end->lives, notes, 500))) {
            take_note(end);
            moved = time(NULL);
        }
        if (time(NULL) - moved < END_STUCK_S)
            continue;
        lives_describe(&end->lives, stderr);
        fprintf(stderr, "exact: nothing moves (%s end, %u opened, %u accepted of %u)\n",
                end->lives.run->bare ? "bare" : "library's", end->opened, end->accepted, end->lives.run->connections);
        exit(1);
    }
}

static void begin(struct end *end, const struct run *run, int control)
{
    lives_init(&end->lives, run);
    end->control = control;
    end->listeners.address.kind = NOTE_LISTENING;
    if (end->serves) /* a process that listens is a server to the library */
        net_listen(&end->listeners);
    note_send(control, &end->listeners.address, -1);
    while (end->other.kind == 0)
        take_note(end);
}

struct tally end_bare(const struct run *run, int control)
{
    struct end end = { .drives = run->mode != SCRIPT_INJECT, .serves = run->mode != SCRIPT_TAG };

    begin(&end, run, control);
    loop(&end);
    tally_add(&end.lives.tally, &end.reported);
    return end.lives.tally;
}

struct tally end_observed(const struct run *run, int control)
{
    struct end end = { .drives = run->mode == SCRIPT_INJECT, .serves = run->mode == SCRIPT_TAG };

    begin(&end, run, control);
    loop(&end);
    return end.lives.tally;
}
