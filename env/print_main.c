/*
 * The launcher's tool behind `otel-auto env`, no part of the objects: reads its own environment as the library
 * would and prints what comes of it, one line a variable:
 *   NAME='value'  # where the value comes from
 * Values are quoted for a shell; those that may hold secrets are not shown (oa_env_may_show()). What cannot be used
 * is said on stderr, as the library says it.
 */
#include <stdio.h>

#include "env/otlp.h"
#include "env/table.h"
#include "preload/base/glob.h"

#define NAME_BYTES 128

extern char **environ;

static const void *field_of(const struct oa_env_var *var)
{
    return (const char *)oa_env() + var->offset;
}

static enum oa_env_source source_of(const struct oa_env_var *var)
{
    return oa_env_source((enum oa_env_row)(var - oa_env_vars));
}

static const struct oa_env_var *find(const char *name)
{
    for (int row = 0; row < OA_ENV_ROW_COUNT; row++)
        if (strcmp(oa_env_vars[row].name, name) == 0)
            return &oa_env_vars[row];
    return NULL;
}

/* The row that an unset one takes its value from: the leader of a FOLLOWS row, the general option of a
 * signal's own ("..._OTLP_TRACES_TIMEOUT": "..._OTLP_TIMEOUT"); NULL if there is none. */
static const struct oa_env_var *general_of(const struct oa_env_var *var)
{
    static const char prefix[] = "OTEL_EXPORTER_OTLP_";
    static const char *const signals[] = { "TRACES_", "METRICS_", "LOGS_" };
    const char *rest = var->name + sizeof(prefix) - 1;
    char name[NAME_BYTES];

    if (var->follows)
        return &oa_env_vars[var->follows - 1];
    if (strncmp(var->name, prefix, sizeof(prefix) - 1) != 0)
        return NULL;
    for (size_t i = 0; i < OA_COUNT(signals); i++) {
        if (strncmp(rest, signals[i], strlen(signals[i])) != 0)
            continue;
        snprintf(name, sizeof(name), "%s%s", prefix, rest + strlen(signals[i]));
        return find(name);
    }
    return NULL;
}

static void put_quoted(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\'')
            printf("'\\''");
        else
            putchar((unsigned char)text[i] < ' ' ? '?' : text[i]);
    }
}

static void print_text(const struct oa_env_var *var, const char *text)
{
    if (!oa_env_may_show(var, oa_slice_of(text))) {
        printf("(set, not shown)");
        return;
    }
    putchar('\'');
    put_quoted(text, strlen(text));
    putchar('\'');
}

/* With what stands for PATH in plugin:PATH. */
static void print_words(const struct oa_env_var *var, const struct oa_env_list *list)
{
    const struct oa_words *words = oa_words_get((enum oa_words_id)var->words);

    putchar('\'');
    for (uint32_t i = 0; i < list->count; i++) {
        const char *name = oa_words_name(words, list->ids[i]);
        struct oa_slice path = oa_list_argument(words, list, i);

        printf("%s%.*s", i ? "," : "", (int)(path.len ? strcspn(name, ":") + 1 : strlen(name)), name);
        put_quoted(path.ptr, path.len);
    }
    printf(list->count ? "'" : "none'");
}

static void print_value(const struct oa_env_var *var)
{
    const void *field = field_of(var);

    switch ((enum oa_env_type)var->type) {
    case OA_ENV_TYPE_BOOL:
        printf("'%s'", *(const bool *)field ? "true" : "false");
        return;
    case OA_ENV_TYPE_U32:
    case OA_ENV_TYPE_MS:
    case OA_ENV_TYPE_TIMEOUT:
        if (*(const uint32_t *)field == OA_ENV_UNSET)
            printf("''");
        else
            printf("'%u'", *(const uint32_t *)field);
        return;
    case OA_ENV_TYPE_ENUM:
        printf("'%s'", oa_words_name(oa_words_get((enum oa_words_id)var->words), *(const uint8_t *)field));
        return;
    case OA_ENV_TYPE_LIST:
        print_words(var, field);
        return;
    case OA_ENV_TYPE_STR:
    case OA_ENV_TYPE_TEXT:
        print_text(var, *(const char *const *)field);
        return;
    }
}

/* An ENUM's value may have been written in another word for the same. */
static bool by_alias(const struct oa_env_var *var, const char *raw)
{
    const struct oa_words *words = oa_words_get((enum oa_words_id)var->words);
    struct oa_slice written = oa_slice_trim(oa_slice_of(raw));

    return var->type == OA_ENV_TYPE_ENUM &&
           !oa_slice_ieq(written, oa_slice_of(oa_words_name(words, *(const uint8_t *)field_of(var))));
}

static const char *raw_of(const struct oa_env_var *var)
{
    size_t len = strlen(var->name);

    for (char **entry = environ; *entry; entry++)
        if (strncmp(*entry, var->name, len) == 0 && (*entry)[len] == '=')
            return *entry + len + 1;
    return "";
}

static void print_row(const struct oa_env_var *var)
{
    const struct oa_env_var *general = general_of(var);
    bool own = source_of(var) == OA_ENV_SET, ignored = source_of(var) == OA_ENV_IGNORED;
    bool by_general = !own && general && source_of(general) == OA_ENV_SET;

    printf("%s=", var->name);
    print_value(by_general || (!own && general && !var->follows) ? general : var);
    if (own && by_alias(var, raw_of(var)))
        printf("  # set, as %s\n", raw_of(var));
    else if (own)
        printf("  # set\n");
    else
        printf("  # %s%s%s\n", by_general ? "general, " : "default", by_general ? general->name : "",
               ignored ? "; its own value is invalid and ignored" : "");
}

static const char *hint_for(const char *name)
{
    static const struct {
        struct oa_slice pattern;
        const char *hint;
    } elsewhere[] = {
#define ELSEWHERE(pattern, hint) { OA_SLICE(pattern), hint },
#include "env/elsewhere.def"
#undef ELSEWHERE
    };

    for (size_t i = 0; i < OA_COUNT(elsewhere); i++)
        if (oa_glob_match(elsewhere[i].pattern, oa_slice_of(name)))
            return elsewhere[i].hint;
    return NULL;
}

/* Names that look like ours and are not: misspelt, of another language's agent, or of yesterday. */
static void print_unknown(const char *entry)
{
    const char *end = strchr(entry, '=');
    const char *hint;
    char name[NAME_BYTES];

    if (strncmp(entry, "OTEL_", 5) != 0 || !end || (size_t)(end - entry) >= sizeof(name))
        return;
    snprintf(name, sizeof(name), "%.*s", (int)(end - entry), entry);
    if (find(name))
        return;
    hint = hint_for(name);
    printf("# %s is not known here%s%s\n", name, hint ? ": " : "", hint ? hint : "");
}

static void print_signal(enum oa_otlp_signal signal, const char *name, const struct oa_env_list *exporters)
{
    struct oa_otlp_config config;
    bool otlp = false;

    for (size_t i = 0; i < exporters->count; i++)
        otlp |= exporters->ids[i] == OA_ENV_EXPORTER_otlp;
    if (!otlp || oa_env()->sdk_disabled)
        return;
    oa_otlp_resolve(oa_env(), signal, &config);
    printf("# %s go to %s by %s, %s\n", name, strpbrk(config.url, "@?") ? "(a URL that is not shown)" : config.url,
           oa_words_name(oa_words_get(OA_WORDS_protocol), config.protocol),
           config.compression == OA_ENV_COMPRESSION_GZIP ? "compressed by gzip" : "not compressed");
}

int main(void)
{
    oa_env_load(environ);
    if (*oa_env_config_file())
        printf("# the configuration file decides: beside it, only OTEL_AUTO_* and what it refers to count\n");
    for (int row = 0; row < OA_ENV_ROW_COUNT; row++)
        if (oa_env_vars[row].policy != OA_ENV_POLICY_INTERNAL)
            print_row(&oa_env_vars[row]);
    for (char **entry = environ; *entry; entry++)
        print_unknown(*entry);
    print_signal(OA_OTLP_TRACES, "traces", &oa_env()->traces_exporter);
    print_signal(OA_OTLP_METRICS, "metrics", &oa_env()->metrics_exporter);
    print_signal(OA_OTLP_LOGS, "logs", &oa_env()->logs_exporter);
    return ferror(stdout) != 0 || fflush(stdout) != 0;
}
