#include "tests/support/fake_logger.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "preload/thread.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct oa_test_log logs[OA_TEST_LOGS];
static size_t count;

static __thread struct oa_test_log open_log;
static __thread char *body;
static __thread uint32_t body_max;

bool oa_test_logger_off, oa_test_logger_full, oa_test_logger_dirty;

bool oa_logger_enabled(void)
{
    return !oa_test_logger_off;
}

bool oa_logger_begin(struct oa_log_writer *w, const struct oa_log_head *head, uint32_t max, uint32_t attrs,
                     uint32_t text_bytes)
{
    *w = (struct oa_log_writer){ 0 };
    if (oa_test_logger_full || max + attrs * 24 + text_bytes + 200 > 16384)
        return false;
    open_log = (struct oa_test_log){ .head = *head, .facility = -1 };
    if (head->context)
        open_log.context = *head->context;
    body = calloc(1, max + 1);
    body_max = max;
    w->body = body;
    w->record = (struct oa_record_log *)body; /* only ever compared with NULL */
    return true;
}

void oa_logger_body(struct oa_log_writer *w, uint32_t len, uint32_t written)
{
    if (!w->body || w->body != body || len > written || written > body_max)
        abort();
    for (uint32_t i = written; i < body_max; i++)
        oa_test_logger_dirty |= body[i] != 0;
    memset(body + len, 0, written - len);
    open_log.body = body;
    open_log.len = len;
}

void oa_logger_str(struct oa_log_writer *w, enum oa_key key, struct oa_slice value)
{
    if (w->body && key == OA_KEY_LOG_IOSTREAM)
        open_log.iostream = strndup(value.ptr, value.len);
}

void oa_logger_int(struct oa_log_writer *w, enum oa_key key, int64_t value)
{
    if (w->body && key == OA_KEY_SYSLOG_FACILITY)
        open_log.facility = value;
}

void oa_logger_commit(struct oa_log_writer *w)
{
    if (!w->body || !open_log.body)
        abort();
    pthread_mutex_lock(&mutex);
    if (count == OA_TEST_LOGS)
        abort();
    logs[count++] = open_log;
    pthread_mutex_unlock(&mutex);
    oa_thread.flags |= OA_THREAD_RECORDED;
}

size_t oa_test_logs(void)
{
    size_t n;

    pthread_mutex_lock(&mutex);
    n = count;
    pthread_mutex_unlock(&mutex);
    return n;
}

const struct oa_test_log *oa_test_log(size_t n)
{
    return n < oa_test_logs() ? &logs[n] : NULL;
}

size_t oa_test_logs_seen;

bool oa_test_log_is(const char *want)
{
    const struct oa_test_log *log = oa_test_log(oa_test_logs_seen);

    if (!log || !want)
        return !log && !want;
    oa_test_logs_seen++;
    if (log->len == strlen(want) && memcmp(log->body, want, log->len) == 0)
        return true;
    fprintf(stderr, "record %zu: %s, not %s\n", oa_test_logs_seen - 1, log->body, want);
    return false;
}
