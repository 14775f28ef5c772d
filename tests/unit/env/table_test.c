/* SOURCES: env/env.c env/entities.c env/rules.c env/sampler_arg.c env/message.c env/table.c env/words.c
 * env/parse.c env/peers.c env/text.c env/url.c env/otlp.c env/unix_target.c env/resource.c env/headers.c
 * tests/support/log_capture.c tests/support/guard_page.c */
#include <criterion/criterion.h>
#include <stdio.h>

#include "env/env.h"
#include "env/table.h"
#include "preload/base/limits.h"
#include "tests/support/guard_page.h"
#include "tests/support/log_capture.h"

/* Most cases run over all rows of env/vars.def: a new row is tested by being there. */

/* What every generated case loads behind the variable under test: partners that some rows need. */
#define PARTNERS \
    "OTEL_TRACES_SAMPLER=always_on", "OTEL_BSP_MAX_QUEUE_SIZE=4294967294", "OTEL_BLRP_MAX_QUEUE_SIZE=4294967294"

#define FOR_EACH_ROW(var) \
    for (const struct oa_env_var *var = oa_env_vars; var < oa_env_vars + OA_ENV_ROW_COUNT; var++)

static enum oa_env_row row_of(const struct oa_env_var *var)
{
    return (enum oa_env_row)(var - oa_env_vars);
}

/* "NAME=value" in memory that ends right behind it. */
static char *entry(const char *name, const char *value)
{
    char buf[512];
    int n = snprintf(buf, sizeof(buf), "%s=%s", name, value);

    return oa_guard_page_copy(buf, (size_t)n + 1);
}

static void load_one(const struct oa_env_var *var, const char *value)
{
    oa_guard_page_free();
    LOAD(entry(var->name, value), PARTNERS);
}

static const void *field(const struct oa_env *env, const struct oa_env_var *var)
{
    return (const char *)env + var->offset;
}

static bool is_number(const struct oa_env_var *var)
{
    return var->type == OA_ENV_TYPE_U32 || var->type == OA_ENV_TYPE_MS || var->type == OA_ENV_TYPE_TIMEOUT;
}

static bool is_text(const struct oa_env_var *var)
{
    return var->type == OA_ENV_TYPE_STR || var->type == OA_ENV_TYPE_TEXT;
}

static uint32_t number(const struct oa_env_var *var)
{
    return *(const uint32_t *)field(oa_env(), var);
}

static bool same_value(const struct oa_env_var *var, const struct oa_env *a, const struct oa_env *b)
{
    const void *x = field(a, var), *y = field(b, var);

    if (is_text(var))
        return strcmp(*(const char *const *)x, *(const char *const *)y) == 0;
    if (is_number(var))
        return *(const uint32_t *)x == *(const uint32_t *)y;
    return memcmp(x, y, var->type == OA_ENV_TYPE_LIST ? sizeof(struct oa_env_list) : 1) == 0;
}

static void expect_default(const struct oa_env_var *var, enum oa_env_source source)
{
    cr_assert(same_value(var, oa_env(), &oa_env_defaults), "%s", var->name);
    cr_assert_eq(oa_env_source(row_of(var)), source, "%s", var->name);
}

static void expect_ignored(const struct oa_env_var *var, const char *value)
{
    char start[128];

    load_one(var, value);
    expect_default(var, OA_ENV_IGNORED);
    snprintf(start, sizeof(start), "%s: ", var->name);
    cr_assert_eq(captured.count, 1, "%s=%s: %d lines", var->name, value, captured.count);
    cr_assert_eq(captured.levels[0], OA_LOG_WARN);
    cr_assert_eq(strncmp(captured.lines[0], start, strlen(start)), 0, "%s", captured.lines[0]);
    cr_assert(strstr(captured.lines[0], "using default") || strstr(captured.lines[0], "ignored"));
}

Test(table, default_before_load)
{
    FOR_EACH_ROW(var)
    expect_default(var, OA_ENV_DEFAULT);
}

Test(table, default_of_each_row)
{
    LOAD("HOME=/", "PATH=/bin");
    FOR_EACH_ROW(var)
    expect_default(var, OA_ENV_DEFAULT);
    cr_assert_eq(captured.count, 0);
    cr_assert_eq(captured.inits, 1);
    cr_assert_eq(captured.level, OA_LOG_INFO);
    cr_assert_str_eq(captured.path, "");
}

Test(table, blank_is_unset_in_each_row)
{
    static const char *const blanks[] = { "", " ", "\t", "  \t " };

    FOR_EACH_ROW(var)
    {
        for (size_t i = 0; i < OA_COUNT(blanks); i++) {
            if (row_of(var) == OA_ENV_ROW_traces_sampler || row_of(var) == OA_ENV_ROW_bsp_max_queue_size ||
                row_of(var) == OA_ENV_ROW_blrp_max_queue_size)
                LOAD(entry(var->name, blanks[i]));
            else
                load_one(var, blanks[i]);
            expect_default(var, OA_ENV_DEFAULT);
            cr_assert_eq(captured.count, 0, "%s", var->name);
        }
    }
}

Test(table, garbage_in_each_row)
{
    static const char *const numbers[] = { "-1", "+5", "5s", "1e3", "0x10", "1.5", "1 2", "\xd9\xa3", "ten" };

    FOR_EACH_ROW(var)
    {
        if (var->type == OA_ENV_TYPE_BOOL) {
            expect_ignored(var, "yes");
            expect_ignored(var, "1");
            expect_ignored(var, " true");
        } else if (var->type == OA_ENV_TYPE_ENUM) {
            expect_ignored(var, "bogus");
        } else if (var->type == OA_ENV_TYPE_LIST) {
            expect_ignored(var, "bogus, worse");
        }
        for (size_t i = 0; i < OA_COUNT(numbers) && is_number(var); i++)
            expect_ignored(var, numbers[i]);
        if (var->check == OA_ENV_CHECK_UTF8)
            expect_ignored(var, "a\xff");
        else if (var->check == OA_ENV_CHECK_RESOURCE)
            expect_ignored(var, "a=b,c");
        else if (var->check == OA_ENV_CHECK_ENDPOINT)
            expect_ignored(var, "collector:4318");
    }
}

Test(table, bool_rows)
{
    FOR_EACH_ROW(var)
    {
        if (var->type != OA_ENV_TYPE_BOOL || row_of(var) == OA_ENV_ROW_auto_always_record) /* rules_test: not alone */
            continue;
        for (int i = 0; i < 4; i++) {
            load_one(var, (const char *const[]){ "true", "TRUE", "false", "False" }[i]);
            cr_assert_eq(*(const bool *)field(oa_env(), var), i < 2, "%s", var->name);
            cr_assert_eq(oa_env_source(row_of(var)), OA_ENV_SET);
            cr_assert_eq(captured.count, 0);
        }
    }
}

static void expect_number(const struct oa_env_var *var, const char *value, uint32_t expected)
{
    load_one(var, value);
    cr_assert_eq(number(var), expected, "%s=%s", var->name, value);
    cr_assert_eq(oa_env_source(row_of(var)), OA_ENV_SET);
    cr_assert_eq(captured.count, 0, "%s", captured.lines[0]);
}

Test(table, number_rows_and_limits)
{
    char text[16];

    FOR_EACH_ROW(var)
    {
        if (!is_number(var))
            continue;
        expect_number(var, "7", 7);
        expect_number(var, " 0007\t", 7);
        if (var->max) {
            snprintf(text, sizeof(text), "%u", var->max);
            expect_number(var, text, var->max);
            snprintf(text, sizeof(text), "%u", var->max + 1);
            expect_ignored(var, text);
            continue;
        }
        expect_number(var, "2147483647", 2147483647);
        expect_number(var, "4294967294", 4294967294u);
        expect_ignored(var, "4294967295");
        expect_ignored(var, "4294967297");
        expect_ignored(var, "18446744073709551617");
        snprintf(text, sizeof(text), "%u", var->min);
        expect_number(var, text, var->min);
        if (var->min == 0)
            continue;
        snprintf(text, sizeof(text), "%u", var->min - 1);
        expect_ignored(var, text);
    }
}

Test(table, enum_rows_take_every_word)
{
    FOR_EACH_ROW(var)
    {
        const struct oa_words *set = oa_words_get((enum oa_words_id)var->words);

        for (size_t i = 0; var->type == OA_ENV_TYPE_ENUM && i < set->count; i++) {
            char upper[64] = " ";

            for (size_t c = 0; c < set->words[i].len; c++)
                upper[1 + c] = set->words[i].text[c] & (set->words[i].text[c] >= 'a' ? ~0x20 : 0xff);
            load_one(var, upper);
            cr_assert_eq(*(const uint8_t *)field(oa_env(), var), set->words[i].id, "%s=%s", var->name, upper);
            /* One sampler is known, but does only a part of what it is for: that is said. */
            cr_assert_eq(captured.count, var->words == OA_WORDS_sampler && set->words[i].id == OA_ENV_SAMPLER_XRAY);
        }
    }
}

Test(table, list_rows)
{
    FOR_EACH_ROW(var)
    {
        const struct oa_words *set = oa_words_get((enum oa_words_id)var->words);
        const struct oa_env_list *list = field(oa_env(), var);
        char text[128];

        if (var->type != OA_ENV_TYPE_LIST)
            continue;
        list = field(oa_env(), var);
        load_one(var, "None");
        list = field(oa_env(), var);
        cr_assert_eq(list->count, 0);
        cr_assert_eq(captured.count, 0);
        snprintf(text, sizeof(text), " ,%s , bogus,%s, %s,", set->words[1].text, set->words[0].text,
                 set->words[1].text);
        load_one(var, text);
        cr_assert_eq(list->count, 2, "%s=%s", var->name, text);
        cr_assert_eq(list->ids[0], set->words[1].id);
        cr_assert_eq(list->ids[1], set->words[0].id);
        cr_assert_eq(oa_env_source(row_of(var)), OA_ENV_SET);
        cr_assert_eq(captured.count, 1);
        load_one(var, ", ,");
        expect_default(var, OA_ENV_DEFAULT);
        cr_assert_eq(captured.count, 0);
    }
}

static const char *sample(const struct oa_env_var *var)
{
    switch ((enum oa_env_check)var->check) {
    case OA_ENV_CHECK_RESOURCE:
    case OA_ENV_CHECK_HEADERS:
    case OA_ENV_CHECK_PEERS:
        return "key=a b,key2=%2C";
    case OA_ENV_CHECK_ENTITIES:
        return "a{k=v}[x=y]@http://u/";
    case OA_ENV_CHECK_ENDPOINT:
        return "https://host:1234/path";
    default:
        return "a b\xc3\xa9";
    }
}

Test(table, text_rows)
{
    char padded[128];

    FOR_EACH_ROW(var)
    {
        bool verbatim = var->type == OA_ENV_TYPE_TEXT;

        if (!is_text(var))
            continue;
        snprintf(padded, sizeof(padded), " \t%s ", sample(var));
        load_one(var, padded);
        cr_assert_str_eq(*(const char *const *)field(oa_env(), var), verbatim ? padded : sample(var), "%s",
                         var->name);
        cr_assert_eq(oa_env_source(row_of(var)), OA_ENV_SET);
        cr_assert_eq(captured.count, 0, "%s", captured.lines[0]);
    }
}

Test(table, text_area_is_bounded)
{
    static char big[OA_ENV_TEXT + 128];

    FOR_EACH_ROW(var)
    {
        size_t name = strlen(var->name) + 1;

        if (!is_text(var) || (var->check != OA_ENV_CHECK_NONE && var->check != OA_ENV_CHECK_UTF8))
            continue;
        memset(big, 'x', sizeof(big));
        memcpy(big, var->name, name - 1);
        big[name - 1] = '=';
        big[name + OA_ENV_TEXT - 1] = '\0'; /* with its terminator it fills the area */
        LOAD(big, "OTEL_TRACES_SAMPLER=always_on");
        cr_assert_eq(strlen(*(const char *const *)field(oa_env(), var)), OA_ENV_TEXT - 1, "%s", var->name);
        cr_assert_eq(captured.count, 0);
        big[name + OA_ENV_TEXT - 1] = 'x';
        big[name + OA_ENV_TEXT] = '\0';
        LOAD(big, "OTEL_TRACES_SAMPLER=always_on");
        expect_default(var, OA_ENV_IGNORED);
        cr_assert_eq(captured.count, 1);
    }
}

Test(table, names)
{
    cr_assert_str_eq(oa_env_name(OA_ENV_ROW_ctx_baggage), "BAGGAGE");
    FOR_EACH_ROW(var)
    {
        const struct oa_env_var *twin = oa_env_vars;

        while (strcmp(twin->name, var->name) != 0)
            twin++;
        cr_assert_eq(twin, var, "%s stands twice", var->name);
        cr_assert(strlen(var->name) >= OA_ENV_NAME_MIN && strlen(var->name) < UINT8_MAX);
        cr_assert_eq(oa_env_name_keys[row_of(var)], OA_ENV_NAME_KEY(var->name, strlen(var->name)));
        cr_assert(var->follows == 0 ||
                      (oa_env_vars[var->follows - 1].type == var->type && oa_env_vars[var->follows - 1].follows == 0),
                  "%s", var->name);
    }
}
