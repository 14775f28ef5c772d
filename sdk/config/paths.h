/*
 * The table config.def by the path of a node: keys joined by points, [] for the items of a sequence. Constant, pure.
 */
#ifndef OA_SDK_CONFIG_PATHS_H
#define OA_SDK_CONFIG_PATHS_H

#include <stdbool.h>

struct oa_config_exporter {
    const char *name;     /* in the file */
    const char *word;     /* in OTEL_<SIGNAL>_EXPORTER */
    const char *protocol; /* of an OTLP exporter, else "" */
};

/* Is there anything at or below the path that something is done with? */
bool oa_config_is_known(const char *path);

/* The variable whose value a scalar is, or a member of its list; NULL if there is none. */
const char *oa_config_variable(const char *path, bool *ret_member);

/* The variable in whose list a key is a member that stands at this path; NULL if there is none. */
const char *oa_config_key_list(const char *path);

/* Below an exporter: its signal, and in *ret_rest what follows, which starts with the exporter's name. Else NULL. */
const char *oa_config_signal(const char *path, const char **ret_rest);
/* NULL: there is no exporter of that name. */
const struct oa_config_exporter *oa_config_exporter(const char *name);
/* The end of the variable's name for a path that starts with an exporter's name; NULL if there is none. */
const char *oa_config_option(const char *path);

#endif
