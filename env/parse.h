/*
 * One strict parser per type of vars.def. Pure functions of the text: no allocation, no locale, no
 * library number parser, no message. Each returns 0 and fills its result, or a negative OA_E* and
 * leaves it untouched. The text is not empty and not blank: that is "unset", decided before.
 *
 * Numbers, words, lists and ratios drop blanks (SP, HTAB) at both ends. Booleans do not: the
 * specification allows one word for true, and " true" is not it.
 */
#ifndef OA_ENV_PARSE_H
#define OA_ENV_PARSE_H

#include "env/words.h"
#include "preload/base/compiler.h"

#define OA_ENV_LIST_MAX 8

/* Values of a list variable in the order given, each once. */
struct oa_env_list {
    uint8_t count;
    uint8_t ids[OA_ENV_LIST_MAX];
    const char *text; /* what it was made of, if an argument is in it (oa_list_argument); else NULL */
};

/* What was wrong in a list that is used nevertheless. */
struct oa_list_faults {
    uint32_t unknown;      /* items that are no word of the set */
    struct oa_slice first; /* the first of them */
    bool mixed;            /* "none" stood beside other items */
};

/* `true` or `false` in any case; every other text is OA_EINVAL. The caller then keeps the default:
 * false for the variables of the specification (which wants false for anything but `true`), and
 * true for ours that are on by default, where a misspelt word must not switch something off. */
int oa_parse_bool(struct oa_slice text, bool *ret_value) OA_MUST_CHECK;

/* Digits only, below UINT32_MAX (that value means "unset"). OA_EMALFORMED, or OA_EINVAL if too large. */
int oa_parse_u32(struct oa_slice text, uint32_t *ret_value) OA_MUST_CHECK;

/* A decimal number: digits, point, exponent; no sign before it. What is too large is infinite. OA_EMALFORMED. */
int oa_parse_decimal(struct oa_slice text, double *ret_value) OA_MUST_CHECK;
/* The same from 0 to 1. OA_EMALFORMED or OA_EINVAL. */
int oa_parse_ratio(struct oa_slice text, double *ret_value) OA_MUST_CHECK;

/* A word of the set. OA_EINVAL for any other. */
int oa_parse_word(const struct oa_words *set, struct oa_slice text, uint8_t *ret_id) OA_MUST_CHECK;

/* A comma list of words of the set. Items are trimmed, empty ones dropped, repeated ones kept once. The text is
 * borrowed. `none` anywhere makes the list empty. Unknown items are skipped and counted. If nothing is left:
 * OA_EINVAL when there were unknown items, OA_EAGAIN when there was no item at all (unset). */
int oa_parse_list(const struct oa_words *set, struct oa_slice text, struct oa_env_list *ret_list,
                  struct oa_list_faults *faults) OA_MUST_CHECK;

/* What stands behind the colon of the item that became ids[index]; empty if it has none. */
struct oa_slice oa_list_argument(const struct oa_words *set, const struct oa_env_list *list, uint32_t index);

#endif
