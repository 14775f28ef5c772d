/* Starting an operation for good: ids, flags, sampling, switches.
 * SOURCES: tests/support/http.sources */
#include <criterion/criterion.h>
#include <string.h>

#include "hooks/instrumentation/begin.h"
#include "sdk/api/ids.h"
#include "sdk/api/strategy.h"
#include "tests/support/http_fixture.h"

static void start(const char *a, const char *b)
{
    const char *settings[] = { a, a ? b : NULL, NULL };

    oa_test_http_start(settings);
}

static struct oa_span_context parent_with(uint8_t flags)
{
    struct oa_span_context parent = { .flags = flags, .valid = 1, .remote = 1 };

    memset(parent.trace_id, 0xab, sizeof(parent.trace_id));
    memset(parent.span_id, 0xcd, sizeof(parent.span_id));
    return parent;
}

/* An operation that begins below parent. */
static struct oa_op *begun(struct oa_span_context parent, bool enabled)
{
    struct oa_op *op = oa_op_open();

    op->parent = parent;
    oa_begin_span(op, enabled, OA_SLICE("GET"));
    return op;
}

static const struct oa_span_context no_parent;

Test(begin, root__random_ids_and_the_sampled_flag)
{
    struct oa_op *a, *b;

    start(NULL, NULL);
    a = begun(no_parent, true);
    b = begun(no_parent, true);
    cr_assert(a->recording && a->self.valid && !a->self.remote);
    cr_assert_eq(a->self.flags, OA_FLAG_SAMPLED | OA_FLAG_RANDOM);
    cr_assert_arr_neq(a->self.trace_id, b->self.trace_id, 16);
    cr_assert_eq(oa_ids_slot(a->self.span_id), a->slot, "the id names the operation");
    cr_assert_eq(oa_ids_slot(b->self.span_id), b->slot);
}

Test(begin, child__keeps_the_trace_and_its_random_flag)
{
    struct oa_span_context parent;
    struct oa_op *op;

    start(NULL, NULL);
    for (uint8_t flags = OA_FLAG_SAMPLED; flags < 4; flags += 2) {
        parent = parent_with(flags);
        op = begun(parent, true);
        cr_assert_arr_eq(op->self.trace_id, parent.trace_id, 16);
        cr_assert_arr_neq(op->self.span_id, parent.span_id, 8);
        cr_assert_eq(op->self.flags, flags);
        cr_assert(op->recording && !op->self.remote);
    }
}

Test(begin, always_record__the_flag_stays_clear)
{
    struct oa_op *op;

    start("OTEL_AUTO_ALWAYS_RECORD=true", "OTEL_TRACES_EXPORTER=otlp,plugin:/p.so");
    op = begun(parent_with(OA_FLAG_RANDOM), true);
    cr_assert(op->recording);
    cr_assert_eq(op->self.flags, OA_FLAG_RANDOM);
    op = begun(parent_with(OA_FLAG_SAMPLED), true);
    cr_assert(op->recording);
    cr_assert_eq(op->self.flags, OA_FLAG_SAMPLED);
    op = begun(parent_with(OA_FLAG_RANDOM), false);
    cr_assert_not(op->recording, "an instrumentation that is off stays off");
}

Test(begin, always_record__without_a_plug_in_is_nothing)
{
    start("OTEL_AUTO_ALWAYS_RECORD=true", NULL);
    cr_assert_not(begun(parent_with(OA_FLAG_RANDOM), true)->recording);
}

Test(begin, unsampled__parent_decides)
{
    struct oa_op *op;

    start(NULL, NULL);
    op = begun(parent_with(OA_FLAG_RANDOM), true);
    cr_assert_not(op->recording);
    cr_assert_eq(op->self.flags, OA_FLAG_RANDOM);
    cr_assert(op->self.valid, "context flows on");
    cr_assert_eq(oa_ids_slot(op->self.span_id), op->slot, "with an id of its own");
}

Test(begin, unsampled__by_the_sampler)
{
    struct oa_op *op;

    start("OTEL_TRACES_SAMPLER=always_off", NULL);
    op = begun(parent_with(OA_FLAG_SAMPLED), true);
    cr_assert_not(op->recording);
    cr_assert_eq(op->self.flags & OA_FLAG_SAMPLED, 0);
    op = begun(no_parent, true);
    cr_assert_not(op->recording);
    cr_assert_eq(op->self.flags, OA_FLAG_RANDOM);
}

Test(begin, sampled__by_the_sampler_although_the_parent_is_not)
{
    struct oa_op *op;

    start("OTEL_TRACES_SAMPLER=always_on", NULL);
    op = begun(parent_with(0), true);
    cr_assert(op->recording);
    cr_assert_eq(op->self.flags, OA_FLAG_SAMPLED);
}

/* The tracestate of an operation that begins below parent with the given one. */
static struct oa_slice settled_state(struct oa_span_context parent, const char *state)
{
    struct oa_op *op = oa_op_open();

    op->parent = parent;
    cr_assert(oa_op_set(op, OA_OP_STATE_LIST, oa_slice_of(state)));
    oa_begin_span(op, true, OA_SLICE("GET"));
    return oa_op_text(op, OA_OP_STATE_LIST);
}

Test(begin, tracestate__a_sampling_threshold_goes_where_the_decision_is_not_its_own)
{
    struct oa_span_context sampled = parent_with(OA_FLAG_SAMPLED);

    start(NULL, NULL);
    cr_assert(oa_slice_eq(settled_state(sampled, "ot=th:8,a=1"), OA_SLICE("ot=th:8,a=1"))); /* 0xabab.. >= 0x80.. */
    cr_assert(oa_slice_eq(settled_state(sampled, "ot=th:c,a=1"), OA_SLICE("a=1")));
    start("OTEL_TRACES_SAMPLER=always_on", NULL);
    cr_assert(
        oa_slice_eq(settled_state(sampled, "a=1,ot=th:8;rv:c0000000000000"), OA_SLICE("a=1,ot=rv:c0000000000000")));
}

Test(begin, suppressed__is_not_recorded)
{
    struct oa_op *op;

    start(NULL, NULL);
    op = oa_op_open();
    op->suppressed = true;
    oa_begin_span(op, true, OA_SLICE("GET"));
    cr_assert_not(op->recording);
}

/* One trace an hour. */
static void sample_one(void)
{
    oa_strategy_put(&(struct oa_strategy){ .kind = OA_STRATEGY_RATE_LIMITING, .traces_per_second = 1.0 / 3600 });
}

Test(begin, statement_97__what_will_be_no_span_takes_nothing_from_a_rate)
{
    struct oa_op *op;

    start("OTEL_TRACES_SAMPLER=jaeger_remote", "OTEL_TRACES_SAMPLER_ARG=initialSamplingRate=0");
    sample_one();
    op = oa_op_open();
    op->suppressed = true;
    oa_begin_span(op, true, OA_SLICE("GET"));
    cr_assert_not(op->recording);
    op = begun(parent_with(OA_FLAG_SAMPLED), true);
    cr_assert(op->recording && op->sampled_by.kind == OA_SAMPLED_BY_NOTHING, "its parent decided");
    op = begun(no_parent, true);
    cr_assert(op->recording && op->sampled_by.kind == OA_SAMPLED_BY_RATE_LIMITING);
    cr_assert_not(begun(no_parent, true)->recording);
}

Test(begin, statement_97__the_helper_comes_to_ask_although_nothing_was_recorded)
{
    start("OTEL_TRACES_SAMPLER=jaeger_remote", "OTEL_TRACES_SAMPLER_ARG=initialSamplingRate=0");
    oa_thread.flags = 0;
    cr_assert_not(begun(no_parent, true)->recording);
    cr_assert(oa_thread.flags & OA_THREAD_RECORDED);
    start("OTEL_TRACES_SAMPLER=always_off", NULL);
    oa_thread.flags = 0;
    cr_assert_not(begun(no_parent, true)->recording);
    cr_assert_not(oa_thread.flags & OA_THREAD_RECORDED);
}

static void flows_through(bool enabled)
{
    struct oa_span_context parent = parent_with(OA_FLAG_SAMPLED);
    struct oa_op *op = begun(parent, enabled);

    cr_assert_not(op->recording);
    cr_assert(op->self.valid && !op->self.remote);
    cr_assert_arr_eq(op->self.trace_id, parent.trace_id, 16);
    cr_assert_arr_eq(op->self.span_id, parent.span_id, 8);
    cr_assert_eq(op->self.flags, OA_FLAG_SAMPLED);
    op = begun(no_parent, enabled);
    cr_assert_not(op->recording || op->self.valid);
}

Test(begin, sdk_disabled__the_parents_context_flows_through)
{
    start("OTEL_SDK_DISABLED=true", NULL);
    flows_through(true);
}

Test(begin, switched_off__the_parents_context_flows_through)
{
    start(NULL, NULL);
    flows_through(false);
}

Test(begin, no_exporter__ids_flow_but_nothing_is_recorded)
{
    struct oa_op *op;

    start("OTEL_TRACES_EXPORTER=none", NULL);
    op = begun(no_parent, true);
    cr_assert_not(op->recording);
    cr_assert(op->self.valid);
}

Test(begin, context__without_an_operation)
{
    struct oa_span_context parent, self;

    start(NULL, NULL);
    parent = parent_with(OA_FLAG_SAMPLED);
    cr_assert(oa_begin_context(&self, &parent, 0x7fff, (struct oa_begin_state){ .len = &(size_t){ 0 } }));
    cr_assert_eq(oa_ids_slot(self.span_id), 0x7fff);
    cr_assert_arr_eq(self.trace_id, parent.trace_id, 16);
    parent.flags = 0;
    cr_assert_not(oa_begin_context(&self, &parent, 0x7fff, (struct oa_begin_state){ .len = &(size_t){ 0 } }));
}

static void can_tag(const char *setting, bool want)
{
    start(setting, NULL);
    cr_assert_eq(oa_begin_can_tag(), want);
}

Test(begin, can_tag__by_default)
{
    can_tag(NULL, true);
}

Test(begin, can_tag__baggage_first)
{
    can_tag("OTEL_PROPAGATORS=baggage,tracecontext", true);
}

Test(begin, can_tag__not_without_tracecontext)
{
    can_tag("OTEL_PROPAGATORS=baggage", false);
}

Test(begin, can_tag__not_when_switched_off)
{
    can_tag("OTEL_AUTO_INGRESS_TAG=false", false);
}

Test(begin, can_tag__not_with_the_sdk_disabled)
{
    can_tag("OTEL_SDK_DISABLED=true", false);
}

Test(begin, can_tag__not_without_http)
{
    can_tag("OTEL_INSTRUMENTATION_HTTP_ENABLED=false", false);
}
