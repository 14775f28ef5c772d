#include "env/env.h"

#include "env/entities.h"
#include "env/headers.h"
#include "env/load.h"
#include "env/peers.h"
#include "env/resource.h"
#include "env/text.h"
#include "preload/base/err.h"
#include "preload/base/limits.h"
#include "preload/base/log.h"

_Static_assert((int)OA_ENV_LOG_LEVEL_NONE == OA_LOG_NONE && (int)OA_ENV_LOG_LEVEL_ERROR == OA_LOG_ERROR &&
                   (int)OA_ENV_LOG_LEVEL_WARN == OA_LOG_WARN && (int)OA_ENV_LOG_LEVEL_INFO == OA_LOG_INFO &&
                   (int)OA_ENV_LOG_LEVEL_DEBUG == OA_LOG_DEBUG,
               "the words of OTEL_LOG_LEVEL are levels of the log");

/* Written by oa_env_load() only, before any other thread exists. */
static struct {
    struct oa_env env;
    bool loaded;
    uint8_t source[OA_ENV_ROW_COUNT];
    char text[OA_ENV_TEXT];
    size_t text_len;
} state;

const struct oa_env *oa_env(void)
{
    return state.loaded ? &state.env : &oa_env_defaults;
}

enum oa_env_source oa_env_source(enum oa_env_row row)
{
    return (enum oa_env_source)state.source[row];
}

const char *oa_env_name(enum oa_env_row row)
{
    return oa_env_vars[row].name;
}

const char *oa_env_config_file(void)
{
    const struct oa_env *env = oa_env();

    return *env->config_file ? env->config_file : env->experimental_config_file;
}

/* Two bytes decide for nearly all variables of a usual environment; the few others are looked up in vain. */
static inline bool may_be_ours(const char *entry)
{
    switch (entry[0]) {
    case 'O':
        return entry[1] == 'T';
    case 'T':
        return entry[1] == 'R';
    case 'B':
        return entry[1] == 'A' || entry[1] == '3';
    case 'J':
        return entry[1] == 'A';
    case 'U':
        return entry[1] == 'B';
    case 'X':
        return entry[1] == '_';
    default:
        return false;
    }
}

bool oa_env_counts_beside_file(const char *entry)
{
    bool standard = strncmp(entry, "OTEL_", 5) == 0;

    return may_be_ours(entry) && (!standard || strncmp(entry, "OTEL_AUTO_", 10) == 0);
}

/* Length of the name before '=', 0 if it is longer, or shorter, than any of ours. */
static size_t name_length(const char *entry)
{
    const char *end = strchr(entry, '=');
    size_t len = end ? (size_t)(end - entry) : 0;

    return len >= OA_ENV_NAME_MIN && len < UINT8_MAX ? len : 0;
}

static int row_of(const char *name, size_t len)
{
    const uint8_t *at = oa_env_name_keys, *end = oa_env_name_keys + OA_ENV_ROW_COUNT;
    int key = OA_ENV_NAME_KEY(name, len);

    while (at < end && (at = memchr(at, key, (size_t)(end - at))) != NULL) {
        int row = (int)(at - oa_env_name_keys);
        const char *own = oa_env_vars[row].name;

        if (strncmp(own, name, len) == 0 && own[len] == '\0')
            return row;
        at++;
    }
    return -1;
}

static void find_values(struct oa_env_load *load, char *const *envp)
{
    for (; *envp; envp++) {
        size_t len = may_be_ours(*envp) ? name_length(*envp) : 0;
        int row = len ? row_of(*envp, len) : -1;

        if (row >= 0 && load->raw[row] == NULL)
            load->raw[row] = *envp + len + 1;
    }
}

/* A list of nothing but commas has no item: it is as good as empty. */
static bool is_blank(const struct oa_env_var *var, const char *text)
{
    while (*text == ' ' || *text == '\t' || (*text == ',' && var->type == OA_ENV_TYPE_LIST))
        text++;
    return *text == '\0';
}

/* A file that is named decides alone: what it does not say is not there. */
static void leave_to_file(struct oa_env_load *load)
{
    bool named = false;

    for (int row = OA_ENV_ROW_config_file; row <= OA_ENV_ROW_experimental_config_file; row++)
        named |= load->raw[row] && !is_blank(&oa_env_vars[row], load->raw[row]);
    for (int row = 0; named && row < OA_ENV_ROW_COUNT; row++)
        if (!oa_env_counts_beside_file(oa_env_vars[row].name) && row != OA_ENV_ROW_config_file &&
            row != OA_ENV_ROW_experimental_config_file)
            load->raw[row] = NULL;
}

/* A terminated copy that stays for the life of the process; NULL when the area is full. */
static const char *keep_text(struct oa_slice text)
{
    char *copy = state.text + state.text_len;

    if (text.len >= sizeof(state.text) - state.text_len)
        return NULL;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    state.text_len += text.len + 1;
    return copy;
}

static enum oa_env_fault check_peers(struct oa_slice text)
{
    struct oa_slice bad = { NULL, 0 };
    struct oa_env_peer peer;

    while (oa_env_peer_next(&text, &peer, &bad))
        ;
    return bad.len ? OA_ENV_FAULT_PEERS : OA_ENV_FAULT_NONE;
}

static enum oa_env_fault check_entities(struct oa_slice text)
{
    struct oa_slice bad = { NULL, 0 };
    struct oa_env_entity entity;

    while (oa_env_entity_next(&text, &entity, &bad))
        ;
    return bad.len ? OA_ENV_FAULT_ENTITIES : OA_ENV_FAULT_NONE;
}

static enum oa_env_fault check_text(enum oa_env_check check, struct oa_slice text)
{
    struct oa_slice bad;

    switch (check) {
    case OA_ENV_CHECK_UTF8:
        return oa_text_is_utf8(text) ? OA_ENV_FAULT_NONE : OA_ENV_FAULT_UTF8;
    case OA_ENV_CHECK_RESOURCE:
        return oa_env_resource_check(text, &bad) == OA_OK ? OA_ENV_FAULT_NONE : OA_ENV_FAULT_RESOURCE;
    case OA_ENV_CHECK_HEADERS:
        return oa_env_headers_check(text).count == 0 ? OA_ENV_FAULT_NONE : OA_ENV_FAULT_HEADERS;
    case OA_ENV_CHECK_ENTITIES:
        return check_entities(text);
    case OA_ENV_CHECK_PEERS:
        return check_peers(text);
    default:
        return OA_ENV_FAULT_NONE;
    }
}

static enum oa_env_fault read_text(const struct oa_env_var *var, struct oa_slice text, const char **field)
{
    enum oa_env_fault fault;
    const char *copy;

    if (var->type == OA_ENV_TYPE_STR)
        text = oa_slice_trim(text);
    fault = check_text((enum oa_env_check)var->check, text);
    if (fault != OA_ENV_FAULT_NONE && fault < OA_ENV_FAULT_FIRST_USED)
        return fault;
    copy = keep_text(text);
    if (copy == NULL)
        return OA_ENV_FAULT_ROOM;
    *field = copy;
    return fault;
}

static enum oa_env_fault read_list(const struct oa_words *words, struct oa_slice text, struct oa_env_list *field)
{
    struct oa_list_faults faults;

    if (oa_parse_list(words, text, field, &faults) != OA_OK)
        return OA_ENV_FAULT_VALUE;
    if (field->text && (field->text = keep_text(text)) == NULL)
        return OA_ENV_FAULT_ROOM;
    if (faults.mixed)
        return OA_ENV_FAULT_MIXED;
    return faults.unknown ? OA_ENV_FAULT_SKIPPED : OA_ENV_FAULT_NONE;
}

static enum oa_env_fault read_number(const struct oa_env_var *var, struct oa_slice text, uint32_t *field)
{
    uint32_t value;

    if (oa_parse_u32(text, &value) != OA_OK || value < var->min || (var->max && value > var->max))
        return OA_ENV_FAULT_VALUE;
    *field = value;
    return OA_ENV_FAULT_NONE;
}

static enum oa_env_fault read_value(const struct oa_env_var *var, struct oa_slice text, void *field)
{
    const struct oa_words *words = oa_words_get((enum oa_words_id)var->words);

    switch ((enum oa_env_type)var->type) {
    case OA_ENV_TYPE_BOOL:
        return oa_parse_bool(text, field) == OA_OK ? OA_ENV_FAULT_NONE : OA_ENV_FAULT_VALUE;
    case OA_ENV_TYPE_U32:
    case OA_ENV_TYPE_MS:
    case OA_ENV_TYPE_TIMEOUT:
        return read_number(var, text, field);
    case OA_ENV_TYPE_ENUM:
        return oa_parse_word(words, text, field) == OA_OK ? OA_ENV_FAULT_NONE : OA_ENV_FAULT_VALUE;
    case OA_ENV_TYPE_LIST:
        return read_list(words, text, field);
    case OA_ENV_TYPE_STR:
    case OA_ENV_TYPE_TEXT:
        return read_text(var, text, field);
    }
    return OA_ENV_FAULT_VALUE;
}

void oa_env_load_fault(struct oa_env_load *load, enum oa_env_row row, enum oa_env_fault fault)
{
    static const size_t sizes[] = {
        [OA_ENV_TYPE_BOOL] = sizeof(bool),        [OA_ENV_TYPE_U32] = sizeof(uint32_t),
        [OA_ENV_TYPE_MS] = sizeof(uint32_t),      [OA_ENV_TYPE_TIMEOUT] = sizeof(uint32_t),
        [OA_ENV_TYPE_ENUM] = sizeof(uint8_t),     [OA_ENV_TYPE_LIST] = sizeof(struct oa_env_list),
        [OA_ENV_TYPE_STR] = sizeof(const char *), [OA_ENV_TYPE_TEXT] = sizeof(const char *),
    };
    const struct oa_env_var *var = &oa_env_vars[row];

    load->fault[row] = (uint8_t)fault;
    if (fault >= OA_ENV_FAULT_FIRST_USED)
        return;
    load->source[row] = OA_ENV_IGNORED;
    memcpy(oa_env_field(load->env, var), (const char *)&oa_env_defaults + var->offset, sizes[var->type]);
}

static void read_row(struct oa_env_load *load, enum oa_env_row row)
{
    const struct oa_env_var *var = &oa_env_vars[row];
    enum oa_env_fault fault;

    if (is_blank(var, load->raw[row]))
        return;
    load->source[row] = OA_ENV_SET;
    fault = read_value(var, oa_slice_of(load->raw[row]), oa_env_field(load->env, var));
    if (fault != OA_ENV_FAULT_NONE)
        oa_env_load_fault(load, row, fault);
}

static void load_and_say(char *const *envp, bool before_file)
{
    struct oa_env_load load = { .env = &state.env, .source = state.source };

    state.env = oa_env_defaults;
    state.loaded = true;
    state.text_len = 0;
    memset(state.source, OA_ENV_DEFAULT, sizeof(state.source));

    find_values(&load, envp);
    leave_to_file(&load);
    for (int row = 0; row < OA_ENV_ROW_COUNT; row++)
        if (load.raw[row])
            read_row(&load, (enum oa_env_row)row);
    oa_env_rules_apply(&load);

    /* Only now is it known where messages go and which of them are wanted. */
    oa_log_init((enum oa_log_level)state.env.log_level, state.env.auto_log);
    if (before_file && *oa_env_config_file())
        return;
    for (int row = 0; row < OA_ENV_ROW_COUNT; row++)
        if (load.fault[row] != OA_ENV_FAULT_NONE)
            oa_env_message(&load, (enum oa_env_row)row);
}

void oa_env_load(char *const *envp)
{
    load_and_say(envp, false);
}

void oa_env_load_before_file(char *const *envp)
{
    load_and_say(envp, true);
}
