/*
 * OTEL_CONFIG_FILE: reads a file of the declarative configuration and says it in variables. The rest of the
 * library knows variables only. Runs in the constructor of the programs whose environment names a file, and
 * nowhere else.
 */
#ifndef OA_SDK_CONFIG_FILE_H
#define OA_SDK_CONFIG_FILE_H

#include <stddef.h>

#include "preload/base/compiler.h"

#define OA_CONFIG_FILE_BYTES (256u * 1024)

/* Writes "NAME=value" texts, each terminated, an empty one behind the last. envp: what ${NAME} refers to. One line
 * says what of the file is left out. Negative OA_E*: nothing can be used, and one line has said why. */
int oa_config_file_read(const char *path, char *const *envp, char *text, size_t bytes) OA_MUST_CHECK;

#endif
