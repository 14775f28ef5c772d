#include "sdk/config/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "preload/base/err.h"
#include "preload/base/log.h"
#include "sdk/config/walk.h"

#define NAME "OTEL_CONFIG_FILE"
#define BRACKETS_MAX 1000u

static ssize_t read_all(int fd, char *text, size_t cap)
{
    size_t len = 0;
    ssize_t n;

    while (len < cap && (n = read(fd, text + len, cap - len)) != 0) {
        if (n < 0 && errno != EINTR)
            return -1;
        len += n > 0 ? (size_t)n : 0;
    }
    return (ssize_t)len;
}

/* A regular file only: the program must not wait for somebody to write into a pipe. */
static ssize_t read_file(const char *path, char *text, size_t cap)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;
    ssize_t n = -1;

    if (fd < 0)
        return -1;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        n = read_all(fd, text, cap);
    (void)close(fd);
    return n;
}

/* For each word libyaml looks at every bracket that is open: a file of nothing else takes it minutes. Brackets in
 * quotes are counted too, but nobody opens so many. */
static bool is_too_deep(const char *text, size_t len)
{
    uint32_t open = 0;

    for (size_t i = 0; i < len && open <= BRACKETS_MAX; i++) {
        open += text[i] == '[' || text[i] == '{';
        open -= open && (text[i] == ']' || text[i] == '}');
    }
    return open > BRACKETS_MAX;
}

int oa_config_parse(struct oa_config_walk *walk, const char *path, const char *text, size_t len)
{
    yaml_document_t document;
    yaml_parser_t parser;

    if (is_too_deep(text, len)) {
        oa_log(OA_LOG_ERROR, NAME ": %.200s is too deep; continuing without telemetry", path);
        return OA_EMALFORMED;
    }
    if (!walk->yaml->parser_initialize(&parser))
        return OA_ENOMEM;
    walk->yaml->parser_set_input_string(&parser, (const unsigned char *)text, len);
    if (!walk->yaml->parser_load(&parser, &document)) {
        oa_log(OA_LOG_ERROR, NAME ": %.200s, line %zu: %s; continuing without telemetry", path,
               parser.problem_mark.line + 1, parser.problem ? parser.problem : "cannot be parsed");
        walk->yaml->parser_delete(&parser);
        return OA_EMALFORMED;
    }
    walk->document = &document;
    oa_config_walk(walk);
    walk->yaml->document_delete(&document);
    walk->yaml->parser_delete(&parser);
    if (!walk->error)
        return OA_OK;
    oa_log(OA_LOG_ERROR, NAME ": %.200s%s%.100s %s; continuing without telemetry", path, walk->path[0] ? ": " : "",
           walk->path, walk->error);
    return OA_EMALFORMED;
}

static int convert(struct oa_config_walk *walk, const char *path, char *text, size_t bytes)
{
    char *content = malloc(OA_CONFIG_FILE_BYTES);
    ssize_t len = content ? read_file(path, content, OA_CONFIG_FILE_BYTES) : -1;
    int err = OA_EIO;

    if (len < 0 || len == OA_CONFIG_FILE_BYTES)
        oa_log(OA_LOG_ERROR,
               NAME ": %.200s cannot be read, or is no file of less than %u bytes; "
                    "continuing without telemetry",
               path, OA_CONFIG_FILE_BYTES);
    else
        err = oa_config_parse(walk, path, content, (size_t)len);
    free(content);
    if (err != OA_OK)
        return err;
    if (walk->ignored_count)
        oa_log(OA_LOG_WARN, NAME ": ignored, there is no such thing here: %s (%u in all)", walk->ignored,
               walk->ignored_count);
    return oa_settings_write(&walk->settings, text, bytes) ? OA_OK : OA_EFULL;
}

int oa_config_file_read(const char *path, char *const *envp, char *text, size_t bytes)
{
    const struct oa_yaml_api *yaml = oa_yaml_api_get();
    struct oa_config_walk *walk = yaml ? calloc(1, sizeof(*walk)) : NULL;
    int err;

    if (!walk) {
        oa_log(OA_LOG_ERROR, NAME ": %s; continuing without telemetry",
               yaml ? "out of memory" : "libyaml (libyaml-0.so.2) is not installed");
        return OA_ENOTSUP;
    }
    walk->yaml = yaml;
    walk->envp = envp;
    err = convert(walk, path, text, bytes);
    free(walk);
    return err;
}
