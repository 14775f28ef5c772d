/*
 * Which request methods are known (semantic conventions, HTTP: known methods). The rest is reported
 * as "_OTHER" with the original beside it, because anybody can send any word.
 */
#ifndef OA_METHOD_H
#define OA_METHOD_H

#include <stdbool.h>

#include "preload/base/slice.h"

/* Start only, before other threads. list is the comma list of the environment; it replaces the
 * standard methods unless it names nothing, and must stay valid for the life of the process. */
void oa_method_init(const char *list);

/* Exact, case-sensitive. Any thread. Without init the standard methods are known. */
bool oa_method_known(struct oa_slice method);

#endif
