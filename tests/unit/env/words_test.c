/* SOURCES: env/words.c */
#include <criterion/criterion.h>

#include "env/env.h"
#include "sdk/propagation/propagator.h"

Test(words, ids_equal_the_propagators)
{
#define PROPAGATOR(id, word) cr_assert_eq((int)OA_ENV_PROPAGATOR_##id, (int)OA_PROPAGATOR_##id);
#include "sdk/propagation/propagators.def"
#undef PROPAGATOR
    cr_assert_eq((int)OA_ENV_PROPAGATOR_COUNT, (int)OA_PROPAGATOR_COUNT);
}

Test(words, each_word_once)
{
    for (int id = 1; id < OA_WORDS_COUNT; id++) {
        const struct oa_words *set = oa_words_get((enum oa_words_id)id);

        cr_assert_gt(set->count, 0);
        for (size_t i = 0; i < set->count; i++) {
            const struct oa_word *word = &set->words[i];
            uint8_t found = 77;

            if ((word->signals & set->signals) != set->signals) { /* an exporter of other signals */
                cr_assert(!oa_words_find(set, (struct oa_slice){ word->text, word->len }, &found), "%s", word->text);
                continue;
            }
            cr_assert(oa_words_find(set, (struct oa_slice){ word->text, word->len }, &found), "%s", word->text);
            cr_assert_eq(found, word->id, "%s", word->text);
            cr_assert_neq(*oa_words_name(set, word->id), '\0', "%s", word->text);
            cr_assert(word->is_alias || strcmp(oa_words_name(set, word->id), word->text) == 0, "%s", word->text);
        }
    }
}

Test(words, unknown)
{
    uint8_t id = 77;

    cr_assert(!oa_words_find(oa_words_get(OA_WORDS_protocol), OA_SLICE("http"), &id));
    cr_assert(!oa_words_find(oa_words_get(OA_WORDS_protocol), OA_SLICE(""), &id));
    cr_assert(!oa_words_find(oa_words_get(OA_WORDS_no_set), OA_SLICE("grpc"), &id));
    cr_assert_eq(id, 77);
    cr_assert_str_eq(oa_words_name(oa_words_get(OA_WORDS_protocol), OA_ENV_PROTOCOL_UNSET), "");
}

Test(words, join)
{
    char buf[64];

    oa_words_join(oa_words_get(OA_WORDS_log_level), buf, sizeof(buf));
    cr_assert_str_eq(buf, "none, error, warn, info, debug");
    oa_words_join(oa_words_get(OA_WORDS_traces_exporters), buf, sizeof(buf));
    cr_assert_str_eq(buf, "otlp, console, otlp/stdout, otlp/file, zipkin, plugin:PATH");
    oa_words_join(oa_words_get(OA_WORDS_metrics_exporters), buf, sizeof(buf));
    cr_assert_str_eq(buf, "otlp, console, otlp/stdout, otlp/file, plugin:PATH, prometheus");
    for (size_t cap = 1; cap < 31; cap++) {
        memset(buf, '#', sizeof(buf));
        oa_words_join(oa_words_get(OA_WORDS_log_level), buf, cap);
        cr_assert_eq(strlen(buf), cap - 1);
        cr_assert_eq(buf[cap], '#');
    }
}
