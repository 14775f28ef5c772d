/*
 * An exporter that only remembers, and a clock that only moves when told, for tests of processors
 * and the scheduler.
 */
#ifndef OA_TESTS_FAKE_EXPORTER_H
#define OA_TESTS_FAKE_EXPORTER_H

#include "sdk/exporters/exporter.h"

#define FAKE_EXPORTS_MAX 64u
#define FAKE_SPANS_MAX 8192u

struct fake_exporter {
    struct oa_exporter base;
    int result;        /* of the next exports */
    uint64_t takes_ns; /* the clock moves this far in each export */
    uint32_t exports, flushes, shutdowns;
    uint32_t sizes[FAKE_EXPORTS_MAX]; /* of the exports, the first ones */
    uint64_t deadlines[FAKE_EXPORTS_MAX];
    uint32_t spans;                   /* of all exports */
    uint32_t numbers[FAKE_SPANS_MAX]; /* first four bytes of the span ids */
};

extern uint64_t fake_now_ns;

uint64_t fake_now(void);

void fake_exporter_init(struct fake_exporter *fake);

#endif
