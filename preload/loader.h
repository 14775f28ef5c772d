/*
 * The helper thread and the SDK object. The helper is born when the first operation is recorded, from
 * an ordinary call of the application, with all signals blocked; it holds the guard for life, opens
 * the SDK object, and drains the ring. A process that ends without one drains on its exit path. When
 * the thread or the object cannot be had, telemetry is off and the program runs as without us.
 */
#ifndef OA_LOADER_H
#define OA_LOADER_H

#include <stdbool.h>
#include <stdint.h>

#include "preload/abi.h"

/* Called once in the constructor: what the SDK object will be given. */
void oa_loader_init(const struct oa_host *host);
/* Has the SDK object read the file of OTEL_CONFIG_FILE (preload/abi.h, configure). Constructor only, before
 * oa_loader_init(); the object stays open. False: there is nothing to go by, and a line has said why. */
bool oa_loader_configure(const struct oa_host *given, const char *path, char *const *envp, char *text, size_t bytes);
/* The console exporter writes to the host's own standard output or error. */
bool oa_loader_exports_to_stream(void);

/* Starts the helper unless it runs, or this is no place for a thread. Cheap when it runs. */
void oa_loader_ensure(void);

/* There is one, and this thread is not it. */
bool oa_loader_has_helper(void);

/* Exports what is queued, by the helper or (if there is none) in this thread; returns at the deadline
 * at the latest. last: no export follows in this process. */
void oa_loader_drain(uint64_t deadline_mono_ns, bool last);

/* Ends the helper thread and waits (bounded) until the kernel has forgotten it: unshare, setns and
 * seccomp want a single thread. for_good: never start another one. */
void oa_loader_park(bool for_good);
/* What a thread was parked for good for did not happen. */
void oa_loader_unpark(void);

/* In a forked child. by_libc: its locks are in order there. Past libc (_Fork, by number) a lock that the helper had
 * is nobody's now: if it was at work, the child does without the SDK object, since opening it might never end. */
void oa_loader_forked(bool by_libc);

/* The main thread leaves by pthread_exit: a helper that is needed from now on ends the process when it
 * is the only thread that is left, as the last of the host's own would have done. */
void oa_loader_main_left(void);

/* The host has created a thread of its own: allocators of executables may be used by us too then. */
void oa_loader_host_threads(void);
bool oa_loader_host_is_threaded(void);

#endif
