/*
 * Memory that ends at an unreadable page: a parser that reads one byte too many dies of SIGSEGV.
 * For unit tests only; one thread; any number of copies may live at one time.
 */
#ifndef OA_TESTS_GUARD_PAGE_H
#define OA_TESTS_GUARD_PAGE_H

#include <stddef.h>

/* A copy of len bytes whose last byte is the last one readable. Never NULL: aborts without memory.
 * Valid until oa_guard_page_free. len may be 0: the pointer then must not be read at all. */
char *oa_guard_page_copy(const void *bytes, size_t len);

/* Gives back every copy made so far. */
void oa_guard_page_free(void);

#endif
