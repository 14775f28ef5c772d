/*
 * The next definition of a name after this object, in the order in which the dynamic linker searches: what
 * dlsym(RTLD_NEXT) answers, but read straight from the hash tables of the objects that were there at start. No
 * lock, no allocation, no errno, no dlerror(): legal in any hook, a signal handler or a vfork child included,
 * and a tenth of the price. What it cannot answer with certainty it leaves to dlsym.
 */
#ifndef OA_SYMBOL_H
#define OA_SYMBOL_H

#include <stdbool.h>

/* A function's address. NULL: not found here, or found in a form that only the dynamic linker understands (an
 * indirect function, a name without default version, an object without GNU hash table); ask dlsym then. */
void *oa_symbol_next(const char *name);

enum oa_symbol_answer { OA_SYMBOL_NO, OA_SYMBOL_YES, OA_SYMBOL_UNKNOWN };

/* Does an object that was loaded before this one define the name? They are there for good: the
 * program, and what was preloaded before us. */
enum oa_symbol_answer oa_symbol_precedes(const char *name);

/* Was this object there at start, in front of libc, where the program looks up its names? False: it was opened
 * later or in a namespace of its own, so the program's calls do not come past it, and it may be closed again. True
 * where the list of what is loaded cannot be found. */
bool oa_symbol_from_start(void);

#endif
