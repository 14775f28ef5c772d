#include "sdk/pipeline/self.h"

#include <stdio.h>
#include <string.h>

_Static_assert(OA_OBSERVATION_ROWS + OA_SELF_ROWS <= OA_OBSERVATIONS_MAX, "all rows fit in a list");

enum { PROCESSOR_TYPE, PROCESSOR_NAME, EXPORTER_TYPE, EXPORTER_NAME };

struct listing {
    struct oa_self *self;
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
    struct oa_scheduler *scheduler = listing->self->scheduler;
    const struct oa_ring_header *ring = scheduler->reader.ring;
    uint64_t exported = scheduler->counts[i].exported, failed = scheduler->counts[i].failed;
    const char *own = listing->self->names[i][PROCESSOR_TYPE], *exporter = listing->self->names[i][EXPORTER_TYPE];

    put(listing, OA_METRIC_SELF_QUEUE_SIZE, own, NULL, atomic_load_explicit(&ring->items, memory_order_relaxed));
    put(listing, OA_METRIC_SELF_QUEUE_CAPACITY, own, NULL, ring->max_items);
    put(listing, OA_METRIC_SELF_PROCESSED, own, NULL, exported + failed);
    if (i == listing->self->sender)
        exported -= atomic_load_explicit(&ring->dropped[OA_DROP_REJECTED], memory_order_relaxed);
    put(listing, OA_METRIC_SELF_EXPORTED, exporter, NULL, exported);
    put(listing, OA_METRIC_SELF_EXPORTED, exporter, "export_failed", failed);
}

/* What never reached an exporter; what an exporter gave up stands with it. */
static void put_dropped(struct listing *listing)
{
    static const char *const words[] = {
#define DROP(id, word) word,
        OA_DROPS(DROP)
#undef DROP
    };
    const struct oa_ring_header *ring = listing->self->scheduler->reader.ring;

    for (int i = 0; i < OA_DROP_COUNT; i++) {
        uint64_t dropped = atomic_load_explicit(&ring->dropped[i], memory_order_relaxed);

        if (i == OA_DROP_EXPORT_FAILED)
            continue;
        if (i == OA_DROP_REJECTED)
            put(listing, OA_METRIC_SELF_EXPORTED, listing->self->names[listing->self->sender][EXPORTER_TYPE],
                words[i], dropped);
        else
            put(listing, OA_METRIC_SELF_PROCESSED, listing->self->names[0][PROCESSOR_TYPE], words[i], dropped);
    }
}

static uint32_t add(void *context, struct oa_observation *list, uint32_t count)
{
    struct listing listing = { .self = context, .list = list, .count = count };

    for (uint32_t i = 0; i < listing.self->count; i++)
        put_processor(&listing, i);
    if (listing.self->count)
        put_dropped(&listing);
    return listing.count;
}

static void name(struct oa_self *self, uint32_t i)
{
    const struct oa_processor *processor = self->scheduler->processors[i];

    (void)snprintf(self->names[i][PROCESSOR_TYPE], OA_SELF_NAME_MAX, "%s_span_processor",
                   processor->simple ? "simple" : "batching");
    (void)snprintf(self->names[i][PROCESSOR_NAME], OA_SELF_NAME_MAX, "%.36s/%u", self->names[i][PROCESSOR_TYPE], i);
    (void)snprintf(self->names[i][EXPORTER_TYPE], OA_SELF_NAME_MAX, "%.24s_span_exporter", processor->exporter_kind);
    (void)snprintf(self->names[i][EXPORTER_NAME], OA_SELF_NAME_MAX, "%.36s/%u", self->names[i][EXPORTER_TYPE], i);
}

/* Partial successes are OTLP's, over a network. */
static bool is_told_of_rejects(const char *kind)
{
    return strncmp(kind, "otlp_http", strlen("otlp_http")) == 0 || strcmp(kind, "otlp_grpc") == 0;
}

struct oa_observed_more oa_self_observe(struct oa_self *self, struct oa_scheduler *scheduler)
{
    self->scheduler = scheduler;
    self->count = scheduler->processor_count;
    self->sender = 0;
    for (uint32_t i = self->count; i-- > 0;) {
        name(self, i);
        if (is_told_of_rejects(scheduler->processors[i]->exporter_kind))
            self->sender = i;
    }
    return (struct oa_observed_more){ .add = add, .context = self };
}
