/* SOURCES: sdk/config/config_file.c sdk/config/walk.c sdk/config/paths.c sdk/config/sampler.c
 * sdk/config/settings.c sdk/config/substitute.c sdk/config/yaml_api.c preload/base/log.c env/env.c
 * env/entities.c env/rules.c env/sampler_arg.c env/message.c env/table.c env/words.c env/parse.c env/peers.c
 * env/resource.c env/text.c env/url.c env/otlp.c env/unix_target.c env/headers.c */
/*
 * The input is a configuration file. Properties: what comes of it is a list of "NAME=value" texts within the room
 * given, each name once and one of ours, and the environment's loader takes it.
 */
#include "sdk/config/config_file.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "env/env.h"
#include "preload/base/log.h"
#include "sdk/config/walk.h"
#include "tests/fuzz/must.h"

static char *const env[] = { "A=one", "B=true", "C=7", NULL };
static char text[16 * 1024];
static char *entries[OA_SETTINGS_MAX + 2];
static char quiet[] = "OTEL_AUTO_LOG=/dev/null";

static void check_texts(void)
{
    size_t count = 0;

    for (char *at = text; *at; at += strlen(at) + 1) {
        const char *end = strchr(at, '=');

        must(end != NULL && strncmp(at, "OTEL_", 5) == 0 && count < OA_SETTINGS_MAX);
        for (size_t i = 0; i < count; i++)
            must(strncmp(entries[i], at, (size_t)(end - at) + 1) != 0);
        entries[count++] = at;
    }
    entries[count++] = quiet;
    entries[count] = NULL;
    oa_env_load(entries);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct oa_config_walk walk;

    oa_log_init(OA_LOG_NONE, "");
    memset(&walk, 0, sizeof(walk));
    walk.yaml = oa_yaml_api_get();
    walk.envp = env;
    if (!walk.yaml)
        return 0;
    if (oa_config_parse(&walk, "file", (const char *)data, size) == 0 &&
        oa_settings_write(&walk.settings, text, sizeof(text)))
        check_texts();
    return 0;
}
