/* The clocks are inline functions: nothing to link. */
#include <criterion/criterion.h>

#include "preload/base/clock.h"

Test(clock, mono__never_goes_back)
{
    uint64_t last = oa_clock_mono_ns();

    cr_assert(last > 0);
    for (int i = 0; i < 100000; i++) {
        uint64_t now = oa_clock_mono_ns();

        cr_assert(now >= last);
        last = now;
    }
}

Test(clock, unix__counts_from_1970)
{
    time_t before = time(NULL);
    uint64_t now = oa_clock_unix_ns();
    time_t after = time(NULL);

    /* time() may read a coarser clock, a tick behind. */
    cr_assert(now / OA_NS_PER_S + 1 >= (uint64_t)before);
    cr_assert(now / OA_NS_PER_S <= (uint64_t)after + 1);
}

Test(clock, ns__zero_for_a_clock_that_is_not_there)
{
    cr_assert_eq(oa_clock_ns((clockid_t)12345), 0);
}
