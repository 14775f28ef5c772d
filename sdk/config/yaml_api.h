/*
 * libyaml, opened by name when a configuration file is to be read: a process that is configured by its
 * environment never loads it. Function pointers take their types from libyaml's own header. Called in the
 * constructor alone; loaded once, never unloaded.
 */
#ifndef OA_SDK_CONFIG_YAML_API_H
#define OA_SDK_CONFIG_YAML_API_H

#include <yaml.h>

struct oa_yaml_api {
#define YAML(name) __typeof__(&yaml_##name) name;
#include "sdk/config/yaml_api.def"
#undef YAML
};

/* NULL if the library is not there, or lacks something. */
const struct oa_yaml_api *oa_yaml_api_get(void);

#endif
