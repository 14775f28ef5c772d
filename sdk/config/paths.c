#include "sdk/config/paths.h"

#include <stddef.h>
#include <string.h>

#include "preload/base/compiler.h"

enum kind { VALUES, MEMBERS, KEYS, SIGNALS, EXPORTERS, OPTIONS, SPECIALS };

static const struct row {
    enum kind kind;
    const char *path; /* of an exporter: its name */
    const char *what; /* the variable, signal or suffix that stands beside it */
    struct oa_config_exporter exporter;
} rows[] = {
#define VALUE(path, name) { VALUES, path, name, { 0 } },
#define MEMBER(path, name) { MEMBERS, path, name, { 0 } },
#define KEY(path, name) { KEYS, path, name, { 0 } },
#define SIGNAL(path, signal) { SIGNALS, path, signal, { 0 } },
#define EXPORTER(name, word, protocol) { EXPORTERS, name, NULL, { name, word, protocol } },
#define OPTION(path, suffix) { OPTIONS, path, suffix, { 0 } },
#define SPECIAL(path) { SPECIALS, path, NULL, { 0 } },
#include "sdk/config/config.def"
#undef VALUE
#undef MEMBER
#undef KEY
#undef SIGNAL
#undef EXPORTER
#undef OPTION
#undef SPECIAL
};

static const struct row *find(enum kind kind, const char *path)
{
    for (size_t i = 0; i < OA_COUNT(rows); i++)
        if (rows[i].kind == kind && strcmp(path, rows[i].path) == 0)
            return &rows[i];
    return NULL;
}

const char *oa_config_signal(const char *path, const char **ret_rest)
{
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        size_t len = strlen(rows[i].path);

        if (rows[i].kind == SIGNALS && strncmp(path, rows[i].path, len) == 0) {
            *ret_rest = path + len;
            return rows[i].what;
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

    for (size_t i = 0; i < OA_COUNT(rows); i++)
        if (rows[i].kind != EXPORTERS && rows[i].kind != OPTIONS && leads_to(path, rows[i].path))
            return true;
    if (!oa_config_signal(path, &rest))
        return false;
    for (size_t i = 0; i < OA_COUNT(rows); i++)
        if (rows[i].kind == OPTIONS && leads_to(rest, rows[i].path))
            return true;
    return find(EXPORTERS, rest);
}

const char *oa_config_variable(const char *path, bool *ret_member)
{
    for (size_t i = 0; i < OA_COUNT(rows); i++)
        if ((rows[i].kind == VALUES || rows[i].kind == MEMBERS) && strcmp(path, rows[i].path) == 0) {
            *ret_member = rows[i].kind == MEMBERS;
            return rows[i].what;
        }
    return NULL;
}

const char *oa_config_key_list(const char *path)
{
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        size_t len = strlen(rows[i].path);

        if (rows[i].kind == KEYS && strncmp(path, rows[i].path, len) == 0 && path[len] == '.')
            return rows[i].what;
    }
    return NULL;
}

const struct oa_config_exporter *oa_config_exporter(const char *name)
{
    const struct row *row = find(EXPORTERS, name);

    return row ? &row->exporter : NULL;
}

const char *oa_config_option(const char *path)
{
    const struct row *row = find(OPTIONS, path);

    return row ? row->what : NULL;
}
