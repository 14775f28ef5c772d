/* SOURCES: sdk/elf/program.c sdk/elf/program_words.c sdk/elf/elf_file.c tests/support/elf_image.c
 * LIBS: -lelf -rdynamic */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "preload/base/err.h"
#include "sdk/elf/program.h"
#include "tests/support/elf_image.h"

/* In this program's own table of exported names: it looks like one with its own TLS library. */
__attribute__((visibility("default"))) int SSL_write(void);
int SSL_write(void)
{
    return 0;
}

TestSuite(program, .fini = oa_test_file_remove);

static struct oa_program inspect(const void *bytes, size_t len)
{
    struct oa_program program;

    cr_assert_eq(oa_program_inspect(oa_test_file(bytes, len), &program), 0);
    return program;
}

Test(program, dynamic)
{
    struct oa_test_elf elf;
    struct oa_program program;

    oa_test_elf_init(&elf, ET_DYN);
    oa_test_elf_segment(&elf, PT_INTERP, "/lib64/ld-linux-x86-64.so.2", 28);
    program = inspect(elf.bytes, elf.len);
    cr_assert_str_eq(oa_program_kind_word(&program), "dynamic");
    cr_assert_str_eq(oa_program_machine_word(&program), "x86_64");
    cr_assert_str_eq(program.interpreter, "/lib64/ld-linux-x86-64.so.2");
    cr_assert_eq(program.bits, 64);
    cr_assert(!program.go && !program.setuid && !program.ssl_exported && !program.exports_malloc);
}

Test(program, dynamic__musl)
{
    struct oa_test_elf elf;
    struct oa_program program;

    oa_test_elf_init(&elf, ET_EXEC);
    oa_test_elf_segment(&elf, PT_INTERP, "/lib/ld-musl-aarch64.so.1", 26);
    elf.head.e_machine = EM_AARCH64;
    program = inspect(elf.bytes, elf.len);
    cr_assert_str_eq(oa_program_kind_word(&program), "dynamic");
    cr_assert_str_eq(oa_program_libc_word(&program), "musl");
    cr_assert_str_eq(oa_program_machine_word(&program), "aarch64");
}

Test(program, kinds)
{
    struct oa_test_elf elf;

    oa_test_elf_init(&elf, ET_EXEC);
    cr_expect_eq(inspect(elf.bytes, elf.len).kind, OA_PROGRAM_STATIC);
    oa_test_elf_init(&elf, ET_DYN);
    cr_expect_eq(inspect(elf.bytes, elf.len).kind, OA_PROGRAM_STATIC_PIE);
    oa_test_elf_init(&elf, ET_CORE);
    cr_expect_eq(inspect(elf.bytes, elf.len).kind, OA_PROGRAM_LIBRARY);
    cr_expect_eq(inspect("MZ", 2).kind, OA_PROGRAM_NOT_ELF);
    cr_expect_eq(inspect("", 0).kind, OA_PROGRAM_NOT_ELF);
}

Test(program, go)
{
    struct oa_test_elf elf;

    oa_test_elf_init(&elf, ET_EXEC);
    oa_test_elf_note(&elf, "Go", 4, "id", 2);
    cr_assert(inspect(elf.bytes, elf.len).go);
}

Test(program, script__rows)
{
    static const struct {
        const char *text;
        const char *interpreter;
    } rows[] = {
        { "#!/bin/sh\necho\n", "/bin/sh" },
        { "#! /usr/bin/env  python3 -x\n", "/usr/bin/env" },
        { "#!\t/bin/a\t-b", "/bin/a" },
        { "#!", "" },
        { "#!\n/bin/sh", "" },
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        struct oa_program program = inspect(rows[i].text, strlen(rows[i].text));

        cr_expect_str_eq(oa_program_kind_word(&program), "script");
        cr_expect_str_eq(program.interpreter, rows[i].interpreter, "row %zu", i);
    }
}

/* What the linker made of this test: names come from its sections. */
Test(program, this_program)
{
    struct oa_program program;

    cr_assert_eq(oa_program_inspect("/proc/self/exe", &program), 0);
    cr_assert_str_eq(oa_program_kind_word(&program), "dynamic");
    cr_assert(program.ssl_exported);
#ifdef __GLIBC__
    cr_assert_str_eq(oa_program_libc_word(&program), "glibc");
#endif
#ifdef __SANITIZE_ADDRESS__
    cr_assert_str_eq(oa_program_sanitizer_word(&program), "asan");
#elif defined(__SANITIZE_THREAD__)
    cr_assert_str_eq(oa_program_sanitizer_word(&program), "tsan");
#else
    cr_assert_str_eq(oa_program_sanitizer_word(&program), "none");
#endif
}

Test(program, setuid)
{
    const char *path = oa_test_file("#!/bin/sh\n", 10);
    struct oa_program program;

    cr_assert_eq(chmod(path, 04755), 0);
    cr_assert_eq(oa_program_inspect(path, &program), 0);
    cr_assert(program.setuid);
}

Test(program, unreadable)
{
    struct oa_program program;

    cr_assert_eq(oa_program_inspect("/nowhere", &program), OA_EIO);
    cr_assert_eq(oa_program_inspect("/", &program), OA_EIO);
}

Test(program, interpreter__odd)
{
    char longer[OA_PROGRAM_PATH_BYTES + 1] = "/too/long";
    struct oa_test_elf elf;
    struct oa_program program;

    oa_test_elf_init(&elf, ET_DYN);
    oa_test_elf_segment(&elf, PT_INTERP, longer, sizeof(longer));
    program = inspect(elf.bytes, elf.len);
    cr_assert_eq(program.kind, OA_PROGRAM_DYNAMIC);
    cr_assert_str_eq(program.interpreter, "");
    oa_test_elf_init(&elf, ET_DYN);
    oa_test_elf_segment(&elf, PT_INTERP, "unterminated", 12);
    program = inspect(elf.bytes, elf.len);
    cr_assert_str_eq(program.interpreter, "unterminate");
}

Test(program, corrupted)
{
    struct oa_test_elf good;

    srand(4);
    oa_test_elf_init(&good, ET_DYN);
    oa_test_elf_segment(&good, PT_INTERP, "/lib64/ld-linux-x86-64.so.2", 28);
    oa_test_elf_note(&good, "Go", 4, "id", 2);
    for (int round = 0; round < 3000; round++) {
        struct oa_test_elf elf = good;

        for (int k = rand() % 4; k >= 0; k--)
            elf.bytes[SELFMAG + (unsigned)rand() % (elf.len - SELFMAG)] = (char)rand();
        (void)inspect(elf.bytes, elf.len - (unsigned)rand() % 64);
    }
}
