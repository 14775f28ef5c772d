/*
 * Random bits for ids: one small generator per thread (xoshiro256**), seeded once from getrandom().
 * A system call per id would cost seventy times as much. The owner reseeds after fork, so that a
 * child never repeats its parent's ids. Not for secrets.
 */
#ifndef OA_BASE_RNG_H
#define OA_BASE_RNG_H

#include <stdint.h>

struct oa_rng {
    uint64_t s[4]; /* all zero = not seeded yet */
};

/* Fills the state from getrandom(), or from clock, pid and addresses where that fails. */
void oa_rng_seed(struct oa_rng *rng);

/* Next 64 bits; the state must be seeded. */
uint64_t oa_rng_next(struct oa_rng *rng);

#endif
