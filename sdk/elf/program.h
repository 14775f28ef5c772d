/*
 * What kind of program is this file, as far as a preloaded library is concerned: will the dynamic
 * linker load us, which libc will it be, and what is known to need care. The launcher asks this
 * (through check_main.c) before it promises anything; it never runs the file.
 */
#ifndef OA_SDK_ELF_PROGRAM_H
#define OA_SDK_ELF_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/base/compiler.h"

#define OA_PROGRAM_PATH_BYTES 256u

enum oa_program_kind {
    OA_PROGRAM_NOT_ELF,
    OA_PROGRAM_SCRIPT,     /* "#!": interpreter says what really runs */
    OA_PROGRAM_DYNAMIC,    /* has an interpreter: the dynamic linker loads us */
    OA_PROGRAM_STATIC,     /* nobody loads us */
    OA_PROGRAM_STATIC_PIE, /* nobody loads us */
    OA_PROGRAM_LIBRARY,    /* a shared object, or the dynamic linker itself */
};

enum oa_program_libc { OA_PROGRAM_LIBC_NONE, OA_PROGRAM_LIBC_GLIBC, OA_PROGRAM_LIBC_MUSL };
enum oa_program_sanitizer { OA_PROGRAM_SANITIZER_NONE, OA_PROGRAM_SANITIZER_ASAN, OA_PROGRAM_SANITIZER_TSAN };

struct oa_program {
    uint8_t kind;      /* enum oa_program_kind */
    uint8_t libc;      /* enum oa_program_libc */
    uint8_t sanitizer; /* enum oa_program_sanitizer */
    uint8_t bits;      /* 32, 64, 0 if not ELF */
    uint16_t machine;  /* e_machine */
    bool go;
    bool ssl_exported;   /* TLS inside the executable, with names that we can hook */
    bool exports_malloc; /* brings its own allocator */
    bool setuid;         /* set-uid, set-gid or file capabilities: the linker ignores LD_PRELOAD */
    char interpreter[OA_PROGRAM_PATH_BYTES];
};

/* 0, or OA_EIO: the file cannot be read (*ret_program untouched). */
int oa_program_inspect(const char *path, struct oa_program *ret_program) OA_MUST_CHECK;

/* "dynamic", "glibc", "asan", "x86_64" and so on; "unknown" for a machine that we have no word for. */
const char *oa_program_kind_word(const struct oa_program *program);
const char *oa_program_libc_word(const struct oa_program *program);
const char *oa_program_sanitizer_word(const struct oa_program *program);
const char *oa_program_machine_word(const struct oa_program *program);

#endif
