/* SOURCES: preload/base/rng.c */
#include <criterion/criterion.h>
#include <string.h>

#include "preload/base/compiler.h"
#include "preload/base/rng.h"

/* xoshiro256** by its definition, written down once more: s = 1, 2, 3, 4. */
Test(rng, next__known_sequence)
{
    static const uint64_t first[] = { 11520, 0, 1509978240, 1215971899390074240u };
    struct oa_rng rng = { { 1, 2, 3, 4 } };

    for (size_t i = 0; i < OA_COUNT(first); i++)
        cr_assert_eq(oa_rng_next(&rng), first[i], "value %zu", i);
}

Test(rng, seed__fills_the_state_anew_each_time)
{
    struct oa_rng a = { { 0 } }, b = { { 0 } };

    oa_rng_seed(&a);
    oa_rng_seed(&b);
    cr_assert(a.s[0] | a.s[1] | a.s[2] | a.s[3], "all zero means not seeded");
    cr_assert(memcmp(&a, &b, sizeof(a)) != 0);
    oa_rng_seed(&b);
    cr_assert(memcmp(&a, &b, sizeof(a)) != 0);
}

Test(rng, next__bits_are_even)
{
    enum { DRAWS = 20000 };
    unsigned ones[64] = { 0 };
    struct oa_rng rng;

    oa_rng_seed(&rng);
    for (unsigned i = 0; i < DRAWS; i++) {
        uint64_t n = oa_rng_next(&rng);

        for (unsigned bit = 0; bit < 64; bit++)
            ones[bit] += (n >> bit) & 1;
    }
    /* Ten standard deviations: a good generator fails this never, a stuck bit always. */
    for (unsigned bit = 0; bit < 64; bit++)
        cr_assert(ones[bit] > DRAWS / 2 - 710 && ones[bit] < DRAWS / 2 + 710, "bit %u: %u", bit, ones[bit]);
}
