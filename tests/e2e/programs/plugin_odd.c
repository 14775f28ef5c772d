/* Plug-ins that are not well: -DODD=1 ... (cases/plugins.py). */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "otel_auto_exporter.h"

static pthread_key_t of_the_thread;

/* What TLS libraries have: something of each thread, taken away when it ends, and by their exit handlers. */
static void thread_ends(void *value)
{
    (void)value;
    (void)!write(2, "the thread ended\n", 17);
}

static void exit_handler(void)
{
    (void)usleep(200000);
}

static int init(const struct otel_auto_setup *setup, void **state)
{
    (void)state;
    setup->log(2, "a line of the plug-in's");
    if (ODD == 7 && pthread_key_create(&of_the_thread, thread_ends) == 0)
        (void)atexit(exit_handler);
    return ODD == 2;
}

static int export_spans(void *state, const struct otel_auto_spans *spans, uint64_t timeout_ns)
{
    (void)state;
    (void)timeout_ns;
    if (ODD == 7)
        (void)pthread_setspecific(of_the_thread, &of_the_thread);
    return ODD == 3 && spans->count ? 5 : 0;
}

#if ODD == 1
int something_else;
#else
const struct otel_auto_exporter otel_auto_exporter = {
    .struct_size = ODD == 4   ? 24
                   : ODD == 6 ? offsetof(struct otel_auto_exporter, export_metrics)
                              : sizeof(otel_auto_exporter),
    .name = "odd",
    .init = init,
    .export_spans = ODD == 5 ? NULL : export_spans,
    .shutdown = ODD == 6 ? (void (*)(void *, uint64_t))8 : NULL, /* beyond its size: never to be called */
};
#endif
