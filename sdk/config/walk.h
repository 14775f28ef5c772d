/*
 * Walks a parsed configuration file and writes down what of it there is here (config.def), as variables; what there
 * is not is listed. Nothing is fetched twice, and depth and lengths are bounded: aliases may make rings.
 */
#ifndef OA_SDK_CONFIG_WALK_H
#define OA_SDK_CONFIG_WALK_H

#include "preload/base/compiler.h"
#include "sdk/config/settings.h"
#include "sdk/config/yaml_api.h"

#define OA_CONFIG_PATH 256
#define OA_CONFIG_DEPTH 24
#define OA_CONFIG_SCALARS 4096 /* visited at most */

struct oa_config_walk {
    const struct oa_yaml_api *yaml;
    yaml_document_t *document;
    char *const *envp; /* for ${NAME} */
    struct oa_settings settings;
    const char *error; /* NULL, or why nothing can be used; with `path` */
    uint32_t scalars;
    uint32_t ignored_count;
    char ignored[OA_CONFIG_PATH]; /* the first paths that were left out, as a comma list */
    char path[OA_CONFIG_PATH];    /* of the node at hand */
    char value[OA_SETTING_VALUE]; /* of the scalar at hand */
};

/* Fills settings, ignored and error from the document. */
void oa_config_walk(struct oa_config_walk *walk);

/* Parses the text of a file and walks it; path is for the line that says why it cannot be used (config_file.c). */
int oa_config_parse(struct oa_config_walk *walk, const char *path, const char *text, size_t len) OA_MUST_CHECK;

/* For the parts of the walk. A scalar's value with references replaced, in walk->value; NULL if it is no scalar,
 * null, or an error. */
const char *oa_config_scalar(struct oa_config_walk *walk, int node);
/* The value of a key of a mapping, 0 if it has none. */
int oa_config_child(struct oa_config_walk *walk, int node, const char *key);
/* Notes the path at hand as left out. */
void oa_config_ignore(struct oa_config_walk *walk);
/* Sampler below tracer_provider. */
void oa_config_sampler(struct oa_config_walk *walk, int node);

#endif
