/*
 * Stands in for preload/base/log.c in tests: keeps lines instead of writing them.
 */
#ifndef OA_TESTS_LOG_CAPTURE_H
#define OA_TESTS_LOG_CAPTURE_H

#include "preload/base/log.h"

#define CAPTURE_LINES 128

struct captured {
    enum oa_log_level level; /* as given to oa_log_init() */
    const char *path;
    int inits;
    int count; /* lines since the last oa_log_init(), and their levels */
    enum oa_log_level levels[CAPTURE_LINES];
    char lines[CAPTURE_LINES][512];
};

extern struct captured captured;

/* Loads these "NAME=value" texts. */
#define LOAD(...) (captured.count = 0, oa_env_load((char *const[]){ __VA_ARGS__, NULL }))

/* The only line, "" if there is none, "(many)" if there are more. */
const char *captured_line(void);

#endif
