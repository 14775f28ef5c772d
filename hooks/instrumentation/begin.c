#include "hooks/instrumentation/begin.h"

#include "env/env.h"
#include "hooks/instrumentation/carrier.h"
#include "preload/life.h"
#include "sdk/api/baggage_attrs.h"
#include "sdk/api/ids.h"
#include "sdk/api/sampler.h"

static struct oa_sampler sampler;
static bool exporting; /* somebody takes what is recorded */

struct oa_begin_settings oa_begin_settings;

void oa_begin_init(void)
{
    exporting = oa_env()->traces_exporter.count > 0 && !oa_env()->sdk_disabled;
    oa_carrier_init();
    oa_baggage_attrs_init(oa_env()->auto_span_baggage);
    oa_sampler_init(&sampler, oa_env()->traces_sampler, oa_env()->traces_sampler_arg);
    if (oa_env()->auto_always_record)
        oa_sampler_always_record(&sampler);
    oa_begin_settings.public_endpoint = oa_env()->auto_public_endpoint && !oa_env()->sdk_disabled;
    oa_begin_settings.http_events = oa_env()->auto_http_events;
    oa_begin_settings.hides_contexts = oa_env()->auto_public_endpoint && oa_begin_can_tag();
}

static OA_NOINLINE void settle_state(enum oa_sample decision, const struct oa_sampler_question *question,
                                     struct oa_begin_state *state)
{
    struct oa_sampler_state list = { .text = state->text, .len = *state->len };

    list.cap = state->cap > list.len ? state->cap : list.len;
    oa_sampler_settle_state(&sampler, decision, question, &list);
    *state->len = list.len;
}

bool oa_begin_context(struct oa_span_context *self, const struct oa_span_context *parent, uint32_t slot,
                      struct oa_begin_state state)
{
    struct oa_sampler_question question;
    enum oa_sample decision;

    oa_life_watch_forks();
    oa_life_notice_fork(); /* before ids are drawn that the parent draws too */
    *self = (struct oa_span_context){ .valid = 1 };
    if (parent->valid) {
        memcpy(self->trace_id, parent->trace_id, sizeof(self->trace_id));
        self->flags = parent->flags & OA_FLAG_RANDOM; /* of a continued trace: passed on as it came */
        self->debug = parent->debug;
    } else {
        oa_ids_trace(self->trace_id);
        self->flags = OA_FLAG_RANDOM;
    }
    /* Nobody is asked about what will not be a span: rates are for traces. */
    question = (struct oa_sampler_question){
        .parent = parent,
        .tracestate = { state.text, *state.len },
        .trace_id = self->trace_id,
        .name = state.name,
        .ret_by = state.by,
    };
    decision = state.moot ? OA_SAMPLE_DROP : oa_sampler_decide(&sampler, &question);
    if (*state.len || oa_unlikely(oa_sampler_writes(&sampler)))
        settle_state(decision, &question, &state);
    if (decision == OA_SAMPLE_RECORD)
        self->flags |= OA_FLAG_SAMPLED;
    if (oa_unlikely(sampler.remote) && exporting)
        oa_thread.flags |= OA_THREAD_RECORDED; /* the helper must come round and ask for a strategy */
    oa_ids_span(self->span_id, slot);          /* always, for dropped spans too */
    return decision != OA_SAMPLE_DROP;
}

void oa_begin_again(const struct oa_span_context *self, const struct oa_span_context *parent,
                    struct oa_begin_state state)
{
    struct oa_sampler_question question = {
        .parent = parent,
        .tracestate = { state.text, *state.len },
        .trace_id = self->trace_id,
    };

    if (*state.len || oa_sampler_writes(&sampler))
        settle_state(self->flags & OA_FLAG_SAMPLED ? OA_SAMPLE_RECORD : OA_SAMPLE_DROP, &question, &state);
}

bool oa_begin_by_name(const struct oa_span_context *parent)
{
    return !parent->valid && oa_sampler_by_name(&sampler);
}

bool oa_begin_writes_state(void)
{
    return oa_sampler_writes(&sampler);
}

void oa_begin_span(struct oa_op *op, bool enabled, struct oa_slice name)
{
    size_t state_len, room = 0;

    oa_life_watch_forks();
    if (oa_env()->sdk_disabled || !enabled) {
        op->self = op->parent;
        op->self.remote = 0;
        op->recording = false;
        return;
    }
    if (oa_unlikely(oa_sampler_writes(&sampler)))
        room = oa_op_room(op, OA_OP_STATE_LIST);
    state_len = op->field[OA_OP_STATE_LIST].len;
    op->recording = oa_begin_context(&op->self, &op->parent, op->slot,
                                     (struct oa_begin_state){ .text = op->text + op->field[OA_OP_STATE_LIST].off,
                                                              .len = &state_len,
                                                              .cap = room,
                                                              .name = name,
                                                              .by = &op->sampled_by,
                                                              .moot = op->suppressed }) &&
                    exporting && !op->suppressed;
    op->field[OA_OP_STATE_LIST].len = (uint16_t)state_len;
    if (oa_unlikely(room))
        op->text_len = (uint16_t)(op->field[OA_OP_STATE_LIST].off + state_len);
}

bool oa_begin_can_tag(void)
{
    const struct oa_env *env = oa_env();

    return (oa_carrier_writes() & oa_fields_of_spans) && env->auto_ingress_tag && env->http_enabled &&
           !env->sdk_disabled;
}
