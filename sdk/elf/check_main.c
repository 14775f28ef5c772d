/*
 * otel-auto-elf FILE: prints what the launcher wants to know about a program, one key=value per line.
 * Exit status 0; 1 if the file cannot be read (one line on stderr); 2 for wrong usage.
 */
#include <stdio.h>

#include "preload/base/slice.h"
#include "sdk/elf/build_id.h"
#include "sdk/elf/program.h"

static void print_program(const struct oa_program *program)
{
    printf("kind=%s\n", oa_program_kind_word(program));
    printf("machine=%s\n", program->bits ? oa_program_machine_word(program) : "none");
    printf("class=%u\n", program->bits);
    printf("interpreter=%s\n", program->interpreter);
    printf("libc=%s\n", oa_program_libc_word(program));
    printf("go=%d\n", program->go);
    printf("sanitizer=%s\n", oa_program_sanitizer_word(program));
    printf("ssl_exported=%d\n", program->ssl_exported);
    printf("setuid=%d\n", program->setuid);
    printf("exports_malloc=%d\n", program->exports_malloc);
}

int main(int argc, char **argv)
{
    char text[OA_BUILD_ID_TEXT_BYTES];
    struct oa_program program;
    struct oa_slice build_id;

    if (argc != 2) {
        fprintf(stderr, "usage: %s FILE\n", argc ? argv[0] : "otel-auto-elf");
        return 2;
    }
    if (oa_program_inspect(argv[1], &program) < 0) {
        fprintf(stderr, "otel-auto-elf: cannot read %s\n", argv[1]);
        return 1;
    }
    print_program(&program);
    build_id = oa_build_id_gnu(text, argv[1]);
    printf("build_id=%.*s\n", (int)build_id.len, build_id.ptr);
    return 0;
}
