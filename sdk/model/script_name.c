#include "sdk/model/script_name.h"

#include <stdbool.h>

#include "preload/base/compiler.h"

/* begins: of the executable's file name. valued: options whose next argument is theirs. module: the next
 * argument is what is run. inline_: no script. All surrounded by spaces. letter: the same for where it stands
 * among others ("-ec", "-lane"). */
static const struct interpreter {
    struct oa_slice begins;
    const char *valued, *module, *inline_;
    char letter;
} interpreters[] = {
    { OA_SLICE("python"), " -X -W --check-hash-based-pycs ", " -m ", " -c - ", 0 },
    { OA_SLICE("pypy"), " -X -W ", " -m ", " -c - ", 0 },
    { OA_SLICE("node"), " -r --require --import --loader -C --conditions ", " ", " -e --eval -p --print - ", 0 },
    { OA_SLICE("perl"), " -I ", " ", " -e -E - ", 'e' },
    { OA_SLICE("ruby"), " -I -r -C -E ", " ", " -e - ", 'e' },
    { OA_SLICE("php"), " -c -d -z -S -t ", " -f ", " -r -B -R - ", 0 },
    { OA_SLICE("java"), " -cp -classpath --class-path -p --module-path ", " -jar -m --module ", " ", 0 },
    { OA_SLICE("bash"), " -O -o --rcfile --init-file ", " ", " -c -s ", 'c' },
    { OA_SLICE("dash"), " -o ", " ", " -c -s ", 'c' },
    { OA_SLICE("sh"), " -o ", " ", " -c -s ", 'c' },
};

static struct oa_slice next_argument(struct oa_slice *rest)
{
    return oa_slice_next(rest, '\0');
}

static bool is_in(const char *words, struct oa_slice word)
{
    struct oa_slice list = oa_slice_of(words);

    while (list.len)
        if (word.len && oa_slice_eq(oa_slice_next(&list, ' '), word))
            return true;
    return false;
}

static bool has_letter(const struct interpreter *with, struct oa_slice option)
{
    return with->letter && option.len > 2 && option.ptr[0] == '-' && option.ptr[1] != '-' &&
           memchr(option.ptr, with->letter, option.len);
}

static const struct interpreter *interpreter_of(struct oa_slice program)
{
    for (size_t i = 0; i < OA_COUNT(interpreters); i++)
        if (oa_slice_starts(program, interpreters[i].begins))
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
        struct oa_slice argument = next_argument(&cmdline);

        if (is_in(with->inline_, argument) || has_letter(with, argument))
            return none;
        if (is_in(with->module, argument))
            return file_name(next_argument(&cmdline));
        if (is_in(with->valued, argument))
            (void)next_argument(&cmdline);
        else if (argument.len && argument.ptr[0] != '-')
            return file_name(argument);
    }
    return none;
}
