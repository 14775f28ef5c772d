/* The sampler of a configuration file, as OTEL_TRACES_SAMPLER and its argument. */
#include <stdio.h>
#include <string.h>

#include "preload/base/compiler.h"
#include "sdk/config/walk.h"

#define COMPOSITE "composite/development"

/* Names of the file and words of the variable; the first of a mapping's keys that is one of them. */
static const struct {
    const char *name, *word;
} samplers[] = {
    { "always_on", "always_on" },
    { "always_off", "always_off" },
    { "trace_id_ratio_based", "traceidratio" },
    { "probability/development", "probability" },
    { COMPOSITE, "" },
    { "jaeger_remote/development", "jaeger_remote" },
};

/* What the parent decides in parent_based where the file says nothing; the variables know no other. */
static const struct {
    const char *key, *sampler;
} delegates[] = {
    { "remote_parent_sampled", "always_on" },
    { "remote_parent_not_sampled", "always_off" },
    { "local_parent_sampled", "always_on" },
    { "local_parent_not_sampled", "always_off" },
};

/* The index in samplers[] of the sampler that this node is, -1: none of them. */
static int which(struct oa_config_walk *walk, int node)
{
    for (size_t i = 0; i < OA_COUNT(samplers); i++)
        if (oa_config_child(walk, node, samplers[i].name))
            return (int)i;
    return -1;
}

static void ignore_below(struct oa_config_walk *walk, const char *key)
{
    size_t len = strlen(walk->path);

    snprintf(walk->path + len, sizeof(walk->path) - len, ".%s", key);
    oa_config_ignore(walk);
    walk->path[len] = '\0';
}

static void ignore_delegate(struct oa_config_walk *walk, const char *key)
{
    char below[OA_CONFIG_PATH];

    snprintf(below, sizeof(below), "parent_based.%s", key);
    ignore_below(walk, below);
}

/* Shares that a composable sampler may be. */
static const struct {
    const char *name, *share;
} shares[] = {
    { "always_on", "1" }, { "always_off", "0" }, { "probability", NULL }, /* its ratio */
};

/*
 * A composite sampler comes to one share, that of its leaf: below parent_threshold it is for those that have no
 * parent, and below parent_based there are no others. What it is else is said, and the default applies.
 */
static void set_composite(struct oa_config_walk *walk, int node, bool parent_based)
{
    const char *word = parent_based ? "parentbased_probability" : "probability", *share;
    int below;

    for (int depth = 0; depth < OA_CONFIG_DEPTH && (below = oa_config_child(walk, node, "parent_threshold"));
         depth++) {
        node = oa_config_child(walk, below, "root");
        word = parent_based ? word : "parent_threshold";
    }
    for (size_t i = 0; i < OA_COUNT(shares); i++) {
        if (!(below = oa_config_child(walk, node, shares[i].name)))
            continue;
        (void)oa_settings_set(&walk->settings, "OTEL_TRACES_SAMPLER", word);
        share = shares[i].share ? shares[i].share : oa_config_scalar(walk, oa_config_child(walk, below, "ratio"));
        if (share)
            (void)oa_settings_set(&walk->settings, "OTEL_TRACES_SAMPLER_ARG", share);
        return;
    }
    ignore_below(walk, oa_config_child(walk, node, "rule_based")
                           ? "composite/development (rule_based asks for attributes, sampling comes before them)"
                           : "composite/development");
}

static void check_delegates(struct oa_config_walk *walk, int parent_based)
{
    for (size_t i = 0; i < OA_COUNT(delegates); i++) {
        int node = oa_config_child(walk, parent_based, delegates[i].key);

        if (node && !oa_config_child(walk, node, delegates[i].sampler))
            ignore_delegate(walk, delegates[i].key);
    }
}

struct argument {
    char text[OA_SETTING_VALUE];
    size_t len;
    bool bad; /* an item that the list cannot hold */
};

static void add_item(struct argument *argument, const char *key, const char *value)
{
    size_t room = sizeof(argument->text) - argument->len;
    int n = snprintf(argument->text + argument->len, room, "%s%s=%s", argument->len ? "," : "", key, value);

    argument->bad |= strchr(value, ',') || n < 0 || (size_t)n >= room;
    argument->len += argument->bad ? 0 : (size_t)n;
}

/* The sampler until there is an answer: a share, all or nothing; its parent decides in any case. */
static const char *initial_share(struct oa_config_walk *walk, int sampler)
{
    int parent_based = oa_config_child(walk, sampler, "parent_based");
    int root = parent_based ? oa_config_child(walk, parent_based, "root") : sampler;

    if (oa_config_child(walk, root, "always_on"))
        return "1";
    if (oa_config_child(walk, root, "always_off"))
        return "0";
    return oa_config_scalar(walk,
                            oa_config_child(walk, oa_config_child(walk, root, "trace_id_ratio_based"), "ratio"));
}

static void set_remote_argument(struct oa_config_walk *walk, int remote)
{
    int initial = oa_config_child(walk, remote, "initial_sampler");
    struct argument argument = { .len = 0 };
    const char *value;

    if ((value = oa_config_scalar(walk, oa_config_child(walk, remote, "endpoint"))))
        add_item(&argument, "endpoint", value);
    if ((value = oa_config_scalar(walk, oa_config_child(walk, remote, "interval"))))
        add_item(&argument, "pollingIntervalMs", value);
    if ((value = initial ? initial_share(walk, initial) : NULL))
        add_item(&argument, "initialSamplingRate", value);
    else if (initial)
        ignore_below(walk, "jaeger_remote/development.initial_sampler");
    if (argument.bad)
        ignore_below(walk, "jaeger_remote/development");
    else if (argument.len)
        (void)oa_settings_set(&walk->settings, "OTEL_TRACES_SAMPLER_ARG", argument.text);
}

void oa_config_sampler(struct oa_config_walk *walk, int node)
{
    int parent_based = oa_config_child(walk, node, "parent_based");
    int root = parent_based ? oa_config_child(walk, parent_based, "root") : node;
    int index = root ? which(walk, root) : 0;
    const char *ratio;
    char word[64];

    if (index < 0) {
        oa_config_ignore(walk); /* the default applies */
        return;
    }
    if (parent_based)
        check_delegates(walk, parent_based);
    if (root && strcmp(samplers[index].name, COMPOSITE) == 0) {
        set_composite(walk, oa_config_child(walk, root, COMPOSITE), parent_based != 0);
        return;
    }
    snprintf(word, sizeof(word), "%s%s", parent_based ? "parentbased_" : "", samplers[index].word);
    (void)oa_settings_set(&walk->settings, "OTEL_TRACES_SAMPLER", word);
    if (!root)
        return;
    root = oa_config_child(walk, root, samplers[index].name);
    if (strcmp(samplers[index].word, "jaeger_remote") == 0)
        set_remote_argument(walk, root);
    else if ((ratio = oa_config_scalar(walk, oa_config_child(walk, root, "ratio"))))
        (void)oa_settings_set(&walk->settings, "OTEL_TRACES_SAMPLER_ARG", ratio);
}
