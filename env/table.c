#include "env/table.h"

#include "preload/base/limits.h"

#define TYPE_BOOL .type = OA_ENV_TYPE_BOOL
#define TYPE_U32 .type = OA_ENV_TYPE_U32
#define TYPE_MS .type = OA_ENV_TYPE_MS
#define TYPE_TIMEOUT .type = OA_ENV_TYPE_TIMEOUT
#define TYPE_ENUM(set) .type = OA_ENV_TYPE_ENUM, .words = OA_WORDS_##set
#define TYPE_LIST(set) .type = OA_ENV_TYPE_LIST, .words = OA_WORDS_##set
#define TYPE_STR .type = OA_ENV_TYPE_STR
#define TYPE_TEXT .type = OA_ENV_TYPE_TEXT

#define RULE_ANY .check = OA_ENV_CHECK_NONE
#define RULE_MIN(n) .min = (n)
#define RULE_MAX(n) .max = (n)
#define RULE_FOLLOWS(field) .follows = OA_ENV_ROW_##field + 1
#define RULE_UTF8 .check = OA_ENV_CHECK_UTF8
#define RULE_RESOURCE .check = OA_ENV_CHECK_RESOURCE
#define RULE_HEADERS .check = OA_ENV_CHECK_HEADERS
#define RULE_ENTITIES .check = OA_ENV_CHECK_ENTITIES
#define RULE_PEERS .check = OA_ENV_CHECK_PEERS
#define RULE_SAMPLER .check = OA_ENV_CHECK_SAMPLER
#define RULE_ENDPOINT .check = OA_ENV_CHECK_ENDPOINT

#define UNSET OA_ENV_UNSET
/* clang-format off */
#define IDS(...) { sizeof((uint8_t[]){ __VA_ARGS__ }), { __VA_ARGS__ } }
/* clang-format on */

const struct oa_env_var oa_env_vars[OA_ENV_ROW_COUNT] = {
#define VAR(field, label, kind, initial, rule, access, doc) \
    { label, offsetof(struct oa_env, field), TYPE_##kind, RULE_##rule, .policy = OA_ENV_POLICY_##access },
#include "env/vars.def"
#undef VAR
};

const uint8_t oa_env_name_keys[OA_ENV_ROW_COUNT] = {
#define VAR(field, label, kind, initial, rule, access, doc) OA_ENV_NAME_KEY(label, sizeof(label) - 1),
#include "env/vars.def"
#undef VAR
};

const struct oa_env oa_env_defaults = {
#define VAR(field, label, kind, initial, rule, access, doc) .field = initial,
#include "env/vars.def"
#undef VAR
};

bool oa_env_may_show(const struct oa_env_var *var, struct oa_slice value)
{
    bool is_url = var->check == OA_ENV_CHECK_ENDPOINT || var->check == OA_ENV_CHECK_SAMPLER;

    if (var->policy == OA_ENV_POLICY_SECRET)
        return value.len == 0;
    return !is_url || !value.len || (!memchr(value.ptr, '@', value.len) && !memchr(value.ptr, '?', value.len));
}

_Static_assert(OA_ENV_ROW_COUNT < UINT8_MAX, "follows holds a row number plus one");
_Static_assert(sizeof(struct oa_env) <= UINT16_MAX, "offset holds every field's place");
