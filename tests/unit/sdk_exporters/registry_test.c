/* SOURCES: sdk/exporters/registry.c */
#include <criterion/criterion.h>

#include "env/env.h"
#include "sdk/exporters/exporter.h"

/* Constructors that say who they are: the registry must pair each word with its own. */
#define EXPORTER(id, word, signals)                                                   \
    struct oa_exporter *oa_exporter_##id##_new(const struct oa_exporter_setup *setup) \
    {                                                                                 \
        static struct oa_exporter made;                                               \
        (void)setup;                                                                  \
        return &made;                                                                 \
    }
#include "sdk/exporters/exporters.def"
#undef EXPORTER

Test(registry, rows)
{
#define EXPORTER(id, word, signals)                                       \
    cr_expect_str_eq(oa_exporter_type(OA_ENV_EXPORTER_##id)->name, word); \
    cr_expect_eq(oa_exporter_type(OA_ENV_EXPORTER_##id)->construct, oa_exporter_##id##_new);
#include "sdk/exporters/exporters.def"
#undef EXPORTER
    cr_assert_null(oa_exporter_type(OA_ENV_EXPORTER_COUNT));
    cr_assert_null(oa_exporter_type(255));
}
