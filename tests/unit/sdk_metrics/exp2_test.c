/* SOURCES: sdk/metrics/exp2.c
 * LIBS: -lm */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "sdk/metrics/exp2.h"

Test(exp2, as_libm_says)
{
    srand(5);
    for (int i = 0; i < 100000; i++) {
        int scale = rand() % 31 - 10;
        int32_t index = scale > 0
                            ? rand() % (1 << (scale < 18 ? scale + 9 : 26)) - (1 << (scale < 18 ? scale + 8 : 25))
                            : rand() % 200 - 100;
        double exact = exp2(ldexp(index, -scale)), value = oa_exp2_bound(index, scale);

        cr_assert(exact == value || fabs(value - exact) <= exact * 1e-14 || !isnormal(exact),
                  "%d at %d: %.17g, not %.17g", index, scale, value, exact);
    }
}

Test(exp2, ends)
{
    cr_assert_eq(oa_exp2_bound(0, 20), 1.0);
    cr_assert_eq(oa_exp2_bound(3, 0), 8.0);
    cr_assert_eq(oa_exp2_bound(-3, -1), 1.0 / 64);
    cr_assert(isinf(oa_exp2_bound(2000, 0)));
    cr_assert_eq(oa_exp2_bound(-2000, 0), 0.0);
}
