/*
 * OTEL_CONFIG_FILE on this side of the boundary: the SDK object reads the file and says it in variables, which are
 * then loaded as if they were the environment, beside those that count beside a file. Constructor only, before any
 * other thread exists. Programs whose environment names no file never come here.
 */
#ifndef OA_CONFIG_FILE_H
#define OA_CONFIG_FILE_H

#include "preload/abi.h"

/* Loads the snapshot of env/env.h anew by the file of that name. A file that cannot be used: as OTEL_SDK_DISABLED,
 * and a line has said why. given: what the SDK object needs to open and to say something. */
void oa_config_file_load(const struct oa_host *given, const char *path, char *const *envp);

#endif
