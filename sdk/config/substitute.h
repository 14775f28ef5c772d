/*
 * References to variables in a value of the configuration file (configuration, "Environment variable
 * substitution"): ${NAME}, ${env:NAME}, either with ":-default"; $$ is a dollar. Pure.
 */
#ifndef OA_SDK_CONFIG_SUBSTITUTE_H
#define OA_SDK_CONFIG_SUBSTITUTE_H

#include <stddef.h>

#include "preload/base/compiler.h"
#include "preload/base/slice.h"

/* Writes value with what its references stand for, terminated, into out. envp: "NAME=value" texts. An unset or
 * empty variable is its default, or nothing. What was put in is not looked at again.
 * OA_EMALFORMED: a reference that breaks the grammar; OA_EFULL: out is too small. */
int oa_config_substitute(struct oa_slice value, char *const *envp, char *out, size_t cap) OA_MUST_CHECK;

#endif
