#include "preload/base/rng.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "preload/base/clock.h"

static uint64_t splitmix(uint64_t *x)
{
    uint64_t z = (*x += 0x9e3779b97f4a7c15ull);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

void oa_rng_seed(struct oa_rng *rng)
{
    uint64_t mix = 0;

    /* Raw: the libc wrapper is a cancellation point, and old kernels answer ENOSYS. */
    if (syscall(SYS_getrandom, rng->s, sizeof(rng->s), 1 /* GRND_NONBLOCK */) == (long)sizeof(rng->s))
        return;
    mix = oa_clock_unix_ns() ^ (oa_clock_mono_ns() << 20) ^ (uint64_t)syscall(SYS_gettid) << 40 ^
          (uint64_t)(uintptr_t)rng;
    for (int i = 0; i < 4; i++)
        rng->s[i] = splitmix(&mix);
}

static inline uint64_t rotl(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

uint64_t oa_rng_next(struct oa_rng *rng)
{
    uint64_t *s = rng->s;
    uint64_t result = rotl(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 45);
    return result;
}
