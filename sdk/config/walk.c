#include "sdk/config/walk.h"

#include <stdio.h>
#include <string.h>

#include "env/resource.h"
#include "env/text.h"
#include "preload/base/compiler.h"
#include "preload/base/err.h"
#include "sdk/config/paths.h"
#include "sdk/config/substitute.h"

void oa_config_ignore(struct oa_config_walk *walk)
{
    size_t at = strlen(walk->ignored);

    walk->ignored_count++;
    if (at + strlen(walk->path) + 3 >= sizeof(walk->ignored))
        return;
    snprintf(walk->ignored + at, sizeof(walk->ignored) - at, "%s%s", at ? ", " : "", walk->path);
}

static bool is_null(const yaml_node_t *node)
{
    static const char *const words[] = { "", "~", "null", "Null", "NULL" };

    if (node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return false;
    for (size_t i = 0; i < OA_COUNT(words); i++)
        if (strcmp((const char *)node->data.scalar.value, words[i]) == 0)
            return true;
    return false;
}

const char *oa_config_scalar(struct oa_config_walk *walk, int id)
{
    const yaml_node_t *node = id ? walk->yaml->document_get_node(walk->document, id) : NULL;
    struct oa_slice raw;
    int err;

    if (!node || node->type != YAML_SCALAR_NODE || is_null(node) || walk->error)
        return NULL;
    raw = (struct oa_slice){ (const char *)node->data.scalar.value, node->data.scalar.length };
    err = walk->scalars++ < OA_CONFIG_SCALARS
              ? oa_config_substitute(raw, walk->envp, walk->value, sizeof(walk->value))
              : OA_EFULL;
    if (err != OA_OK)
        walk->error =
            err == OA_EFULL ? "has too much text" : "has a reference that is not ${NAME} or ${NAME:-default}";
    else if (node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && walk->value[0] == '\0')
        return NULL; /* of a variable that is not set */
    return walk->error ? NULL : walk->value;
}

static const char *key_text(struct oa_config_walk *walk, int id)
{
    const yaml_node_t *node = walk->yaml->document_get_node(walk->document, id);

    return node && node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : "?";
}

int oa_config_child(struct oa_config_walk *walk, int id, const char *key)
{
    const yaml_node_t *node = id ? walk->yaml->document_get_node(walk->document, id) : NULL;

    if (!node || node->type != YAML_MAPPING_NODE)
        return 0;
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top; pair++)
        if (strcmp(key_text(walk, pair->key), key) == 0)
            return pair->value;
    return 0;
}

/* The words that differ from those of the variables: low_memory, and the finer levels (debug2). */
static void respell(const char *path, char *value)
{
    size_t len = strlen(value);

    if (strcmp(path, "log_level") == 0 && len > 1 && value[len - 1] >= '1' && value[len - 1] <= '4')
        value[len - 1] = '\0';
    if (strstr(path, ".temporality_preference") && strcmp(value, "low_memory") == 0)
        memcpy(value, "lowmemory", sizeof("lowmemory"));
}

static void set(struct oa_config_walk *walk, const char *name, const char *value)
{
    if (!oa_settings_set(&walk->settings, name, value))
        oa_config_ignore(walk); /* said twice: of a second processor, for one */
}

static bool set_option(struct oa_config_walk *walk, const char *signal, const char *path)
{
    const char *suffix = oa_config_option(path), *value = walk->value;
    char name[OA_SETTING_NAME];

    if (!suffix)
        return false;
    if (strcmp(suffix, "FILE") == 0)
        return true; /* file_word() has read it */
    if (strcmp(suffix, "PROTOCOL") == 0)
        value = strcmp(value, "json") == 0 ? "http/json" : "http/protobuf";
    snprintf(name, sizeof(name), "OTEL_EXPORTER_OTLP_%s_%s", signal, suffix);
    set(walk, name, value);
    return true;
}

/* A bad list would take the attributes beside it along: the variable that both become is used whole or not at all. */
static bool is_usable_member(const char *name, const char *value)
{
    struct oa_slice bad;

    return strcmp(name, "OTEL_RESOURCE_ATTRIBUTES") != 0 || oa_env_resource_check(oa_slice_of(value), &bad) == OA_OK;
}

static void visit_scalar(struct oa_config_walk *walk, int id)
{
    const char *name, *signal, *rest;
    bool member = false;

    if (strcmp(walk->path, "file_format") == 0 || !oa_config_scalar(walk, id))
        return;
    respell(walk->path, walk->value);
    name = oa_config_variable(walk->path, &member);
    signal = oa_config_signal(walk->path, &rest);
    if (name && member && is_usable_member(name, walk->value))
        oa_settings_add(&walk->settings, name, walk->value);
    else if (name && !member)
        set(walk, name, walk->value);
    else if (!signal || !set_option(walk, signal, rest))
        oa_config_ignore(walk);
}

/* {name: ..., value: ...} of headers and resource attributes. */
static void visit_pair(struct oa_config_walk *walk, int id, const char *name)
{
    char key[OA_CONFIG_PATH];
    const char *text = oa_config_scalar(walk, oa_config_child(walk, id, "name"));

    if (!text || strlen(text) >= sizeof(key)) {
        oa_config_ignore(walk);
        return;
    }
    memcpy(key, text, strlen(text) + 1);
    text = oa_config_scalar(walk, oa_config_child(walk, id, "value"));
    if (text)
        oa_settings_add_pair(&walk->settings, name, key, text);
    else if (!walk->error)
        oa_config_ignore(walk);
}

/* The path of a URL with the scheme file and no host, percent-decoded in place (RFC 8089); NULL if it is none. */
static const char *file_path(char *url)
{
    static const struct oa_slice scheme = { "file://", 7 };
    struct oa_slice rest = oa_slice_of(url);
    char *path = url;

    if (!oa_slice_starts(rest, scheme) || rest.ptr[scheme.len] != '/')
        return NULL;
    rest = (struct oa_slice){ rest.ptr + scheme.len, rest.len - scheme.len };
    while (rest.len) {
        int byte = oa_text_percent_next(&rest);

        if (byte <= 0)
            return NULL;
        *path++ = (char)byte;
    }
    *path = '\0';
    return url;
}

/* The word of an exporter that writes lines of OTLP JSON: to standard output, unless output_stream names a file
 * (*ret_path, in walk->value). NULL: it names something else. */
static const char *file_word(struct oa_config_walk *walk, int id, const char **ret_path)
{
    const char *stream = oa_config_scalar(walk, oa_config_child(walk, id, "output_stream"));

    if (!stream || strcmp(stream, "stdout") == 0)
        return "otlp/stdout";
    *ret_path = file_path(walk->value);
    return *ret_path ? "otlp/file" : NULL;
}

/* An exporter's name as a key. False: one that there is not, or a second one of its kind, of which nothing may come
 * to the first, headers least of all. */
static bool visit_exporter(struct oa_config_walk *walk, int id, const char *signal, const char *key)
{
    const struct oa_config_exporter *exporter = oa_config_exporter(key);
    const char *word = exporter ? exporter->word : NULL, *path = NULL;
    char name[OA_SETTING_NAME];

    if (!exporter)
        return true;
    if (strcmp(word, "otlp/stdout") == 0)
        word = file_word(walk, id, &path);
    snprintf(name, sizeof(name), "OTEL_%s_EXPORTER", signal);
    if (!word || oa_settings_has_member(&walk->settings, name, word)) {
        oa_config_ignore(walk);
        return false;
    }
    oa_settings_add(&walk->settings, name, word);
    snprintf(name, sizeof(name), "OTEL_AUTO_OTLP_FILE_%s_PATH", signal);
    if (path)
        set(walk, name, path);
    snprintf(name, sizeof(name), "OTEL_EXPORTER_OTLP_%s_PROTOCOL", signal);
    if (exporter->protocol[0])
        set(walk, name, exporter->protocol);
    return true;
}

/* Which kind of processor an item is: one for all of its signal. */
static void visit_processor(struct oa_config_walk *walk, const char *kind)
{
    static const struct {
        const char *list, *name;
    } signals[] = {
        { "tracer_provider.processors[].", "OTEL_AUTO_TRACES_PROCESSOR" },
        { "logger_provider.processors[].", "OTEL_AUTO_LOGS_PROCESSOR" },
    };

    for (size_t i = 0; i < OA_COUNT(signals); i++) {
        size_t len = strlen(signals[i].list);

        if (strncmp(walk->path, signals[i].list, len) == 0 && !strchr(walk->path + len, '.') &&
            !oa_settings_set(&walk->settings, signals[i].name, kind))
            oa_config_ignore(walk);
    }
}

/* What is more than a scalar at its path. True: the value needs no further visit. */
static bool visit_special(struct oa_config_walk *walk, int id, const char *key)
{
    const char *signal, *rest, *list = oa_config_key_list(walk->path);
    char name[OA_SETTING_NAME];

    if (strcmp(walk->path, "tracer_provider.sampler") == 0) {
        oa_config_sampler(walk, id);
        return true;
    }
    if (list) {
        oa_settings_add(&walk->settings, list, key);
        return true;
    }
    if (strcmp(walk->path, "resource.attributes[]") == 0) {
        visit_pair(walk, id, "OTEL_RESOURCE_ATTRIBUTES");
        return true;
    }
    signal = oa_config_signal(walk->path, &rest);
    if (!oa_config_is_known(walk->path)) {
        oa_config_ignore(walk);
        return true;
    }
    if (signal && strcmp(rest, key) == 0 && !visit_exporter(walk, id, signal, key))
        return true;
    if (signal && (strcmp(rest, "otlp_http.headers[]") == 0 || strcmp(rest, "otlp_grpc.headers[]") == 0)) {
        snprintf(name, sizeof(name), "OTEL_EXPORTER_OTLP_%s_HEADERS", signal);
        visit_pair(walk, id, name);
        return true;
    }
    visit_processor(walk, key);
    return false;
}

static void visit(struct oa_config_walk *walk, int id, int depth);

/* Visits a value one step further down: ".key", or "[]". */
static void visit_below(struct oa_config_walk *walk, int id, const char *key, int depth)
{
    size_t len = strlen(walk->path);
    bool item = strcmp(key, "[]") == 0;
    int n;

    if (walk->error)
        return; /* with the path that it is about */
    n = snprintf(walk->path + len, sizeof(walk->path) - len, "%s%s", len && !item ? "." : "", key);
    if (n < 0 || (size_t)n >= sizeof(walk->path) - len || depth >= OA_CONFIG_DEPTH) {
        walk->error = "is too deep";
        return;
    }
    if (!visit_special(walk, id, key))
        visit(walk, id, depth + 1);
    if (!walk->error)
        walk->path[len] = '\0';
}

/* Of a name that stands twice in a list the last counts, and attributes and headers beat attributes_list and
 * headers_list; composite_list is appended to composite. Wherever they stand in the file. */
enum turn { TURN_FIRST, TURN_USUAL, TURN_LAST, TURN_COUNT };

static enum turn turn_of(const char *key)
{
    if (strcmp(key, "attributes_list") == 0 || strcmp(key, "headers_list") == 0)
        return TURN_FIRST;
    return strcmp(key, "composite_list") == 0 ? TURN_LAST : TURN_USUAL;
}

static void visit_mapping(struct oa_config_walk *walk, const yaml_node_t *node, int depth)
{
    for (enum turn turn = TURN_FIRST; turn < TURN_COUNT; turn++)
        for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top;
             pair++)
            if (turn_of(key_text(walk, pair->key)) == turn)
                visit_below(walk, pair->value, key_text(walk, pair->key), depth);
}

static void visit(struct oa_config_walk *walk, int id, int depth)
{
    const yaml_node_t *node = walk->yaml->document_get_node(walk->document, id);

    if (!node || walk->error)
        return;
    switch (node->type) {
    case YAML_MAPPING_NODE:
        visit_mapping(walk, node, depth);
        return;
    case YAML_SEQUENCE_NODE:
        for (const yaml_node_item_t *item = node->data.sequence.items.start; item < node->data.sequence.items.top;
             item++)
            visit_below(walk, *item, "[]", depth);
        return;
    default:
        visit_scalar(walk, id);
    }
}

/* What is left out of a file is not there: no provider, no propagator, no detector. */
static void fill_in(struct oa_settings *settings)
{
    static const char *const lists[] = { "OTEL_TRACES_EXPORTER", "OTEL_METRICS_EXPORTER", "OTEL_LOGS_EXPORTER",
                                         "OTEL_PROPAGATORS", "OTEL_EXPERIMENTAL_RESOURCE_DETECTORS" };

    for (size_t i = 0; i < OA_COUNT(lists); i++)
        if (!oa_settings_has(settings, lists[i]))
            oa_settings_add(settings, lists[i], "none");
    (void)oa_settings_set(settings, "OTEL_METRIC_EXPORT_INTERVAL", "60000"); /* for the console too */
}

void oa_config_walk(struct oa_config_walk *walk)
{
    const yaml_node_t *root = walk->yaml->document_get_root_node(walk->document);
    const char *format;

    if (!root || root->type != YAML_MAPPING_NODE) {
        walk->error = "is no mapping";
        return;
    }
    format = oa_config_scalar(walk, oa_config_child(walk, 1, "file_format"));
    if (!format || strncmp(format, "1.", 2) != 0) {
        walk->error = "has no file_format of 1.x";
        return;
    }
    visit(walk, 1, 0);
    fill_in(&walk->settings);
    if (walk->settings.full)
        walk->error = "says more than there is room for";
}
