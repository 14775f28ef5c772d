/*
 * Host tool, no part of the objects: prints the README's table of variables as markdown. Every row of
 * vars.def that is not INTERNAL, in the table's order.
 */
#include <stdio.h>

#include "env/table.h"

static const char *const docs[OA_ENV_ROW_COUNT] = {
#define VAR(field, label, kind, initial, rule, access, doc) doc,
#include "env/vars.def"
#undef VAR
};

static void print_words(const struct oa_env_var *var)
{
    const struct oa_words *set = oa_words_get((enum oa_words_id)var->words);
    const char *separator = "";

    for (size_t i = 0; i < set->count; i++) {
        if (set->words[i].is_alias || (set->words[i].signals & set->signals) != set->signals)
            continue;
        printf("%s`%s`", separator, set->words[i].text);
        separator = ", ";
    }
    if (var->type == OA_ENV_TYPE_LIST)
        printf("%s`none`", separator);
}

static void print_type(const struct oa_env_var *var)
{
    static const char *const names[] = {
        [OA_ENV_TYPE_BOOL] = "`true`, `false`",
        [OA_ENV_TYPE_U32] = "integer",
        [OA_ENV_TYPE_MS] = "milliseconds",
        [OA_ENV_TYPE_TIMEOUT] = "milliseconds, 0 = no limit",
        [OA_ENV_TYPE_ENUM] = "",
        [OA_ENV_TYPE_LIST] = "list of ",
        [OA_ENV_TYPE_STR] = "text",
        [OA_ENV_TYPE_TEXT] = "text",
    };

    fputs(names[var->type], stdout);
    if (var->words)
        print_words(var);
    if (var->min)
        printf(", at least %u", var->min);
    if (var->max)
        printf(", at most %u", var->max);
}

static void print_list(const struct oa_env_var *var, const struct oa_env_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        printf("%s%s", i ? "," : "`", oa_words_name(oa_words_get((enum oa_words_id)var->words), list->ids[i]));
    if (list->count)
        putchar('`');
}

static void print_quoted(const char *text)
{
    if (*text)
        printf("`%s`", text);
}

static void print_default(const struct oa_env_var *var)
{
    const void *field = (const char *)&oa_env_defaults + var->offset;

    if (var->follows) {
        printf("as `%s`", oa_env_vars[var->follows - 1].name);
        return;
    }
    switch ((enum oa_env_type)var->type) {
    case OA_ENV_TYPE_BOOL:
        print_quoted(*(const bool *)field ? "true" : "false");
        return;
    case OA_ENV_TYPE_U32:
    case OA_ENV_TYPE_MS:
    case OA_ENV_TYPE_TIMEOUT:
        if (*(const uint32_t *)field != OA_ENV_UNSET)
            printf("`%u`", *(const uint32_t *)field);
        return;
    case OA_ENV_TYPE_ENUM:
        print_quoted(oa_words_name(oa_words_get((enum oa_words_id)var->words), *(const uint8_t *)field));
        return;
    case OA_ENV_TYPE_LIST:
        print_list(var, field);
        return;
    case OA_ENV_TYPE_STR:
    case OA_ENV_TYPE_TEXT:
        print_quoted(*(const char *const *)field);
        return;
    }
}

int main(void)
{
    printf("| Name | Type | Default | Meaning |\n| --- | --- | --- | --- |\n");
    for (int row = 0; row < OA_ENV_ROW_COUNT; row++) {
        const struct oa_env_var *var = &oa_env_vars[row];

        if (var->policy == OA_ENV_POLICY_INTERNAL)
            continue;
        printf("| `%s` | ", var->name);
        print_type(var);
        printf(" | ");
        print_default(var);
        printf(" | %s |\n", docs[row]);
    }
    return ferror(stdout) != 0 || fflush(stdout) != 0;
}
