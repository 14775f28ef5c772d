/*
 * The words that variables accept, as tables: one set per ENUM and LIST of vars.def, made from
 * enums.def, propagators.def and exporters.def. Comparison ignores the case of ASCII letters, no
 * locale is consulted. Everything here is constant.
 */
#ifndef OA_ENV_WORDS_H
#define OA_ENV_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "preload/base/slice.h"

enum oa_words_id {
    OA_WORDS_no_set,
#define SET(set) OA_WORDS_##set,
#define VALUE(SET, id)
#define WORD(SET, id, word)
#define ALIAS(SET, id, word)
#define END(set)
#include "env/enums.def"
#undef SET
#undef VALUE
#undef WORD
#undef ALIAS
#undef END
    OA_WORDS_propagators,
    OA_WORDS_traces_exporters,
    OA_WORDS_metrics_exporters,
    OA_WORDS_logs_exporters,
    OA_WORDS_COUNT
};

struct oa_word {
    const char *text;
    uint8_t len;
    uint8_t id;
    uint8_t is_alias;
    uint8_t signals; /* exporters: for which signals the word may be used */
};

struct oa_words {
    const struct oa_word *words;
    uint8_t count;
    uint8_t signals; /* only words that have all of these belong to the set; 0: all words */
};

/* The set with this id; an empty one for OA_WORDS_no_set. */
const struct oa_words *oa_words_get(enum oa_words_id id);

/* True and *ret_id if text, as it stands, is a word of the set: one that ends in :PATH, and something in its
 * place. */
bool oa_words_find(const struct oa_words *set, struct oa_slice text, uint8_t *ret_id);

/* Is it a word that takes an argument? Ids of a set do not change that. */
bool oa_words_takes_argument(const struct oa_words *set, uint8_t id);

/* The advertised word of a value, "" if it has none. */
const char *oa_words_name(const struct oa_words *set, uint8_t id);

/* Writes the advertised words as "a, b, c", terminated, cut at cap (which is not 0). */
void oa_words_join(const struct oa_words *set, char *buf, size_t cap);

#endif
