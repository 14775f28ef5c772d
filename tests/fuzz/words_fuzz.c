/* SOURCES: sdk/model/script_name.c preload/base/glob.c sdk/encode/prometheus_negotiate.c env/parse.c env/words.c
 * hooks/instrumentation/method.c */
/*
 * The input is a text of the kinds that are short: a command line, a list of globs, an Accept field, a list of
 * exporters or of methods. Properties: what is found lies in what was given, each plug-in of a list has its path,
 * each method of a list is known.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "env/parse.h"
#include "hooks/instrumentation/method.h"
#include "preload/base/glob.h"
#include "sdk/encode/prometheus_text.h"
#include "sdk/model/script_name.h"
#include "tests/fuzz/must.h"

static void fuzz_script(struct oa_slice text)
{
    static const char *const programs[] = { "python3", "node", "java", "bash", "perl", "php", "ruby" };

    for (size_t i = 0; i < OA_COUNT(programs); i++) {
        struct oa_slice name = oa_script_name(oa_slice_of(programs[i]), text);

        must(name.len == 0 || (name.ptr >= text.ptr && name.ptr + name.len <= text.ptr + text.len));
    }
}

static void fuzz_globs(struct oa_slice text)
{
    struct oa_slice rest = text, pattern = oa_slice_next(&rest, '\n');

    if (!rest.ptr)
        rest = OA_SLICE("/usr/bin/env");
    (void)oa_glob_search(pattern, rest);
    if (oa_glob_match(pattern, rest))
        must(pattern.len > 0 || rest.len == 0);
    (void)oa_glob_list(pattern, rest, oa_glob_match);
    must(oa_glob_match(OA_SLICE("*"), text));
}

static void fuzz_list(struct oa_slice text)
{
    const struct oa_words *set = oa_words_get(OA_WORDS_traces_exporters);
    struct oa_list_faults faults;
    struct oa_env_list list;
    char *copy = strndup(text.ptr ? text.ptr : "", text.len);

    if (copy && oa_parse_list(set, oa_slice_of(copy), &list, &faults) == 0) {
        must(list.count <= OA_ENV_LIST_MAX);
        for (uint32_t i = 0; list.text && i < list.count; i++) {
            struct oa_slice argument = oa_list_argument(set, &list, i);

            must(!oa_words_takes_argument(set, list.ids[i]) || argument.len > 0);
        }
    }
    free(copy);
}

static void fuzz_methods(struct oa_slice text)
{
    char *list = strndup(text.len ? text.ptr : "", text.len);
    struct oa_slice rest = list ? oa_slice_of(list) : OA_SLICE("");

    oa_method_init(list ? list : "");
    while (rest.len) {
        struct oa_slice name = oa_slice_trim(oa_slice_next(&rest, ','));

        must(name.len == 0 || oa_method_known(name));
    }
    (void)oa_method_known(text);
    oa_method_init("");
    must(oa_method_known(OA_SLICE("GET")));
    free(list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct oa_slice text = { (const char *)data, size };

    (void)oa_prometheus_negotiate(text);
    fuzz_script(text);
    fuzz_globs(text);
    fuzz_list(text);
    fuzz_methods(text);
    return 0;
}
