/*
 * Compiler vocabulary used by both objects: visibility, branch hints, must-check results.
 * Nothing here has code; the header may be included from any floor.
 */
#ifndef OA_BASE_COMPILER_H
#define OA_BASE_COMPILER_H

#define OA_EXPORT __attribute__((visibility("default"), used))
#define OA_MUST_CHECK __attribute__((warn_unused_result))
#define OA_NOINLINE __attribute__((noinline))
#define OA_COLD __attribute__((cold, noinline))
#define OA_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
/* Large zeroed arrays stand behind the small variables (the linker sorts .bss by name), so that a
 * short-lived process touches few pages. */
#define OA_BIG __attribute__((section(".bss.zz_big")))
/* Runs in every process: stands with the rest of what does (preload/layout.ld). */
#define OA_START __attribute__((section(".text.oa_start")))
#define OA_UNUSED __attribute__((unused))

#define oa_likely(x) __builtin_expect(!!(x), 1)
#define oa_unlikely(x) __builtin_expect(!!(x), 0)

/* Initial-exec: no allocation on first touch, hence legal in signal handlers (preload-craft 2.2). */
#define OA_TLS __thread __attribute__((tls_model("initial-exec")))

/* A hint inside a spin loop; no instruction where none is known. */
#if defined(__x86_64__) || defined(__i386__)
#define oa_pause() __builtin_ia32_pause()
#else
#define oa_pause() __asm__ volatile("" ::: "memory")
#endif

#define OA_COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
