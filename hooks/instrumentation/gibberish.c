#include "hooks/instrumentation/gibberish.h"

#include <stdint.h>

#define SHORT_WORD 4 /* up to here any letters may be an abbreviation */
#define HEX_WORD 8   /* from here on a..f alone is a number, not a word */
#define RUN_NORMAL 4 /* consonants in a row that need no excuse */
#define NO_VOWEL 3   /* rarity of having no vowel at all */

/*
 * How rare it is that the letter of column c follows the letter of the row, in bits 2c and 2c + 1:
 * 0 at least half as often as all pairs alike would give, 1 over 1/6, 2 over 1/16, 3 rarer. Counted
 * over the different words (39,530) of manual pages in English and eight other Latin-script languages.
 */
static const uint64_t pair_rarity[26] = {
    0x4500130084600ull, /* a */
    0xdfc438a34e894ull, /* b */
    0x5e80349082488ull, /* c */
    0xae84345289414ull, /* d */
    0x4000110040000ull, /* e */
    0xdec038a3ce058ull, /* f */
    0xff843412c1898ull, /* g */
    0xefd13857cf8acull, /* h */
    0x3720100178000ull, /* i */
    0xffdefdfeefcbdull, /* j */
    0xffd07866ce8a8ull, /* k */
    0x8e40a451c9414ull, /* l */
    0xdfc4b046ce860ull, /* m */
    0x5e007410c4004ull, /* n */
    0x9800300188100ull, /* o */
    0xdec03092c1858ull, /* p */
    0xffcffffbffffeull, /* q */
    0x4d002000c4404ull, /* r */
    0x4d405050c1448ull, /* s */
    0x49403052c1004ull, /* t */
    0xb6a031028c000ull, /* u */
    0xfffab8abcfcecull, /* v */
    0xefe9787bc7c9cull, /* w */
    0xebe1b2ebdf59dull, /* x */
    0xfef4b25ade999ull, /* y */
    0xaedbfdbfcfcfcull, /* z */
};

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

static bool is_vowel(char lower)
{
#define BIT(letter) (1u << ((letter) - 'a'))
    return (BIT('a') | BIT('e') | BIT('i') | BIT('o') | BIT('u') | BIT('y')) >> (lower - 'a') & 1;
#undef BIT
}

static bool all_hex(struct oa_slice s)
{
    for (size_t i = 0; i < s.len; i++)
        if (oa_ascii_lower(s.ptr[i]) > 'f')
            return false;
    return true;
}

/* True where a new word of camelCase begins: the B of "aB", the C of "ABCd". */
static bool is_hump(struct oa_slice s, size_t i)
{
    return is_upper(s.ptr[i]) && (!is_upper(s.ptr[i - 1]) || (i + 1 < s.len && !is_upper(s.ptr[i + 1])));
}

/* Sum of the rarities of all pairs and of what consonants alone say; *ret_humps counts inner words. */
static size_t rarity(struct oa_slice s, size_t *ret_humps)
{
    size_t sum = 0, run = 0, longest = 0, vowels = 0, humps = 0;
    char before = 'a';

    for (size_t i = 0; i < s.len; i++) {
        char c = oa_ascii_lower(s.ptr[i]);
        bool hump = i && is_hump(s, i), vowel = is_vowel(c);

        humps += hump;
        vowels += vowel;
        run = vowel ? 0 : hump ? 1 : run + 1;
        longest = run > longest ? run : longest;
        if (i && !hump) /* where two words meet, the pair means nothing */
            sum += pair_rarity[before - 'a'] >> (2 * (c - 'a')) & 3;
        before = c;
    }
    *ret_humps = humps;
    return sum + (longest > RUN_NORMAL ? longest - RUN_NORMAL : 0) + (vowels ? 0 : NO_VOWEL);
}

bool oa_gibberish(struct oa_slice letters)
{
    size_t humps, sum;

    if (letters.len <= SHORT_WORD)
        return false;
    if (letters.len >= HEX_WORD && all_hex(letters))
        return true;
    sum = rarity(letters, &humps);
    /* Words in camelCase have three letters each on average, random case fewer. The line between
     * words and noise, 3 + 0.3 per letter, was fitted on the counts above. */
    return humps * 3 > letters.len || sum * 10 > 30 + 3 * letters.len;
}
