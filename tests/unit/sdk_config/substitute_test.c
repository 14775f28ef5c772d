/* SOURCES: sdk/config/substitute.c */
#include <criterion/criterion.h>

#include "preload/base/err.h"
#include "sdk/config/substitute.h"

static char *const env[] = { "A=one", "EMPTY=", "AB=two", "REF=${A}", "DOLLAR=$", "_x9=three", NULL };

static const struct {
    const char *value, *result; /* NULL: malformed */
} rows[] = {
    { "", "" },
    { "plain", "plain" },
    { "${A}", "one" },
    { "${env:A}", "one" },
    { "${AB}", "two" },
    { "${_x9}", "three" },
    { "<${A}${AB}>", "<onetwo>" },
    { "${NONE}", "" },
    { "${NONE:-else}", "else" },
    { "${env:NONE:-a:b-c ${}", "a:b-c ${" },
    { "${EMPTY:-else}", "else" },
    { "${EMPTY}", "" },
    { "${A:-else}", "one" },
    { "${NONE:-}", "" },
    { "${REF}", "${A}" },
    { "${DOLLAR}{A}", "${A}" },
    { "$$", "$" },
    { "$${A}", "${A}" },
    { "$$${A}", "$one" },
    { "$A", "$A" },
    { "a$", "a$" },
    { "$", "$" },
    { "{A}", "{A}" },
    { "${A", NULL },
    { "${}", NULL },
    { "${A:?error}", NULL },
    { "${A-else}", NULL },
    { "${9A}", NULL },
    { "${A B}", NULL },
    { "${sys:A}", NULL },
    { "${env:}", NULL },
    { "${A:}", NULL },
};

Test(substitute, rows)
{
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        char out[64];
        int err = oa_config_substitute(oa_slice_of(rows[i].value), env, out, sizeof(out));

        cr_assert_eq(err, rows[i].result ? OA_OK : OA_EMALFORMED, "%s", rows[i].value);
        cr_assert(err || strcmp(out, rows[i].result) == 0, "%s: %s", rows[i].value, out);
    }
}

Test(substitute, room_to_the_byte)
{
    char out[8];

    cr_assert_eq(oa_config_substitute(OA_SLICE("a${A}bc"), env, out, 7), OA_OK);
    cr_assert_str_eq(out, "aonebc");
    cr_assert_eq(oa_config_substitute(OA_SLICE("a${A}bc"), env, out, 6), OA_EFULL);
    cr_assert_eq(oa_config_substitute(OA_SLICE("abc${A}"), env, out, 6), OA_EFULL);
    cr_assert_eq(oa_config_substitute(OA_SLICE("12345678"), env, out, sizeof(out)), OA_EFULL);
}
