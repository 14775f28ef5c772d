/*
 * The environment that a child gets: a copy of the array with TRACEPARENT and its companions set to
 * whose work this thread does, LD_PRELOAD and OTEL_* put back where a hand-made environment lost
 * them, and OTEL_AUTO_RESUME where the process itself becomes another program. Everything lives where the caller
 * says, its stack or a mapping: legal between vfork and exec, and in signal handlers.
 *
 * Left alone: a TRACEPARENT that the program set itself; a NULL environment; an LD_PRELOAD that the
 * child is given, whatever it names, and with it OTEL_*; the fields of propagators that are not
 * configured; everything, if the program removed LD_PRELOAD from its own environment (env -i, unset),
 * or OTEL_AUTO_PROPAGATE_ENV=false.
 */
#ifndef OA_CHILD_ENV_H
#define OA_CHILD_ENV_H

#include <stdbool.h>
#include <stddef.h>

#include "hooks/instrumentation/op.h"

struct oa_child_env {
    char *const *from;
    size_t count; /* entries of from */
    const struct oa_context *ctx;
    struct oa_op *op;      /* held: ctx's lists point into it */
    struct oa_context own; /* storage for an operation's context */
    char resume[128];
    size_t resume_len;
    bool restore; /* bring LD_PRELOAD and OTEL_* back */
    bool set_context;
    size_t entries; /* of the copy */
    size_t bytes;   /* what fill() needs; 0 = hand `from` on as it is */
    void *mapped;   /* by map() */
};

/* becomes: this process itself execs. Sizes the copy. Pair with release, which leaves errno alone. */
void oa_child_env_plan(struct oa_child_env *env, char *const *from, bool becomes);
/* Memory for fill() that is not the caller's stack, NULL if there is none; goes with release. */
void *oa_child_env_map(struct oa_child_env *env);
/* Builds the array in mem (env->bytes); NULL: `from` as it is. */
char *const *oa_child_env_fill(struct oa_child_env *env, void *mem);
void oa_child_env_release(struct oa_child_env *env);

#endif
