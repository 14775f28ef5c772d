/*
 * Metric cells: the shared memory that counts. Hooks add at the end of each operation, sampled or not; a reader
 * sums. Plain data like the ring (record.h): offsets only, so that another process may map and read the same bytes.
 *
 * A region is one page of struct oa_cells, an index (hash -> series), a directory (number -> series), and an arena
 * that both only grow. A series is one attribute set of one group of instruments. Its cells lie in blocks, one per
 * stripe; a thread uses the block of its own stripe and takes the block's lock by a single exchange. Who finds it
 * taken goes on to the next stripe: nobody waits, and what several threads count lies in different cache lines. A
 * block is made when a stripe first needs it, and only while the arena is less than half full; after that all share
 * the first one.
 *
 * Cells only grow (those of up-down counters and gauges apart): every reader keeps what it saw last and subtracts.
 * The exceptions are the minimum and maximum of a histogram and the exemplars, which the one reader of a process
 * takes out at each collection.
 *
 * Two kinds of region. `own`: of one process; a forked child starts without one. `family`: made before any fork
 * when OTEL_METRICS_EXPORTER names prometheus, and shared by all forked children, so that one endpoint tells the
 * sum of all workers and no counter goes back when one of them ends. Blocks of up-down counters there belong to one
 * process each: what a killed process had open leaves with it.
 */
#ifndef OA_CELLS_H
#define OA_CELLS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "preload/attr_set.h"
#include "preload/base/compiler.h"
#include "preload/base/limits.h"
#include "preload/metric.h"
#include "preload/record.h"

#define OA_CELLS_MAGIC 0x736c6c65632e616full
#define OA_CELLS_VERSION 1u
#define OA_CELLS_STRIPES 16u
#define OA_CELLS_GROUPS_MAX 16u /* a cache line of numbers */
_Static_assert(OA_GROUP_COUNT <= (int)OA_CELLS_GROUPS_MAX, "each group has a place");

/* The header, and what lies in a region, are written once and then read by everybody, but for the atomics. */

/* Where the cells of an instrument lie in a block of its group. */
struct oa_cells_metric {
    uint16_t group;
    uint16_t at;         /* first word */
    uint8_t kind;        /* enum oa_metric_kind */
    uint8_t aggregation; /* enum oa_aggregation */
    uint8_t bounds;      /* explicit: number of boundaries */
    uint8_t reservoir;   /* exemplars kept: first slot in the block's exemplars + 1; 0 = none */
};

struct oa_cells {
    uint64_t magic;
    uint32_t version;
    uint32_t header_bytes;
    uint32_t capacity; /* of the whole region, bytes */
    uint32_t index_entries;
    uint32_t series_max;
    uint32_t series_limit;                     /* distinct sets per group, the overflow series not counted */
    uint32_t pid;                              /* owner; 0 = shared by a family */
    uint32_t index_at, directory_at, arena_at; /* offsets */
    uint64_t start_unix_ns;
    struct oa_cells_metric metric[OA_METRIC_COUNT];
    uint16_t group_words[OA_GROUP_COUNT];
    uint16_t group_exemplars[OA_GROUP_COUNT]; /* slots of a block */

    _Alignas(64) _Atomic uint32_t used; /* bytes of the region handed out */
    _Atomic uint32_t series_count;      /* numbers handed out; the directory says which are there yet */
    _Atomic uint32_t group_series[OA_GROUP_COUNT];
    _Atomic uint32_t overflow[OA_GROUP_COUNT]; /* offset / 8 of the overflow series; 0 = not needed yet */
    _Atomic uint64_t lost;                     /* measurements that found no room at all */
    _Atomic uint32_t server_pid;               /* family: who answers scrapes; 0 = nobody */
    /* What each stripe counted last, offset / 8: the next measurement is often of the same series. */
    _Alignas(64) _Atomic uint32_t last[OA_CELLS_STRIPES][OA_CELLS_GROUPS_MAX];
};
#define OA_CELLS_HEADER_BYTES 4096u
_Static_assert(sizeof(struct oa_cells) <= OA_CELLS_HEADER_BYTES, "header fits its page");

/* One attribute set. Followed by attr_count attributes (struct oa_record_attr, record.h), attr_bytes in all. */
struct oa_series {
    uint32_t hash;
    uint16_t group;
    uint16_t attr_bytes;
    uint16_t attr_count;
    uint16_t overflow; /* 1: stands for all sets beyond the limit */
    uint32_t number;   /* in the directory */
    uint64_t start_unix_ns;
    _Atomic uint32_t block[OA_CELLS_STRIPES]; /* offset / 8; 0 = not made yet */
};
_Static_assert(sizeof(struct oa_series) == 24 + 4 * OA_CELLS_STRIPES, "layout is shared with other processes");

/* The cells of one stripe. Followed by the group's words. Whoever holds the lock may read and write them. */
struct oa_cell_block {
    _Atomic uint32_t lock;      /* 0, or the pid of the holder */
    _Atomic uint32_t pid;       /* family, up-down counters: whose cells these are */
    _Atomic uint32_t exemplars; /* offset / 8 of the group's slots; 0 = none yet */
    _Atomic uint32_t next;      /* family, up-down counters: offset / 8 of another process's block */
    _Atomic uint64_t word[];
};
_Static_assert(sizeof(struct oa_cell_block) == 16, "layout is shared with other processes");

/* Words of a histogram. The minimum is kept as its complement, so that zero memory says "none" of both. */
enum {
    OA_CELL_SUM,
    OA_CELL_NOT_MIN,
    OA_CELL_MAX,
    OA_CELL_BUCKET,
    /* then bounds + 1 buckets */ OA_CELL_HEAD = OA_CELL_BUCKET
};
/* Words of an exponential one: the same three, then these. first: index of the lowest bucket in use; span: how many
 * from there on are (0: none yet); a scale is kept as OA_EXP_SCALE_MAX - scale. */
enum { OA_EXP_ZERO = OA_CELL_BUCKET, OA_EXP_DOWN, OA_EXP_FIRST, OA_EXP_SPAN, OA_EXP_BUCKET };

/* Words of a gauge: what was set last, and when (CLOCK_REALTIME, ns), so that the newest of all stripes and processes
 * is known; 0 = never. */
enum { OA_GAUGE_VALUE, OA_GAUGE_TIME, OA_GAUGE_WORDS };

/* A measurement with the span that it was made in. time 0 = empty slot. */
struct oa_cell_exemplar {
    uint64_t value;
    uint64_t time_unix_ns;
    uint32_t seen; /* measurements of this bucket since the last collection */
    uint32_t unused;
    uint8_t trace_id[16];
    uint8_t span_id[8];
};
_Static_assert(sizeof(struct oa_cell_exemplar) == 48, "layout is shared with other processes");

static inline void *oa_cells_at(struct oa_cells *cells, uint32_t offset_by_8)
{
    return (char *)cells + (uint64_t)offset_by_8 * 8;
}

/* --- producer side; any hook may call --- */
struct oa_cells_setup {
    enum oa_aggregation histograms;
    bool exemplars;
    bool family;
    uint32_t series_limit;
};

/* Maps a region; NULL: no memory. */
struct oa_cells *oa_cells_new(const struct oa_cells_setup *setup);

/* Of a region that nobody else has seen. */
void oa_cells_free(struct oa_cells *cells);

/* Forked child: locks are taken, and up-down counters are owned, under its own number from now on. */
void oa_cells_forked(void);

/* The series of a set, made if there is none; that of overflow beyond the limit; NULL (counted) without room. */
struct oa_series *oa_cells_series(struct oa_cells *cells, enum oa_metric_group group, const struct oa_set *set);

/* The same for a thread that uses this stripe: looks first at what it had last. */
struct oa_series *oa_cells_series_again(struct oa_cells *cells, enum oa_metric_group group, const struct oa_set *set,
                                        uint32_t stripe);

/* A block of the series, locked for this thread. NULL (counted): no room, or every block stays taken.
 * stripe: the thread's own, 0..OA_CELLS_STRIPES-1. */
struct oa_cell_block *oa_cells_lock(struct oa_cells *cells, struct oa_series *series, uint32_t stripe);

/* A block that is not locked, for a single addition to an instrument of one word, which is atomic: in a group of
 * up-down counters or counters nobody does anything else. NULL (counted): no room. */
struct oa_cell_block *oa_cells_block(struct oa_cells *cells, struct oa_series *series, uint32_t stripe);

static inline void oa_cells_unlock(struct oa_cell_block *block)
{
    atomic_store_explicit(&block->lock, 0, memory_order_release);
}

/* The exemplar slots of a locked block, made if there are none; NULL without room. */
struct oa_cell_exemplar *oa_cells_exemplars(struct oa_cells *cells, const struct oa_series *series,
                                            struct oa_cell_block *block);

/* --- between the files of this module --- */
extern _Atomic uint32_t oa_cells_pid; /* what locks of this process say */
static inline uint32_t oa_cells_my_pid(void)
{
    return atomic_load_explicit(&oa_cells_pid, memory_order_relaxed);
}

/* Zeroed bytes of the arena as an offset / 8; 0 without room. Never given back. */
uint32_t oa_cells_take(struct oa_cells *cells, uint32_t bytes);

/* Room for what makes things faster only? */
static inline bool oa_cells_roomy(const struct oa_cells *cells)
{
    return atomic_load_explicit(&cells->used, memory_order_relaxed) < cells->capacity / 2;
}

/* --- both sides --- */
static inline struct oa_cell_block *oa_cells_next(struct oa_cells *cells, const struct oa_cell_block *block)
{
    uint32_t at = atomic_load_explicit(&block->next, memory_order_acquire);

    return at ? oa_cells_at(cells, at) : NULL;
}

#endif
