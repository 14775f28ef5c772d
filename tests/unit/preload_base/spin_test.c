/* SOURCES: */
#include <criterion/criterion.h>

#include "preload/base/spin.h"

static _Atomic uint32_t lock;

Test(spin, one_holder)
{
    cr_assert(oa_spin_try(&lock, 1));
    cr_assert_not(oa_spin_try(&lock, 3), "gives up");
    oa_spin_unlock(&lock);
    cr_assert(oa_spin_try(&lock, 1));
}

Test(spin, forked__a_child_is_free_and_knows_why)
{
    cr_assert_not(oa_spin_forked(&lock), "nobody had it");
    cr_assert(oa_spin_try(&lock, 1));
    cr_assert(oa_spin_forked(&lock));
    cr_assert(oa_spin_try(&lock, 1));
}
