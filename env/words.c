#include "env/words.h"

#include "env/env.h"
#include "preload/base/compiler.h"

/* The signals column of exporters.def. */
enum { TRACES = 1, METRICS = 2, LOGS = 4 };

/* clang-format off */
#define SET(set) static const struct oa_word words_##set[] = {
#define VALUE(SET, id)
#define WORD(SET, id, word) { word, sizeof(word) - 1, OA_ENV_##SET##_##id, 0, 0 },
#define ALIAS(SET, id, word) { word, sizeof(word) - 1, OA_ENV_##SET##_##id, 1, 0 },
#define END(set) };
/* clang-format on */
#include "env/enums.def"
#undef SET
#undef VALUE
#undef WORD
#undef ALIAS
#undef END

static const struct oa_word words_propagators[] = {
#define PROPAGATOR(id, word) { word, sizeof(word) - 1, OA_ENV_PROPAGATOR_##id, 0, 0 },
#include "sdk/propagation/propagators.def"
#undef PROPAGATOR
};
_Static_assert(OA_COUNT(words_propagators) <= OA_ENV_LIST_MAX, "a list holds every propagator once");

static const struct oa_word words_exporters[] = {
#define EXPORTER(id, word, signals) { word, sizeof(word) - 1, OA_ENV_EXPORTER_##id, 0, signals },
#include "sdk/exporters/exporters.def"
#undef EXPORTER
};
_Static_assert(OA_COUNT(words_exporters) <= OA_ENV_LIST_MAX, "a list holds every exporter once");

static const struct oa_words sets[] = {
    [OA_WORDS_no_set] = { NULL, 0, 0 },
#define SET(set) [OA_WORDS_##set] = { words_##set, OA_COUNT(words_##set), 0 },
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
    [OA_WORDS_propagators] = { words_propagators, OA_COUNT(words_propagators), 0 },
    [OA_WORDS_traces_exporters] = { words_exporters, OA_COUNT(words_exporters), TRACES },
    [OA_WORDS_metrics_exporters] = { words_exporters, OA_COUNT(words_exporters), METRICS },
    [OA_WORDS_logs_exporters] = { words_exporters, OA_COUNT(words_exporters), LOGS },
};
_Static_assert(OA_COUNT(sets) == OA_WORDS_COUNT, "one table per set");

static bool belongs(const struct oa_words *set, const struct oa_word *word)
{
    return (word->signals & set->signals) == set->signals;
}

const struct oa_words *oa_words_get(enum oa_words_id id)
{
    return &sets[id];
}

static size_t head_len(const struct oa_word *word)
{
    const char *colon = memchr(word->text, ':', word->len);

    return colon ? (size_t)(colon + 1 - word->text) : 0;
}

static bool matches(const struct oa_word *word, struct oa_slice text)
{
    size_t head = head_len(word);

    if (head == 0)
        return oa_slice_ieq(text, (struct oa_slice){ word->text, word->len });
    return text.len > head &&
           oa_slice_ieq((struct oa_slice){ text.ptr, head }, (struct oa_slice){ word->text, head });
}

bool oa_words_takes_argument(const struct oa_words *set, uint8_t id)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->words[i].id == id && head_len(&set->words[i]))
            return true;
    return false;
}

bool oa_words_find(const struct oa_words *set, struct oa_slice text, uint8_t *ret_id)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct oa_word *word = &set->words[i];

        if (belongs(set, word) && matches(word, text)) {
            *ret_id = word->id;
            return true;
        }
    }
    return false;
}

const char *oa_words_name(const struct oa_words *set, uint8_t id)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->words[i].id == id && !set->words[i].is_alias)
            return set->words[i].text;
    return "";
}

static size_t append(char *buf, size_t cap, size_t at, struct oa_slice text)
{
    size_t n = text.len < cap - 1 - at ? text.len : cap - 1 - at;

    memcpy(buf + at, text.ptr, n);
    return at + n;
}

void oa_words_join(const struct oa_words *set, char *buf, size_t cap)
{
    size_t at = 0;

    for (size_t i = 0; i < set->count; i++) {
        const struct oa_word *word = &set->words[i];

        if (word->is_alias || !belongs(set, word))
            continue;
        if (at)
            at = append(buf, cap, at, OA_SLICE(", "));
        at = append(buf, cap, at, (struct oa_slice){ word->text, word->len });
    }
    buf[at] = '\0';
}
