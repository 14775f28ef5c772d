/*
 * vars.def as data, for the parts of this room that walk over all rows: the loader, its messages, the
 * documentation tool, the tests. Constant; everybody else reads struct oa_env (env.h).
 */
#ifndef OA_ENV_TABLE_H
#define OA_ENV_TABLE_H

#include "env/env.h"

enum oa_env_type {
    OA_ENV_TYPE_BOOL,
    OA_ENV_TYPE_U32,
    OA_ENV_TYPE_MS,
    OA_ENV_TYPE_TIMEOUT,
    OA_ENV_TYPE_ENUM,
    OA_ENV_TYPE_LIST,
    OA_ENV_TYPE_STR,
    OA_ENV_TYPE_TEXT,
};

/* What a text must be, beyond its type. */
enum oa_env_check {
    OA_ENV_CHECK_NONE,
    OA_ENV_CHECK_UTF8,
    OA_ENV_CHECK_RESOURCE, /* env/resource.h */
    OA_ENV_CHECK_HEADERS,  /* env/headers.h */
    OA_ENV_CHECK_ENDPOINT, /* env/otlp.h */
    OA_ENV_CHECK_PEERS,    /* env/peers.h */
    OA_ENV_CHECK_ENTITIES, /* env/entities.h */
    OA_ENV_CHECK_SAMPLER,  /* env/sampler_arg.h, by the sampler that it belongs to */
};

enum oa_env_policy { OA_ENV_POLICY_OPEN, OA_ENV_POLICY_SECRET, OA_ENV_POLICY_INTERNAL };

struct oa_env_var {
    const char *name;
    uint16_t offset; /* of the field in struct oa_env */
    uint8_t type;    /* enum oa_env_type */
    uint8_t words;   /* ENUM, LIST: enum oa_words_id */
    uint8_t check;   /* enum oa_env_check */
    uint8_t policy;  /* enum oa_env_policy */
    uint8_t follows; /* 1 + the row whose value is the default, 0: none */
    uint32_t min;    /* numbers: the smallest allowed */
    uint32_t max;    /* and the largest, 0: any */
};

extern const struct oa_env_var oa_env_vars[OA_ENV_ROW_COUNT];
extern const uint8_t oa_env_name_keys[OA_ENV_ROW_COUNT]; /* apart, so that one memchr() finds the candidates */
extern const struct oa_env oa_env_defaults;

/* May a message show this value of a row? Not one of a SECRET row, nor a URL that has a user's part or a query: that
 * is where passwords and keys stand. */
bool oa_env_may_show(const struct oa_env_var *var, struct oa_slice value);

/* A byte that nearly tells names apart, of those that are as long as this or longer. */
#define OA_ENV_NAME_MIN 2u
#define OA_ENV_NAME_KEY(name, len) \
    ((uint8_t)((len)*17u + (uint8_t)(name)[(len) / 2] * 5u + (uint8_t)(name)[(len)-2] * 7u))

/* The field of a row inside a snapshot. */
static inline void *oa_env_field(struct oa_env *env, const struct oa_env_var *var)
{
    return (char *)env + var->offset;
}

#endif
