#include "sdk/model/script_name.h"

#include <stdbool.h>

#include "preload/base/compiler.h"

/* begins: of the executable's file name, no letter behind it. valued: options whose next argument is theirs. module:
 * the next argument is what is run. inline_: no script. attached: what is behind them in the same argument is theirs.
 * All surrounded by spaces. clusters: "-ab" is "-a -b". */
static const struct interpreter {
    struct oa_slice begins;
    const char *valued, *module, *inline_, *attached;
    bool clusters;
} interpreters[] = {
    { OA_SLICE("python"), " -X -W --check-hash-based-pycs ", " -m ", " -c - ", " ", true },
    { OA_SLICE("pypy"), " -X -W ", " -m ", " -c - ", " ", true },
#define NODE " -r --require --import --loader -C --conditions ", " ", " -e --eval -p --print - ", " ", true
    { OA_SLICE("node"), NODE },
    { OA_SLICE("nodejs"), NODE },
#undef NODE
    { OA_SLICE("perl"), " -I ", " ", " -e -E - ", " -M -m -F -i -C -D -x ", true },
    { OA_SLICE("ruby"), " -I -r -C -E ", " ", " -e - ", " -F -i -K -W -x ", true },
    { OA_SLICE("php"), " -c -d -z -S -t ", " -f ", " -r -B -R - ", " ", true },
    { OA_SLICE("java"), " -cp -classpath --class-path -p --module-path ", " -jar -m --module ", " ", " ", false },
    { OA_SLICE("bash"), " -O -o --rcfile --init-file ", " ", " -c -s ", " ", true },
    { OA_SLICE("dash"), " -o ", " ", " -c -s ", " ", true },
    { OA_SLICE("sh"), " -o ", " ", " -c -s ", " ", true },
};

enum kind { OTHER, VALUED, MODULE, INLINE, ATTACHED };

static struct oa_slice next_argument(struct oa_slice *rest)
{
    return oa_slice_next(rest, '\0');
}

static bool is_in(const char *words, struct oa_slice word)
{
    struct oa_slice list = oa_slice_of(words);

    while (list.len && word.len)
        if (oa_slice_eq(oa_slice_next(&list, ' '), word))
            return true;
    return false;
}

static enum kind kind_of(const struct interpreter *with, struct oa_slice option)
{
    if (is_in(with->inline_, option))
        return INLINE;
    if (is_in(with->module, option))
        return MODULE;
    if (is_in(with->valued, option))
        return VALUED;
    return is_in(with->attached, option) ? ATTACHED : OTHER;
}

/* What an argument is, several options in one included; ret_rest: what stands behind the one that decided. */
static enum kind read_option(const struct interpreter *with, struct oa_slice argument, struct oa_slice *ret_rest)
{
    enum kind kind = kind_of(with, argument);

    *ret_rest = (struct oa_slice){ NULL, 0 };
    if (kind != OTHER || !with->clusters || argument.len < 3 || argument.ptr[0] != '-' || argument.ptr[1] == '-')
        return kind;
    for (size_t i = 1; i < argument.len && kind == OTHER; i++) {
        const char option[] = { '-', argument.ptr[i] };

        kind = kind_of(with, (struct oa_slice){ option, sizeof(option) });
        *ret_rest = (struct oa_slice){ argument.ptr + i + 1, argument.len - i - 1 };
    }
    return kind == VALUED && ret_rest->len ? ATTACHED : kind;
}

/* python3.11, php8.2 and bash-static, but not shopd and javac. */
static bool is_interpreter(const struct interpreter *with, struct oa_slice program)
{
    char next = program.len > with->begins.len ? program.ptr[with->begins.len] : '\0';

    return oa_slice_starts(program, with->begins) && !((next | 0x20) >= 'a' && (next | 0x20) <= 'z');
}

static const struct interpreter *interpreter_of(struct oa_slice program)
{
    for (size_t i = 0; i < OA_COUNT(interpreters); i++)
        if (is_interpreter(&interpreters[i], program))
            return &interpreters[i];
    return NULL;
}

static struct oa_slice file_name(struct oa_slice path)
{
    const char *slash = path.len ? memrchr(path.ptr, '/', path.len) : NULL;

    return slash ? (struct oa_slice){ slash + 1, path.len - (size_t)(slash + 1 - path.ptr) } : path;
}

struct oa_slice oa_script_name(struct oa_slice program, struct oa_slice cmdline)
{
    const struct interpreter *with = interpreter_of(program);
    const struct oa_slice none = { NULL, 0 };

    if (!with)
        return none;
    (void)next_argument(&cmdline); /* the interpreter itself */
    while (cmdline.len) {
        struct oa_slice argument = next_argument(&cmdline), rest;

        switch (read_option(with, argument, &rest)) {
        case INLINE:
            return none;
        case MODULE:
            return file_name(rest.len ? rest : next_argument(&cmdline));
        case VALUED:
            (void)next_argument(&cmdline);
            break;
        default:
            if (argument.len && argument.ptr[0] != '-')
                return file_name(argument);
        }
    }
    return none;
}
