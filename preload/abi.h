/*
 * The whole contract between libotel-auto.so (the host side) and libotel-auto-sdk.so. Both structs
 * start with struct_size and only ever grow at the end: a reader tests the size before it uses a
 * later field. No errno, FILE*, locale or ownership of memory crosses.
 *
 * Threads: after open(), exactly one thread at a time calls into struct oa_sdk (the helper thread,
 * or the exit path of a process that has none). It holds the recursion guard: hooks pass through.
 */
#ifndef OA_ABI_H
#define OA_ABI_H

#include <stddef.h>
#include <stdint.h>

#include "preload/record.h"

#define OA_ABI_VERSION 1u
#define OA_SDK_SYMBOL "oa_sdk_open"

struct oa_cells;
struct oa_env;
struct oa_strategy;

/* What the host side offers. Lives as long as the process. */
struct oa_host {
    uint32_t struct_size;
    uint32_t version;
    const struct oa_env *env;    /* immutable snapshot, env/env.h */
    uint32_t env_size;           /* sizeof(struct oa_env): both objects must agree */
    uint32_t fork_generation;    /* 0 in the first process, +1 in each forked child; read at start() */
    struct oa_ring_header *ring; /* what to drain; read at start(): a forked child has a new one */
    uint64_t process_start_unix_ns;
    const char *exe_path;      /* of /proc/self/exe, "" if unreadable */
    const char *service_guess; /* default service name without "unknown_service:", "" if none */
    /* Descriptors of ours: hooks ignore them, a forked child closes its copies. identity is
     * compared by fstat before the close, so a number the host reused is never touched. */
    void (*own_fd_add)(int fd);
    void (*own_fd_remove)(int fd);
    /* Non-zero once the exit path waits: back-offs and waits must end early. */
    int (*stopping)(void);
    /* 1: from now on work() does nothing but wait, until 0. NULL: nobody wants to know (oa_forkgate_wait). */
    void (*waiting)(int begins);
    /* One diagnostic line, without prefix and newline; level is an enum oa_log_level. */
    void (*log)(int level, const char *line);
    /* What this process has counted, and what its family has (preload/cells.h); NULL: nothing yet, or not
     * wanted. Asked at each collection; a region stays mapped for the life of the process. */
    struct oa_cells *(*cells)(void);
    struct oa_cells *(*family_cells)(void);
    /* A collection begins: what the hooks still hold back is put into the cells. */
    void (*collecting)(void);
    /* First call of a thread that the SDK object has made: it is not observed from then on. And when it is joined. */
    void (*thread_begin)(void);
    void (*thread_ended)(void);
    /* A server's sampling strategy, in force from now on (preload/strategy.h). Borrowed for the call. */
    void (*sampling)(const struct oa_strategy *strategy);
    /* 1: a library is at work that must not be when the program's exit handlers run: its end waits until that is
     * over, which it has to be soon once stopping() says so. Non-zero: too late, they may be running; stay out of it.
     * 0: no longer. */
    int (*in_library)(int at_work);
    /* The ring of log records: NULL until there is one, then what else is to be drained. A forked child has a new
     * one. */
    struct oa_ring_header *(*log_ring)(void);
};

enum oa_work_flags {
    OA_WORK_FLUSH = 1,    /* export everything that is queued now */
    OA_WORK_SHUTDOWN = 2, /* flush, then close; no call follows in this process */
    OA_WORK_PAUSE = 4,    /* nothing but: end the threads that the SDK object has made */
};

/* What the SDK object offers. */
struct oa_sdk {
    uint32_t struct_size;
    uint32_t version;
    /* Builds the pipeline from host->env and sets ring->wake_at_items. Called again in a forked
     * child: everything of the parent is forgotten, never flushed or closed politely.
     * Returns 0 or a negative OA_E* (telemetry is then off). */
    int (*start)(const struct oa_host *host);
    /* Drains the ring and exports what is due, not beyond deadline_mono_ns (0 = the exporters' own
     * time-outs). Returns how many ns may pass before the next call (UINT64_MAX: until woken). */
    uint64_t (*work)(uint32_t flags, uint64_t deadline_mono_ns);
    /* Before start(), in the constructor, if OTEL_CONFIG_FILE is set: what the file says, as "NAME=value" texts,
     * each terminated, an empty one behind the last. envp: what the file's references are looked up in.
     * 0, or a negative OA_E* when nothing of it can be used; host->log has then been told why. */
    int (*configure)(const struct oa_host *host, const char *path, char *const *envp, char *text, size_t bytes);
};

/* The one symbol that libotel-auto-sdk.so exports besides the allocator names. NULL when versions
 * or sizes disagree. */
typedef const struct oa_sdk *oa_sdk_open_fn(const struct oa_host *host);

/* The host's allocator (preload/host_alloc.c), reached by the allocator names that the SDK object
 * defines for itself and for the libraries it brings. */
void *oa_host_malloc(size_t size);
void *oa_host_calloc(size_t n, size_t size);
void *oa_host_realloc(void *ptr, size_t size);
void oa_host_free(void *ptr);
int oa_host_posix_memalign(void **ret_ptr, size_t align, size_t size);
void *oa_host_aligned_alloc(size_t align, size_t size);
void *oa_host_memalign(size_t align, size_t size);
size_t oa_host_malloc_usable_size(void *ptr);

#endif
