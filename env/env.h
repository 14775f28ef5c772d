/*
 * The configuration, read once: struct oa_env is a typed snapshot of every variable of vars.def.
 * oa_env_load() runs in the preload constructor, before any other thread exists; from then on the
 * snapshot is constant and may be read from anywhere, signal handlers included. Later setenv() calls
 * of the program are not seen. Text is copied, because programs overwrite their own environment
 * (process titles). No allocation, libc only.
 *
 * Before oa_env_load(), and for good where it is not called (AT_SECURE), every field holds its default.
 * The SDK object gets the snapshot by pointer (preload/abi.h) and must not ask oa_env() for its own.
 *
 * Fields: BOOL bool; U32, MS, TIMEOUT uint32_t (OA_ENV_UNSET: no number, no limit; a TIMEOUT of 0: no
 * limit); ENUM uint8_t of the enums below; LIST struct oa_env_list; STR, TEXT const char *, never
 * NULL, "" when unset. FOLLOWS rows are already resolved. Per-signal OTLP rows are not: ask env/otlp.h.
 */
#ifndef OA_ENV_H
#define OA_ENV_H

#include "env/parse.h"

#define OA_ENV_UNSET UINT32_MAX

/* enum oa_env_<set>: OA_ENV_LOG_LEVEL_NONE and so on. OA_ENV_LOG_LEVEL_* equal enum oa_log_level. */
/* clang-format off */
#define SET(set) enum oa_env_##set {
#define VALUE(SET, id) OA_ENV_##SET##_##id,
#define WORD(SET, id, word) OA_ENV_##SET##_##id,
#define ALIAS(SET, id, word)
#define END(set) };
/* clang-format on */
#include "env/enums.def"
#undef SET
#undef VALUE
#undef WORD
#undef ALIAS
#undef END

/* Ids in the propagators list: the same numbers as enum oa_propagator_id. */
enum oa_env_propagator {
#define PROPAGATOR(id, word) OA_ENV_PROPAGATOR_##id,
#include "sdk/propagation/propagators.def"
#undef PROPAGATOR
    OA_ENV_PROPAGATOR_COUNT
};

/* Ids in the exporter lists: the row numbers of exporters.def. */
enum oa_env_exporter {
#define EXPORTER(id, word, signals) OA_ENV_EXPORTER_##id,
#include "sdk/exporters/exporters.def"
#undef EXPORTER
    OA_ENV_EXPORTER_COUNT
};

#define OA_ENV_C_BOOL bool
#define OA_ENV_C_U32 uint32_t
#define OA_ENV_C_MS uint32_t
#define OA_ENV_C_TIMEOUT uint32_t
#define OA_ENV_C_ENUM(set) uint8_t
#define OA_ENV_C_LIST(set) struct oa_env_list
#define OA_ENV_C_STR const char *
#define OA_ENV_C_TEXT const char *

struct oa_env {
#define VAR(field, name, type, initial, constraint, policy, doc) OA_ENV_C_##type field;
#include "env/vars.def"
#undef VAR
};

enum oa_env_row {
#define VAR(field, name, type, initial, constraint, policy, doc) OA_ENV_ROW_##field,
#include "env/vars.def"
#undef VAR
    OA_ENV_ROW_COUNT
};

/* Where a field's value comes from. */
enum oa_env_source {
    OA_ENV_DEFAULT, /* unset, empty or blank */
    OA_ENV_SET,     /* the variable's own value, or the usable part of a list */
    OA_ENV_IGNORED, /* set, but unusable: the default applies, and a message has said so */
};

/* Reads the array of "NAME=value" texts (NULL ends it), starts the log (preload/base/log.h) with the
 * level and destination found, then says what is wrong, one line per variable at most. A name that
 * stands twice counts once, the first. Call once; a second call starts from the defaults again. */
void oa_env_load(char *const *envp);
/* The same, but for whoever calls oa_env_load() again if a configuration file is named: it will say what is wrong. */
void oa_env_load_before_file(char *const *envp);

/* The configuration file that is named, "" if there is none. If there is one, the snapshot holds nothing but it and
 * what counts beside it, until oa_env_load() is called with what the file says. */
const char *oa_env_config_file(void);
/* Does this "NAME=value", or NAME, count beside a file? OTEL_AUTO_* do, and the context that the process was given;
 * names that nobody reads here may as well. */
bool oa_env_counts_beside_file(const char *entry);

/* The snapshot; never NULL. */
const struct oa_env *oa_env(void);

/* For a print-out of the configuration: the source and the name of a row. */
enum oa_env_source oa_env_source(enum oa_env_row row);
const char *oa_env_name(enum oa_env_row row);

#endif
