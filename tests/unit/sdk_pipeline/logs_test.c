/* The logs half of the pipeline: made at the first record, by the words of OTEL_LOGS_EXPORTER.
 * SOURCES: sdk/pipeline/logs.c sdk/pipeline/processors.c sdk/pipeline/self.c sdk/pipeline/scheduler.c sdk/pipeline/reader.c sdk/pipeline/batch.c
 * sdk/pipeline/simple.c sdk/pipeline/outlet.c sdk/model/batch.c sdk/model/log_view.c sdk/model/span_limits.c
 * sdk/model/bytes.c sdk/model/span_view.c sdk/model/attrs_reader.c sdk/model/extras_reader.c sdk/model/utf8.c
 * sdk/api/logger.c preload/ring.c preload/shared_memory.c preload/base/arena.c preload/base/log.c env/words.c
 * env/parse.c env/text.c tests/support/ring_consumer.c */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "env/env.h"
#include "preload/abi.h"
#include "preload/base/clock.h"
#include "preload/base/log.h"
#include "preload/ring.h"
#include "preload/thread.h"
#include "sdk/api/logger.h"
#include "sdk/pipeline/logs.h"

#define BODIES_MAX 64u

OA_TLS struct oa_thread oa_thread;

static struct oa_env env;
static struct oa_logs logs;
static int made, exports, shutdowns, answer;
static bool cannot;
static uint32_t body_count, sizes[BODIES_MAX];
static char bodies[BODIES_MAX][16];
static const char *exported_by[BODIES_MAX];

const struct oa_env *oa_env(void)
{
    return &env;
}

static int export_logs(struct oa_exporter *self, const struct oa_batch *batch, uint64_t deadline)
{
    (void)deadline;
    exported_by[exports] = self->kind;
    sizes[exports++] = batch->count;
    for (uint32_t i = 0; i < batch->count; i++)
        memcpy(bodies[body_count++], batch->logs[i].body.ptr, batch->logs[i].body.len + 1);
    return answer;
}

static int shut_down(struct oa_exporter *self, uint64_t deadline)
{
    (void)self;
    (void)deadline;
    shutdowns++;
    return 0;
}

static struct oa_exporter exporter = { .export_logs = export_logs, .shutdown = shut_down, .kind = "otlp_http" };

static struct oa_exporter console = { .export_logs = export_logs, .shutdown = shut_down, .kind = "console" };

static struct oa_exporter *construct(const struct oa_exporter_setup *setup)
{
    made++;
    cr_expect_eq(setup->signal, OA_SIGNAL_LOGS);
    return cannot ? NULL : &exporter;
}

static struct oa_exporter *construct_console(const struct oa_exporter_setup *setup)
{
    (void)setup;
    return &console;
}

const struct oa_exporter_type *oa_exporter_type(uint8_t id)
{
    static const struct oa_exporter_type types[] = { { "otlp", construct }, { "console", construct_console } };

    return &types[id == OA_ENV_EXPORTER_console];
}

static struct oa_host host = { .env = &env, .log_ring = oa_ring_logs };

static void setup(void)
{
    env = (struct oa_env){
        .logs_exporter = { .count = 1, .ids = { OA_ENV_EXPORTER_otlp } },
        .blrp_schedule_delay_ms = 3600000,
        .blrp_max_queue_size = 40,
        .blrp_max_export_batch_size = 4,
        .logrecord_attribute_count_limit = 128,
        .logrecord_attribute_value_length_limit = UINT32_MAX,
    };
    oa_log_init(OA_LOG_NONE, NULL);
    oa_logger_init();
    oa_logs_init(&logs, &host, NULL);
}

TestSuite(logs, .init = setup);

static void put(int number)
{
    struct oa_log_head head = { .scope = OA_SCOPE_STDIO };
    struct oa_log_writer w;

    cr_assert(oa_logger_begin(&w, &head, 16, 0, 0));
    w.body[0] = (char)('a' + number);
    oa_logger_body(&w, 1, 1);
    oa_logger_commit(&w);
}

Test(logs, nothing_is_made_before_a_record)
{
    cr_expect_eq(oa_logs_work(&logs, 0, 0), UINT64_MAX);
    cr_expect_eq(oa_logs_work(&logs, OA_WORK_SHUTDOWN, 0), UINT64_MAX);
    cr_expect_eq(made, 0);
    cr_expect_eq(shutdowns, 0);
}

Test(logs, batches__full_then_the_rest_at_the_end)
{
    for (int i = 0; i < 10; i++)
        put(i);
    (void)oa_logs_work(&logs, 0, 0);
    cr_expect_eq(exports, 2);
    (void)oa_logs_work(&logs, OA_WORK_SHUTDOWN, 0);
    cr_assert_eq(exports, 3);
    cr_expect(sizes[0] == 4 && sizes[1] == 4 && sizes[2] == 2);
    cr_assert_eq(body_count, 10);
    for (int i = 0; i < 10; i++)
        cr_expect_eq(bodies[i][0], 'a' + i);
    cr_expect_eq(shutdowns, 1);
    cr_expect_eq(oa_ring_items(), 0);
    cr_expect_eq(oa_logs_work(&logs, 0, 0), UINT64_MAX, "it is over");
}

Test(logs, simple__by_wish_and_for_the_console)
{
    env.auto_logs_processor = OA_ENV_PROCESSOR_SIMPLE;
    for (int i = 0; i < 3; i++)
        put(i);
    (void)oa_logs_work(&logs, 0, 0);
    cr_expect_eq(exports, 3);
    cr_expect(oa_processor_wants_simple(OA_ENV_PROCESSOR_DEFAULT, OA_ENV_EXPORTER_console));
    cr_expect(!oa_processor_wants_simple(OA_ENV_PROCESSOR_DEFAULT, OA_ENV_EXPORTER_otlp));
    cr_expect(!oa_processor_wants_simple(OA_ENV_PROCESSOR_BATCH, OA_ENV_EXPORTER_console));
}

/* What is printed does not wait for a request, whatever the order of the words. */
Test(logs, simple_ones_come_first)
{
    env.logs_exporter = (struct oa_env_list){ .count = 2, .ids = { OA_ENV_EXPORTER_otlp, OA_ENV_EXPORTER_console } };
    put(0);
    (void)oa_logs_work(&logs, OA_WORK_FLUSH, 0);
    cr_assert_eq(exports, 2);
    cr_expect_str_eq(exported_by[0], "console");
    cr_expect_str_eq(exported_by[1], "otlp_http");
}

Test(logs, the_delay_is_that_of_logs)
{
    uint64_t next;

    env.blrp_schedule_delay_ms = 20;
    put(0);
    next = oa_logs_work(&logs, 0, 0);
    cr_expect(next > 0 && next <= 20 * OA_NS_PER_MS);
    cr_expect_eq(exports, 0);
    for (int i = 0; i < 1000 && !exports; i++)
        (void)oa_logs_work(&logs, 0, 0), usleep(1000);
    cr_expect_eq(exports, 1);
}

Test(logs, refused__counted_in_the_ring_of_logs)
{
    answer = -5;
    put(0);
    put(1);
    (void)oa_logs_work(&logs, OA_WORK_FLUSH, 0);
    cr_expect_eq(oa_ring_logs()->dropped[OA_DROP_EXPORT_FAILED], 2);
    cr_expect_eq(oa_ring_items(), 0);
}

/* What is read is gone, and the consumer is not woken for ever. */
Test(logs, no_exporter_can_be_made)
{
    cannot = true;
    for (int i = 0; i < 10; i++)
        put(i);
    (void)oa_logs_work(&logs, 0, 0);
    cr_expect_eq(made, 1);
    cr_expect_eq(oa_ring_items(), 0);
    cr_expect(!oa_ring_wants_reader());
}

Test(logs, switched_off)
{
    env.logs_exporter.count = 0;
    oa_logs_init(&logs, &host, NULL);
    cr_expect(logs.over);
    cr_expect_eq(oa_logs_work(&logs, 0, 0), UINT64_MAX);
}

/* An observation of that metric and, if it is not NULL, of that component. */
static const struct oa_observation *told(const struct oa_observation *list, uint32_t count, enum oa_metric metric,
                                         const char *component)
{
    for (uint32_t i = 0; i < count; i++)
        if (list[i].metric == metric && list[i].attr_count == 2 &&
            oa_slice_eq(list[i].attrs[0].str, oa_slice_of(component)))
            return &list[i];
    return NULL;
}

Test(logs, tells_of_itself)
{
    static struct oa_self self;
    static struct oa_observation list[OA_OBSERVATIONS_MAX];
    struct oa_observed_more more = oa_self_observe(&self);
    const struct oa_observation *found;
    uint32_t count;

    logs.self = &self;
    cr_expect_eq(more.add(more.context, list, 0), 0, "nothing is there yet");
    for (int i = 0; i < 6; i++)
        put(i);
    (void)oa_logs_work(&logs, OA_WORK_SHUTDOWN, 0);
    count = more.add(more.context, list, 0);
    found = told(list, count, OA_METRIC_SELF_LOG_EXPORTED, "otlp_http_log_exporter");
    cr_assert_not_null(found);
    cr_expect_eq(found->value, 6);
    found = told(list, count, OA_METRIC_SELF_LOG_PROCESSED, "batching_log_processor");
    cr_assert_not_null(found);
    cr_expect_eq(found->value, 6);
    found = told(list, count, OA_METRIC_SELF_LOG_QUEUE_CAPACITY, "batching_log_processor");
    cr_assert_not_null(found);
    cr_expect_eq(found->value, 40);
    for (uint32_t i = 0; i < count; i++)
        cr_expect(list[i].row >= OA_OBSERVATION_ROWS + OA_SELF_SIDE_ROWS && list[i].row < OA_OBSERVATIONS_MAX);
}
