/* SOURCES: sdk/exporters/console.c sdk/exporters/text_sink.c sdk/exporters/fd_writer.c sdk/transport/own_fd.c
 * sdk/encode/console_json.c sdk/encode/console_logs.c
 * sdk/encode/console_parts.c sdk/encode/console_metrics.c sdk/metrics/instruments.c
 * preload/metric.c sdk/encode/console_tree.c sdk/encode/span_tree.c sdk/encode/json.c sdk/encode/buf.c
 * sdk/model/batch.c sdk/model/log_view.c sdk/model/bytes.c sdk/model/span_view.c sdk/model/attrs_reader.c
 * sdk/model/extras_reader.c sdk/model/iso_time.c sdk/model/utf8.c preload/base/arena.c preload/base/hex.c
 * tests/support/span_record.c tests/support/batch_fixture.c tests/support/log_batch.c tests/support/log_capture.c */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "env/env.h"
#include "preload/abi.h"
#include "preload/base/err.h"
#include "sdk/exporters/exporter.h"
#include "tests/support/batch_fixture.h"
#include "tests/support/log_batch.h"
#include "tests/support/log_capture.h"

static int own_fds; /* registered and not yet given back */

static void fd_add(int fd)
{
    cr_assert(fd > 2);
    own_fds++;
}

static void fd_remove(int fd)
{
    (void)fd;
    own_fds--;
}

static int not_stopping(void)
{
    return 0;
}

static const struct oa_host host = { .own_fd_add = fd_add, .own_fd_remove = fd_remove, .stopping = not_stopping };
static struct oa_resource resource;
static struct oa_batch batch;
static char folder[64];

static void setup(void)
{
    struct oa_test_record record;

    strcpy(folder, "/tmp/console_test_XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
    resource = oa_test_resource();
    oa_test_batch_init(&batch);
    oa_test_record_init(&record, "first", "");
    oa_test_batch_add(&batch, &record);
    oa_test_record_init(&record, "second", "");
    oa_test_batch_add(&batch, &record);
}

static void teardown(void)
{
    oa_batch_release(&batch);
    (void)unlink("out");
    (void)unlink("moved");
    (void)chdir("/");
    (void)rmdir(folder);
}

TestSuite(console, .init = setup, .fini = teardown);

static struct oa_exporter *exporter(const char *where, uint8_t format)
{
    const struct oa_env env = { .auto_console = where, .auto_console_format = format };
    const struct oa_exporter_setup set = { .env = &env, .resource = &resource, .host = &host };
    struct oa_exporter *made = oa_exporter_console_new(&set);

    cr_assert_not_null(made);
    return made;
}

static const char *contents(const char *path)
{
    static char text[65536];
    int fd = open(path, O_RDONLY);
    ssize_t len = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

    text[len > 0 ? len : 0] = '\0';
    close(fd);
    return text;
}

static size_t count(const char *text, const char *part)
{
    size_t n = 0;

    while ((text = strstr(text, part))) {
        text++;
        n++;
    }
    return n;
}

Test(console, json__to_a_path)
{
    struct oa_exporter *out = exporter("out", OA_ENV_CONSOLE_FORMAT_JSON);

    cr_assert_eq(out->export_spans(out, &batch, 0), 0);
    cr_assert_eq(count(contents("out"), "}\n{\n    \"name\": \"second\",\n"), 1);
    cr_assert_eq(out->export_spans(out, &batch, 0), 0);
    cr_assert_eq(count(contents("out"), "    \"name\": \"first\",\n"), 2, "appended");
    cr_assert_null(out->force_flush, "nothing is ever pending");
    cr_assert_eq(out->shutdown(out, 0), 0);
    cr_assert_eq(own_fds, 0);
}

Test(console, tree__to_a_path)
{
    struct oa_exporter *out = exporter("out", OA_ENV_CONSOLE_FORMAT_TREE);

    cr_assert_eq(out->export_spans(out, &batch, 0), 0);
    cr_assert_eq(count(contents("out"), "trace 0102"), 1);
    cr_assert_eq(count(contents("out"), "\n"), 3);
    out->shutdown(out, 0);
}

/* The path means the directory of the start; a file that was moved away is made anew. */
Test(console, log_records__of_either_shape)
{
    struct oa_batch logs = oa_test_log_batch();
    struct oa_exporter *json = exporter("out", OA_ENV_CONSOLE_FORMAT_JSON),
                       *lines = exporter("moved", OA_ENV_CONSOLE_FORMAT_TREE);

    cr_assert_eq(json->export_logs(json, &logs, 0), 0);
    cr_assert_eq(count(contents("out"), "}\n{\n    \"body\": \"bare\",\n"), 1);
    cr_assert_eq(count(contents("out"), "\n}\n"), OA_TEST_LOG_BATCH);
    cr_assert_eq(lines->export_logs(lines, &logs, 0), 0);
    cr_assert_eq(count(contents("moved"), "\n"), OA_TEST_LOG_BATCH);
    cr_assert_eq(json->shutdown(json, 0), 0);
    cr_assert_eq(lines->shutdown(lines, 0), 0);
    cr_assert_eq(own_fds, 0);
}

Test(console, path__rotated_and_directory_left)
{
    struct oa_exporter *out = exporter("out", OA_ENV_CONSOLE_FORMAT_TREE);

    cr_assert_eq(out->export_spans(out, &batch, 0), 0);
    cr_assert_eq(rename("out", "moved"), 0);
    cr_assert_eq(chdir("/"), 0);
    cr_assert_eq(out->export_spans(out, &batch, 0), 0);
    cr_assert_eq(chdir(folder), 0);
    cr_assert_eq(count(contents("out"), "trace"), 1);
    cr_assert_eq(count(contents("moved"), "trace"), 1);
    out->shutdown(out, 0);
}

Test(console, path__cannot_be_opened)
{
    struct oa_exporter *out = exporter("/nowhere/at/all", OA_ENV_CONSOLE_FORMAT_JSON);

    cr_assert_eq(out->export_spans(out, &batch, 0), OA_EIO);
    cr_assert_eq(own_fds, 0);
    cr_assert_str_eq(captured_line(),
                     "exporting to /nowhere/at/all failed: No such file or directory; 2 spans dropped");
    cr_assert_eq(out->export_spans(out, &batch, 0), OA_EIO);
    cr_assert_eq(captured.count, 1, "one line a minute");
    out->shutdown(out, 0);
}

static void check_stream(const char *where, int number)
{
    int kept = dup(number), fds[2];
    struct oa_exporter *out;
    char text[8192];
    ssize_t len;

    cr_assert_eq(pipe(fds), 0);
    dup2(fds[1], number);
    out = exporter(where, OA_ENV_CONSOLE_FORMAT_JSON);
    cr_assert_eq(out->export_spans(out, &batch, 0), 0);
    dup2(kept, number); /* as a daemon that closes its terminal */
    cr_expect_eq(out->export_spans(out, &batch, 0), OA_EIO, "the number stands for another file now");
    close(fds[1]);
    len = read(fds[0], text, sizeof(text) - 1);
    text[len > 0 ? len : 0] = '\0';
    cr_expect_eq(count(text, "    \"name\": "), 2);
    out->shutdown(out, 0);
}

Test(console, stream__stdout_is_the_default)
{
    check_stream("", STDOUT_FILENO);
}

Test(console, stream__stdout_by_name)
{
    check_stream("stdout", STDOUT_FILENO);
}

Test(console, stream__stderr)
{
    check_stream("stderr", STDERR_FILENO);
}

Test(console, stream__closed)
{
    int kept = dup(STDOUT_FILENO);
    struct oa_exporter *out;

    close(STDOUT_FILENO);
    out = exporter("", OA_ENV_CONSOLE_FORMAT_JSON);
    cr_assert_eq(dup2(kept, STDOUT_FILENO), STDOUT_FILENO);
    cr_assert_eq(out->export_spans(out, &batch, 0), OA_EIO, "what was closed at the start is never ours");
    out->shutdown(out, 0);
}
