/*
 * What a configuration file comes to: variables of env/vars.def with their values, in the syntax of the
 * environment. The first value of a name stays. One big block, made for the reading of one file.
 */
#ifndef OA_SDK_CONFIG_SETTINGS_H
#define OA_SDK_CONFIG_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/base/slice.h"

#define OA_SETTINGS_MAX 96
#define OA_SETTING_NAME 80
#define OA_SETTING_VALUE 2048

struct oa_setting {
    char name[OA_SETTING_NAME];
    char value[OA_SETTING_VALUE];
};

struct oa_settings {
    uint32_t count;
    bool full; /* something did not fit: nothing of it may be used */
    struct oa_setting items[OA_SETTINGS_MAX];
};

/* False if the name has another value already. */
bool oa_settings_set(struct oa_settings *settings, const char *name, const char *value);
/* Adds a member to the comma list of that name. */
void oa_settings_add(struct oa_settings *settings, const char *name, const char *member);
/* The same for "key=value", percent-encoded as the variables of that form want it. */
void oa_settings_add_pair(struct oa_settings *settings, const char *name, const char *key, const char *value);
bool oa_settings_has(const struct oa_settings *settings, const char *name);
/* Is it in the comma list of that name? */
bool oa_settings_has_member(const struct oa_settings *settings, const char *name, const char *member);

/* Writes "NAME=value" texts, each terminated, an empty one behind the last. False if they do not fit. */
bool oa_settings_write(const struct oa_settings *settings, char *text, size_t bytes);

#endif
