/* SOURCES: env/table.c preload/base/glob.c */
#include <criterion/criterion.h>

#include "env/table.h"
#include "preload/base/compiler.h"
#include "preload/base/glob.h"

static const struct {
    struct oa_slice pattern, hint;
} rows[] = {
#define ELSEWHERE(pattern, hint) { OA_SLICE(pattern), OA_SLICE(hint) },
#include "env/elsewhere.def"
#undef ELSEWHERE
};

/* A pattern that an earlier one covers would never count. */
Test(elsewhere, each_pattern_can_count)
{
    for (size_t i = 0; i < OA_COUNT(rows); i++)
        for (size_t j = i + 1; j < OA_COUNT(rows); j++)
            cr_expect(!oa_glob_match(rows[i].pattern, rows[j].pattern), "%s hides %s", rows[i].pattern.ptr,
                      rows[j].pattern.ptr);
}

/* What is ours is no stranger, and what a hint recommends is ours. */
Test(elsewhere, nothing_of_ours_and_hints_that_hold)
{
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        size_t len = strcspn(rows[i].hint.ptr, " ,=");
        bool names_one = strncmp(rows[i].hint.ptr, "OTEL_", 5) == 0 && !memchr(rows[i].hint.ptr, '<', len);
        bool found = false;

        for (int row = 0; row < OA_ENV_ROW_COUNT; row++) {
            struct oa_slice name = oa_slice_of(oa_env_vars[row].name);

            cr_expect(!oa_slice_eq(name, rows[i].pattern), "%s is ours", rows[i].pattern.ptr);
            found |= name.len == len && memcmp(name.ptr, rows[i].hint.ptr, len) == 0;
        }
        cr_expect(found || !names_one, "%s: there is no %.*s", rows[i].pattern.ptr, (int)len, rows[i].hint.ptr);
    }
}
