#include "sdk/config/paths.h"

#include <string.h>

#include "preload/base/compiler.h"

static const struct {
    const char *path, *name;
    bool member;
} values[] = {
#define VALUE(path, name) { path, name, false },
#define MEMBER(path, name) { path, name, true },
#define SIGNAL(path, signal)
#define EXPORTER(name, word, protocol)
#define OPTION(path, suffix)
#define SPECIAL(path)
#include "sdk/config/config.def"
#undef VALUE
#undef MEMBER
#undef SIGNAL
#undef EXPORTER
#undef OPTION
#undef SPECIAL
};

static const struct {
    const char *path, *signal;
} signals[] = {
#define VALUE(path, name)
#define MEMBER(path, name)
#define SIGNAL(path, signal) { path, signal },
#define EXPORTER(name, word, protocol)
#define OPTION(path, suffix)
#define SPECIAL(path)
#include "sdk/config/config.def"
#undef VALUE
#undef MEMBER
#undef SIGNAL
#undef EXPORTER
#undef OPTION
#undef SPECIAL
};

static const struct oa_config_exporter exporters[] = {
#define VALUE(path, name)
#define MEMBER(path, name)
#define SIGNAL(path, signal)
#define EXPORTER(name, word, protocol) { name, word, protocol },
#define OPTION(path, suffix)
#define SPECIAL(path)
#include "sdk/config/config.def"
#undef VALUE
#undef MEMBER
#undef SIGNAL
#undef EXPORTER
#undef OPTION
#undef SPECIAL
};

static const struct {
    const char *path, *suffix;
} options[] = {
#define VALUE(path, name)
#define MEMBER(path, name)
#define SIGNAL(path, signal)
#define EXPORTER(name, word, protocol)
#define OPTION(path, suffix) { path, suffix },
#define SPECIAL(path)
#include "sdk/config/config.def"
#undef VALUE
#undef MEMBER
#undef SIGNAL
#undef EXPORTER
#undef OPTION
#undef SPECIAL
};

/* Every path that something is done with, but for those of exporters. */
static const char *const known[] = {
#define VALUE(path, name) path,
#define MEMBER(path, name) path,
#define SIGNAL(path, signal) path,
#define EXPORTER(name, word, protocol)
#define OPTION(path, suffix)
#define SPECIAL(path) path,
#include "sdk/config/config.def"
#undef VALUE
#undef MEMBER
#undef SIGNAL
#undef EXPORTER
#undef OPTION
#undef SPECIAL
};

const char *oa_config_signal(const char *path, const char **ret_rest)
{
    for (size_t i = 0; i < OA_COUNT(signals); i++) {
        size_t len = strlen(signals[i].path);

        if (strncmp(path, signals[i].path, len) == 0) {
            *ret_rest = path + len;
            return signals[i].signal;
        }
    }
    return NULL;
}

/* Is path the beginning of what, by whole keys? */
static bool leads_to(const char *path, const char *what)
{
    size_t len = strlen(path);

    return strncmp(what, path, len) == 0 && (what[len] == '\0' || what[len] == '.' || what[len] == '[');
}

bool oa_config_is_known(const char *path)
{
    const char *rest;

    for (size_t i = 0; i < OA_COUNT(known); i++)
        if (leads_to(path, known[i]))
            return true;
    if (!oa_config_signal(path, &rest))
        return false;
    for (size_t i = 0; i < OA_COUNT(options); i++)
        if (leads_to(rest, options[i].path))
            return true;
    for (size_t i = 0; i < OA_COUNT(exporters); i++)
        if (strcmp(rest, exporters[i].name) == 0)
            return true;
    return false;
}

const char *oa_config_variable(const char *path, bool *ret_member)
{
    for (size_t i = 0; i < OA_COUNT(values); i++)
        if (strcmp(path, values[i].path) == 0) {
            *ret_member = values[i].member;
            return values[i].name;
        }
    return NULL;
}

const struct oa_config_exporter *oa_config_exporter(const char *name)
{
    for (size_t i = 0; i < OA_COUNT(exporters); i++)
        if (strcmp(name, exporters[i].name) == 0)
            return &exporters[i];
    return NULL;
}

const char *oa_config_option(const char *path)
{
    for (size_t i = 0; i < OA_COUNT(options); i++)
        if (strcmp(path, options[i].path) == 0)
            return options[i].suffix;
    return NULL;
}
