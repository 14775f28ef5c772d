#include "sdk/pipeline/self.h"

#include <stdio.h>
#include <string.h>

_Static_assert(OA_OBSERVATION_ROWS + OA_SELF_ROWS <= OA_OBSERVATIONS_MAX, "all rows fit in a list");

enum { PROCESSOR_TYPE, PROCESSOR_NAME, EXPORTER_TYPE, EXPORTER_NAME };

static const struct {
    enum oa_metric size, capacity, processed, exported;
    const char *word; /* of the types of processors and exporters */
} sides[] = {
    [OA_SELF_SPANS] = { OA_METRIC_SELF_QUEUE_SIZE, OA_METRIC_SELF_QUEUE_CAPACITY, OA_METRIC_SELF_PROCESSED,
                        OA_METRIC_SELF_EXPORTED, "span" },
    [OA_SELF_LOGS] = { OA_METRIC_SELF_LOG_QUEUE_SIZE, OA_METRIC_SELF_LOG_QUEUE_CAPACITY, OA_METRIC_SELF_LOG_PROCESSED,
                       OA_METRIC_SELF_LOG_EXPORTED, "log" },
};

struct listing {
    struct oa_self *self;
    const struct oa_self_side *side;
    const struct oa_scheduler *scheduler; /* of the side */
    enum oa_self_signal signal;
    struct oa_observation *list;
    uint32_t count;
    uint32_t row;
};

/* One number of a component; error NULL: none. Each call has the same place at each collection. */
static void put(struct listing *listing, enum oa_metric metric, const char *component, const char *error,
                uint64_t value)
{
    struct oa_self_row *row = &listing->self->rows[listing->row];
    const char *name = component + OA_SELF_NAME_MAX; /* a type is followed by the name that goes with it */

    row->attrs[0] = (struct oa_attr_view){ .key = OA_SLICE("otel.component.type"),
                                           .type = OA_ATTR_STR,
                                           .str = oa_slice_of(component) };
    row->attrs[1] = (struct oa_attr_view){ .key = OA_SLICE("otel.component.name"),
                                           .type = OA_ATTR_STR,
                                           .str = oa_slice_of(name) };
    row->attrs[2] = (struct oa_attr_view){ .key = OA_SLICE("error.type"),
                                           .type = OA_ATTR_STR,
                                           .str = oa_slice_of(error ? error : "") };
    listing->list[listing->count++] = (struct oa_observation){ .metric = metric,
                                                               .value = (int64_t)value,
                                                               .attrs = row->attrs,
                                                               .attr_count = error ? 3 : 2,
                                                               .row = OA_OBSERVATION_ROWS + listing->row };
    listing->row++;
}

/* The ring is one queue for all: what each processor says of it is the same. */
static void put_processor(struct listing *listing, uint32_t i)
{
    const struct oa_processor_counts *counts = &listing->scheduler->counts[i];
    const struct oa_ring_header *ring = listing->scheduler->reader.ring;
    uint64_t exported = atomic_load_explicit(&counts->exported, memory_order_relaxed);
    uint64_t failed = atomic_load_explicit(&counts->failed, memory_order_relaxed);
    uint64_t rejected = atomic_load_explicit(&ring->dropped[OA_DROP_REJECTED], memory_order_relaxed);
    const char *own = listing->side->names[i][PROCESSOR_TYPE], *exporter = listing->side->names[i][EXPORTER_TYPE];

    put(listing, sides[listing->signal].size, own, NULL, atomic_load_explicit(&ring->items, memory_order_relaxed));
    put(listing, sides[listing->signal].capacity, own, NULL, ring->max_items);
    put(listing, sides[listing->signal].processed, own, NULL, exported + failed);
    if (i == listing->side->sender)
        exported = exported > rejected ? exported - rejected : 0; /* rejected comes first */
    put(listing, sides[listing->signal].exported, exporter, NULL, exported);
    put(listing, sides[listing->signal].exported, exporter, "export_failed", failed);
}

/* What never reached an exporter; what an exporter gave up stands with it. */
static void put_dropped(struct listing *listing)
{
    static const char *const words[] = {
#define DROP(id, word) word,
        OA_DROPS(DROP)
#undef DROP
    };
    const struct oa_self_side *side = listing->side;
    const struct oa_ring_header *ring = listing->scheduler->reader.ring;

    for (int i = 0; i < OA_DROP_COUNT; i++) {
        uint64_t dropped = atomic_load_explicit(&ring->dropped[i], memory_order_relaxed);

        if (i == OA_DROP_EXPORT_FAILED)
            continue;
        if (i == OA_DROP_REJECTED)
            put(listing, sides[listing->signal].exported, side->names[side->sender][EXPORTER_TYPE], words[i],
                dropped);
        else
            put(listing, sides[listing->signal].processed, side->names[0][PROCESSOR_TYPE], words[i], dropped);
    }
}

static void put_side(struct listing *listing, enum oa_self_signal signal)
{
    listing->side = &listing->self->sides[signal];
    listing->scheduler = atomic_load_explicit(&listing->side->scheduler, memory_order_acquire);
    if (!listing->scheduler)
        return;
    listing->signal = signal;
    listing->row = (uint32_t)signal * OA_SELF_SIDE_ROWS;
    for (uint32_t i = 0; i < listing->side->count; i++)
        put_processor(listing, i);
    if (listing->side->count)
        put_dropped(listing);
}

static uint32_t add(void *context, struct oa_observation *list, uint32_t count)
{
    struct listing listing = { .self = context, .list = list, .count = count };

    put_side(&listing, OA_SELF_SPANS);
    put_side(&listing, OA_SELF_LOGS);
    return listing.count;
}

static void name(struct oa_self_side *side, const struct oa_scheduler *scheduler, const char *word, uint32_t i)
{
    const struct oa_processor *processor = scheduler->processors[i];
    char(*names)[OA_SELF_NAME_MAX] = side->names[i];

    (void)snprintf(names[PROCESSOR_TYPE], OA_SELF_NAME_MAX, "%s_%s_processor",
                   processor->simple ? "simple" : "batching", word);
    (void)snprintf(names[PROCESSOR_NAME], OA_SELF_NAME_MAX, "%.36s/%u", names[PROCESSOR_TYPE], i);
    (void)snprintf(names[EXPORTER_TYPE], OA_SELF_NAME_MAX, "%.24s_%s_exporter", processor->exporter_kind, word);
    (void)snprintf(names[EXPORTER_NAME], OA_SELF_NAME_MAX, "%.36s/%u", names[EXPORTER_TYPE], i);
}

/* Partial successes are OTLP's, over a network. */
static bool is_told_of_rejects(const char *kind)
{
    return strncmp(kind, "otlp_http", strlen("otlp_http")) == 0 || strcmp(kind, "otlp_grpc") == 0;
}

static void add_side(struct oa_self_side *side, enum oa_self_signal signal, const struct oa_scheduler *scheduler)
{
    side->count = scheduler->processor_count;
    for (uint32_t i = side->count; i-- > 0;) {
        name(side, scheduler, sides[signal].word, i);
        if (is_told_of_rejects(scheduler->processors[i]->exporter_kind))
            side->sender = i;
    }
    atomic_store_explicit(&side->scheduler, scheduler, memory_order_release);
}

void oa_self_add(struct oa_self *self, enum oa_self_signal signal, const struct oa_scheduler *scheduler)
{
    for (; self; self = self->next)
        add_side(&self->sides[signal], signal, scheduler);
}

struct oa_observed_more oa_self_observe(struct oa_self *self)
{
    return (struct oa_observed_more){ .add = add, .context = self };
}
