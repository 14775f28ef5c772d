/* SOURCES: preload/base/log.c */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "preload/base/compiler.h"
#include "preload/base/limits.h"
#include "preload/base/log.h"

/* Descriptor 2 becomes a socket that keeps the border of each write. */
static int catch_stderr(void)
{
    int pair[2];

    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair), 0);
    cr_assert_eq(dup2(pair[1], 2), 2);
    close(pair[1]);
    return pair[0];
}

static ssize_t next_line(int fd, char *line, size_t cap)
{
    ssize_t n = read(fd, line, cap - 1);

    line[n > 0 ? n : 0] = '\0';
    return n;
}

Test(log, line__prefix_newline_one_write)
{
    int fd = catch_stderr();
    char line[1024];

    oa_log_init(OA_LOG_INFO, NULL);
    oa_log(OA_LOG_WARN, "%s is %d", "answer", 42);
    oa_log(OA_LOG_INFO, "second");
    cr_assert(next_line(fd, line, sizeof(line)) > 0);
    cr_assert_str_eq(line, "otel-auto: answer is 42\n");
    cr_assert(next_line(fd, line, sizeof(line)) > 0);
    cr_assert_str_eq(line, "otel-auto: second\n");
    cr_assert(next_line(fd, line, sizeof(line)) < 0, "nothing more");
}

/* Descriptor 2 becomes a pipe; returns its other end. */
static int pipe_stderr(void)
{
    int ends[2];

    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(dup2(ends[1], 2), 2);
    close(ends[1]);
    return ends[0];
}

/* A signal that ends the program would, here, and nothing waits for it afterwards. */
Test(log, stderr__whose_reader_has_gone)
{
    sigset_t pending;

    close(pipe_stderr());
    oa_log_init(OA_LOG_INFO, NULL);
    oa_log(OA_LOG_WARN, "lost");
    cr_assert_eq(sigpending(&pending), 0);
    cr_assert_eq(sigismember(&pending, SIGPIPE), 0);
}

Test(log, stderr__that_is_full_is_not_waited_for, .timeout = 10)
{
    char page[4096] = "", line[1024];
    int fd = pipe_stderr();

    oa_log_init(OA_LOG_INFO, NULL);
    cr_assert_eq(fcntl(2, F_SETFL, O_NONBLOCK), 0);
    while (write(2, page, sizeof(page)) > 0)
        ;
    cr_assert_eq(fcntl(2, F_SETFL, 0), 0);
    oa_log(OA_LOG_WARN, "lost");
    cr_assert(next_line(fd, line, sizeof(line)) > 0);
}

Test(log, path__of_a_pipe_that_nobody_reads, .timeout = 10)
{
    char path[] = "/tmp/oa_log_XXXXXX";

    cr_assert_not_null(mkdtemp(path));
    cr_assert_eq(chdir(path), 0);
    cr_assert_eq(mkfifo("fifo", 0600), 0);
    oa_log_init(OA_LOG_INFO, "fifo");
    oa_log(OA_LOG_WARN, "lost");
    cr_assert_eq(unlink("fifo"), 0);
    cr_assert_eq(rmdir(path), 0);
}

Test(log, line__cut_but_ended)
{
    int fd = catch_stderr();
    char text[2 * OA_LOG_LINE + 1], line[4 * OA_LOG_LINE];

    oa_log_init(OA_LOG_DEBUG, "stderr");
    for (size_t len = OA_LOG_LINE - 40; len < 2 * OA_LOG_LINE; len++) {
        ssize_t n;

        memset(text, 'x', len);
        text[len] = '\0';
        oa_log(OA_LOG_ERROR, "%s", text);
        n = next_line(fd, line, sizeof(line));
        cr_assert(n > 0 && n <= (ssize_t)OA_LOG_LINE, "%zu characters: %zd bytes", len, n);
        cr_assert_eq(line[n - 1], '\n');
        cr_assert_eq(strspn(line + 11, "x"), (size_t)n - 12);
        cr_assert((size_t)n == len + 12 || n >= (ssize_t)OA_LOG_LINE - 1, "cut at the bound only");
    }
}

static const struct {
    enum oa_log_level set, asked;
    int written;
} levels[] = {
    { OA_LOG_NONE, OA_LOG_ERROR, 0 },  { OA_LOG_NONE, OA_LOG_NONE, 0 },  { OA_LOG_ERROR, OA_LOG_ERROR, 1 },
    { OA_LOG_ERROR, OA_LOG_WARN, 0 },  { OA_LOG_INFO, OA_LOG_INFO, 1 },  { OA_LOG_INFO, OA_LOG_DEBUG, 0 },
    { OA_LOG_DEBUG, OA_LOG_DEBUG, 1 }, { OA_LOG_DEBUG, OA_LOG_NONE, 0 },
};

Test(log, level__decides)
{
    int fd = catch_stderr();
    char line[256];

    for (size_t i = 0; i < OA_COUNT(levels); i++) {
        oa_log_init(levels[i].set, NULL);
        cr_assert_eq(oa_log_enabled(levels[i].asked), levels[i].written, "row %zu", i);
        oa_log(levels[i].asked, "row");
        cr_assert_eq(next_line(fd, line, sizeof(line)) > 0, levels[i].written, "row %zu", i);
    }
}

/* What daemons do: descriptor 2 goes elsewhere, or is closed and its number given to somebody else. */
Test(log, stderr__replaced_is_never_written_to)
{
    int fd = catch_stderr(), kept = dup(2), other[2];
    char line[64];

    oa_log_init(OA_LOG_INFO, NULL);
    cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, other), 0); /* only the inode differs */
    cr_assert_eq(dup2(other[1], 2), 2);
    oa_log(OA_LOG_ERROR, "must not appear");
    cr_assert_eq(read(other[0], line, sizeof(line)), -1);
    close(2);
    oa_log(OA_LOG_ERROR, "nor now");
    cr_assert(next_line(fd, line, sizeof(line)) < 0);
    cr_assert_eq(dup2(kept, 2), 2);
    oa_log(OA_LOG_ERROR, "back");
    cr_assert(next_line(fd, line, sizeof(line)) > 0);
    cr_assert_str_eq(line, "otel-auto: back\n");
}

Test(log, stderr__closed_at_start_stays_silent)
{
    int other[2];
    char line[64];

    close(2);
    oa_log_init(OA_LOG_INFO, NULL);
    cr_assert_eq(pipe2(other, O_NONBLOCK), 0);
    cr_assert(other[0] == 2 || other[1] == 2 || dup2(other[1], 2) == 2);
    oa_log(OA_LOG_ERROR, "must not appear");
    cr_assert_eq(read(other[0], line, sizeof(line)), -1);
}

/* A fresh path in a directory of its own. */
static char *scratch_path(char *path, size_t cap)
{
    char dir[] = "/tmp/otel-auto-log-XXXXXX";

    cr_assert_not_null(mkdtemp(dir));
    snprintf(path, cap, "%s/log", dir);
    return path;
}

static void remove_scratch(char *path)
{
    unlink(path);
    *strrchr(path, '/') = '\0';
    rmdir(path);
}

static size_t read_file(const char *path, char *text, size_t cap)
{
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(text, 1, cap - 1, f) : 0;

    text[n] = '\0';
    if (f)
        fclose(f);
    return n;
}

Test(log, file__appended_to_and_opened_for_each_line)
{
    int fd = catch_stderr();
    char path[64], text[256];
    FILE *f = fopen(scratch_path(path, sizeof(path)), "w");

    cr_assert_not_null(f);
    fputs("before\n", f);
    fclose(f);
    oa_log_init(OA_LOG_INFO, path);
    oa_log(OA_LOG_ERROR, "one");
    oa_log(OA_LOG_ERROR, "two");
    read_file(path, text, sizeof(text));
    cr_assert_str_eq(text, "before\notel-auto: one\notel-auto: two\n");
    unlink(path); /* rotated away */
    oa_log(OA_LOG_ERROR, "three");
    read_file(path, text, sizeof(text));
    cr_assert_str_eq(text, "otel-auto: three\n");
    cr_assert(next_line(fd, text, sizeof(text)) < 0, "descriptor 2 gets nothing");
    remove_scratch(path);
}

Test(log, file__that_cannot_be_opened__stderr_has_its_lines)
{
    int fd = catch_stderr(), lowest = dup(0);
    char line[1024];

    close(lowest);
    oa_log_init(OA_LOG_INFO, "/no/such/folder/file");
    oa_log(OA_LOG_INFO, "first");
    oa_log(OA_LOG_INFO, "second");
    cr_assert(next_line(fd, line, sizeof(line)) > 0);
    cr_assert_str_eq(line, "otel-auto: OTEL_AUTO_LOG: /no/such/folder/file cannot be written to (No such file or "
                           "directory): our messages go to stderr\n");
    cr_assert(next_line(fd, line, sizeof(line)) > 0);
    cr_assert_str_eq(line, "otel-auto: first\n");
    cr_assert(next_line(fd, line, sizeof(line)) > 0);
    cr_assert_str_eq(line, "otel-auto: second\n");
    cr_assert(next_line(fd, line, sizeof(line)) < 0, "nothing more");
    cr_assert_eq(dup(0), lowest, "no descriptor is left open");
}

/* A folder that was good before the rights were given up: descriptor 2 is still not where they were wanted. */
Test(log, file__out_of_reach_since_rights_were_given_up)
{
    char folder[] = "/tmp/oa-log-XXXXXX", path[64], line[256];
    int fd = catch_stderr();

    if (geteuid() != 0)
        return;
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/log", folder);
    oa_log_init(OA_LOG_INFO, path);
    cr_assert_eq(seteuid(65534), 0);
    oa_log(OA_LOG_INFO, "lost");
    cr_assert(next_line(fd, line, sizeof(line)) < 0);
    cr_assert_eq(seteuid(0), 0);
    oa_log(OA_LOG_INFO, "found");
    cr_assert_eq(access(path, F_OK), 0);
    cr_assert(next_line(fd, line, sizeof(line)) < 0);
    unlink(path);
    rmdir(folder);
}

/* It is no fault of the path's: the next line may find a number. */
Test(log, file__without_a_free_descriptor)
{
    int fd = catch_stderr();
    struct rlimit limit, none;
    char line[1024];

    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = limit;
    none.rlim_cur = 0;
    oa_log_init(OA_LOG_INFO, "/dev/null");
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    oa_log(OA_LOG_INFO, "first");
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    cr_assert(next_line(fd, line, sizeof(line)) < 0);
}

Test(log, errno__is_kept)
{
    char path[64];

    (void)catch_stderr();
    errno = 4711;
    oa_log_init(OA_LOG_INFO, NULL);
    cr_assert_eq(errno, 4711);
    oa_log(OA_LOG_ERROR, "x");
    cr_assert_eq(errno, 4711);
    close(2);
    errno = 4711;
    oa_log(OA_LOG_ERROR, "x");
    cr_assert_eq(errno, 4711);
    oa_log_init(OA_LOG_INFO, NULL);
    cr_assert_eq(errno, 4711);
    oa_log_init(OA_LOG_INFO, "/nonexistent-folder/log");
    oa_log(OA_LOG_ERROR, "x");
    cr_assert_eq(errno, 4711);
    oa_log_init(OA_LOG_INFO, scratch_path(path, sizeof(path)));
    errno = 4711;
    oa_log(OA_LOG_ERROR, "x");
    cr_assert_eq(errno, 4711);
    remove_scratch(path);
}
