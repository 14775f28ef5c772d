/*
 * The generator behind every choice of the byte-exactness runs. Both ends seed it alike and so agree
 * on what a connection carries without telling each other.
 */
#ifndef EXACT_RNG_H
#define EXACT_RNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rng {
    uint64_t state;
};

static inline uint64_t rng_next(struct rng *rng)
{
    uint64_t z = rng->state += 0x9e3779b97f4a7c15ull;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static inline struct rng rng_of(uint64_t seed, uint64_t stream)
{
    struct rng rng = { .state = seed * 0x2545f4914f6cdd1dull + stream };

    rng.state = rng_next(&rng) ^ stream << 32;
    return rng;
}

static inline size_t rng_below(struct rng *rng, size_t n)
{
    return n ? (size_t)(rng_next(rng) % n) : 0;
}

/* Both ends included. */
static inline size_t rng_range(struct rng *rng, size_t lo, size_t hi)
{
    return lo + rng_below(rng, hi - lo + 1);
}

static inline bool rng_chance(struct rng *rng, unsigned per_mille)
{
    return rng_below(rng, 1000) < per_mille;
}

/* Mostly small, sometimes up to max: sizes as programs have them. */
static inline size_t rng_size(struct rng *rng, size_t max)
{
    size_t bits = 1;

    while (bits < 62 && (size_t)1 << bits < max)
        bits++;
    size_t top = (size_t)1 << rng_range(rng, 0, bits);

    return rng_range(rng, 0, top < max ? top : max);
}

#endif
