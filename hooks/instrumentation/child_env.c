#include "hooks/instrumentation/child_env.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "env/env.h"
#include "hooks/instrumentation/carrier.h"
#include "hooks/instrumentation/parent.h"
#include "hooks/instrumentation/process.h"
#include "preload/base/pointer.h"
#include "preload/fdtab.h"
#include "sdk/propagation/propagator.h"
#include "sdk/propagation/tracecontext.h"

#define ENTRIES_MAX 8192u

extern char **environ;

/* Where strings go while the array is built, or only how long they are (at = NULL). */
struct out {
    char **array;
    size_t n;
    char *at;
    size_t text;
};

static bool has_name(const char *entry, struct oa_slice name)
{
    return strncmp(entry, name.ptr, name.len) == 0 && entry[name.len] == '=';
}

static const char *find(char *const *env, struct oa_slice name)
{
    for (; *env; env++)
        if (has_name(*env, name))
            return *env;
    return NULL;
}

/* The environment name of a carrier field: upper case, everything else an underscore. */
static size_t env_name(char *out, struct oa_slice field)
{
    for (size_t i = 0; i < field.len; i++) {
        char c = field.ptr[i];

        if (c >= 'a' && c <= 'z')
            c = (char)(c - 'a' + 'A');
        out[i] = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ? c : '_';
    }
    return field.len;
}

/* The entries that ours take the place of: what we write, and every other text that names a parent, which a
 * reader might believe before ours. */
static uint32_t fields_replaced(void)
{
    return oa_carrier_writes() | (oa_carrier_reads() & oa_fields_of_spans);
}

/* Does the parent's entry belong to what we set ourselves? */
static bool replaced(const struct oa_child_env *env, const char *entry)
{
    char name[32];

    if (has_name(entry, OA_SLICE("OTEL_AUTO_RESUME")))
        return true;
    if (!env->set_context)
        return false;
    for (int f = 0; f < OA_FIELD_COUNT; f++) {
        struct oa_slice field = oa_field_name((enum oa_field)f);

        if (!(fields_replaced() & 1u << f) || (oa_fields_by_prefix & 1u << f) || field.len >= sizeof(name))
            continue;
        if (has_name(entry, (struct oa_slice){ name, env_name(name, field) }))
            return true;
    }
    return false;
}

static void add_text(struct out *out, struct oa_slice name, struct oa_slice value)
{
    size_t len = name.len + 1 + value.len + 1;

    if (out->at) {
        out->array[out->n] = out->at;
        memcpy(out->at, name.ptr, name.len);
        out->at[name.len] = '=';
        memcpy(out->at + name.len + 1, value.ptr, value.len);
        out->at[len - 1] = '\0';
        out->at += len;
    }
    out->text += len;
    out->n++;
}

static void add_entry(struct out *out, const char *entry)
{
    if (out->array)
        out->array[out->n] = (char *)entry;
    out->n++;
}

struct env_setter {
    struct oa_setter base;
    struct out *out;
};

static void set_field(struct oa_setter *base, enum oa_field field, struct oa_slice value)
{
    struct oa_slice name = oa_field_name(field);
    char text[32];

    if (name.len < sizeof(text) && !(oa_fields_by_prefix & 1u << field))
        add_text(((struct env_setter *)base)->out, (struct oa_slice){ text, env_name(text, name) }, value);
}

static void build(const struct oa_child_env *env, struct out *out)
{
    const struct oa_env_list *list = &oa_env()->propagators;
    struct env_setter setter = { .base.set = set_field, .out = out };

    for (char *const *e = env->from; *e; e++)
        if (!replaced(env, *e))
            add_entry(out, *e);
    if (env->restore)
        for (char *const *e = environ; *e; e++)
            if (has_name(*e, OA_SLICE("LD_PRELOAD")) || (strncmp(*e, "OTEL_", 5) == 0 && !replaced(env, *e) &&
                                                         !find(env->from, (struct oa_slice){ *e, strcspn(*e, "=") })))
                add_entry(out, *e);
    if (env->set_context)
        oa_propagation_inject(list->ids, list->count, env->ctx, &setter.base);
    if (env->resume_len)
        add_text(out, OA_SLICE("OTEL_AUTO_RESUME"), (struct oa_slice){ env->resume, env->resume_len });
}

/* A TRACEPARENT (B3 and so on) other than the one that this program was started with is the program's own
 * word, as a traceparent in a request head is. */
static bool names_its_own(char *const *from)
{
    uint32_t fields = oa_carrier_reads() & oa_fields_of_spans;
    char name[32];

    for (int f = 0; f < OA_FIELD_COUNT; f++) {
        struct oa_slice field = oa_field_name((enum oa_field)f);
        const char *entry;

        if (!(fields & 1u << f) || field.len >= sizeof(name))
            continue;
        entry = find(from, (struct oa_slice){ name, env_name(name, field) });
        if (entry && strcmp(entry + field.len + 1, oa_carrier_env_value((enum oa_field)f)) != 0)
            return true;
    }
    return false;
}

/* Whose work is it? The thread's current request, else the process; else what was inherited stays. */
static void choose_context(struct oa_child_env *env)
{
    if (names_its_own(env->from))
        return;
    env->op = oa_op_acquire(oa_parent_current());
    if (env->op) {
        env->own = (struct oa_context){
            .span = env->op->self,
            .tracestate = oa_op_text(env->op, OA_OP_STATE_LIST),
            .baggage = oa_op_text(env->op, OA_OP_BAGGAGE_LIST),
        };
        env->ctx = &env->own;
    } else {
        env->ctx = oa_process_context();
    }
    env->set_context = env->ctx != NULL && oa_env()->propagators.count > 0;
}

/* An environment made from nothing has lost LD_PRELOAD by oversight; one made from ours has not. It is ours if
 * it still has a setting of this library as it is here, or everything but what the loader reads: a shell's after
 * `unset LD_PRELOAD`. */
static bool made_from_ours(char *const *from)
{
    bool everything = true;

    for (char *const *e = environ; *e; e++) {
        const char *theirs = find(from, (struct oa_slice){ *e, strcspn(*e, "=") });

        if (theirs && strncmp(*e, "OTEL_", 5) == 0 && strcmp(theirs, *e) == 0)
            return true;
        everything &= theirs || strncmp(*e, "LD_", 3) == 0;
    }
    return everything;
}

void oa_child_env_plan(struct oa_child_env *env, char *const *from, bool becomes)
{
    struct out out = { 0 };

    *env = (struct oa_child_env){ .from = from };
    if (!oa_may_be_mapped(from) || oa_fd_limit == 0 || !oa_env()->auto_propagate_env || !environ ||
        !find(environ, OA_SLICE("LD_PRELOAD")))
        return;
    for (; from[env->count]; env->count++)
        if (env->count > ENTRIES_MAX || !oa_may_be_mapped(from[env->count]))
            return; /* the kernel says what it thinks of it */
    env->restore = from != environ && !find(from, OA_SLICE("LD_PRELOAD")) && !made_from_ours(from);
    if (becomes && (oa_process_may_be_given() || !names_its_own(from)))
        env->resume_len = oa_process_resume(env->resume).len;
    if (!env->resume_len)
        choose_context(env);
    build(env, &out);
    env->entries = out.n;
    env->bytes = (out.n + 1) * sizeof(char *) + out.text;
}

void *oa_child_env_map(struct oa_child_env *env)
{
    int saved = errno;
    void *mem = mmap(NULL, env->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    errno = saved;
    return env->mapped = mem == MAP_FAILED ? NULL : mem;
}

char *const *oa_child_env_fill(struct oa_child_env *env, void *mem)
{
    struct out out = { .array = mem };

    if (env->bytes == 0 || !mem)
        return env->from;
    out.at = (char *)mem + (env->entries + 1) * sizeof(char *); /* strings follow the array */
    build(env, &out);
    out.array[out.n] = NULL;
    return out.array;
}

void oa_child_env_release(struct oa_child_env *env)
{
    if (env->op)
        oa_op_release(env->op);
    env->op = NULL;
    if (env->mapped)
        (void)munmap(env->mapped, env->bytes); /* cannot fail */
    env->mapped = NULL;
}
