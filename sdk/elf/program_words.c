#include <elf.h>
#include <stddef.h>

#include "sdk/elf/program.h"

const char *oa_program_kind_word(const struct oa_program *program)
{
    static const char *const words[] = {
        [OA_PROGRAM_NOT_ELF] = "not-elf", [OA_PROGRAM_SCRIPT] = "script",         [OA_PROGRAM_DYNAMIC] = "dynamic",
        [OA_PROGRAM_STATIC] = "static",   [OA_PROGRAM_STATIC_PIE] = "static-pie", [OA_PROGRAM_LIBRARY] = "library",
    };

    return words[program->kind];
}

const char *oa_program_libc_word(const struct oa_program *program)
{
    static const char *const words[] = {
        [OA_PROGRAM_LIBC_NONE] = "none",
        [OA_PROGRAM_LIBC_GLIBC] = "glibc",
        [OA_PROGRAM_LIBC_MUSL] = "musl",
    };

    return words[program->libc];
}

const char *oa_program_sanitizer_word(const struct oa_program *program)
{
    static const char *const words[] = {
        [OA_PROGRAM_SANITIZER_NONE] = "none",
        [OA_PROGRAM_SANITIZER_ASAN] = "asan",
        [OA_PROGRAM_SANITIZER_TSAN] = "tsan",
    };

    return words[program->sanitizer];
}

const char *oa_program_machine_word(const struct oa_program *program)
{
    static const struct {
        uint16_t machine;
        const char *word;
    } words[] = {
        { EM_X86_64, "x86_64" }, { EM_AARCH64, "aarch64" }, { EM_386, "i386" },      { EM_ARM, "arm" },
        { EM_PPC64, "ppc64" },   { EM_S390, "s390x" },      { EM_RISCV, "riscv64" }, { EM_LOONGARCH, "loongarch64" },
        { EM_MIPS, "mips" },     { EM_PPC, "ppc" },
    };

    for (size_t i = 0; i < OA_COUNT(words); i++)
        if (words[i].machine == program->machine)
            return words[i].word;
    return "unknown";
}
