/*
 * Tells words from random letters, for the classifier of route.c. A word is a run of ASCII letters,
 * perhaps in camelCase. The judge is a table of how rare each pair of neighbouring letters is, in
 * two bits a pair (208 bytes in all), plus vowels and case. Pure; any thread.
 *
 * Measured on 3,446 path words of public cloud APIs: 0.2 % taken for gibberish. Of random lower-case
 * strings it finds 73 % at 6 letters, 84 % at 8, 95 % at 12. Words under five letters always pass.
 */
#ifndef OA_GIBBERISH_H
#define OA_GIBBERISH_H

#include <stdbool.h>

#include "preload/base/slice.h"

/* letters must hold ASCII letters only. */
bool oa_gibberish(struct oa_slice letters);

#endif
