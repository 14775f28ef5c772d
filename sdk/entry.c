/*
 * The one door of libotel-auto-sdk.so: oa_sdk_open() (preload/abi.h). Holds the current pipeline and
 * nothing else; a forked child starts over and leaves what it inherited where it lies.
 */
#include "env/env.h"
#include "preload/abi.h"
#include "preload/base/clock.h"
#include "preload/base/compiler.h"
#include "preload/base/err.h"
#include "preload/base/log.h"
#include "sdk/config/config_file.h"
#include "sdk/pipeline/pipeline.h"

static struct oa_pipeline *sdk_pipeline; /* of this process; NULL: telemetry is off */

static void sdk_log(const struct oa_host *host)
{
    oa_log_init((enum oa_log_level)host->env->log_level, "");
    if (host->struct_size > offsetof(struct oa_host, log) && host->log)
        oa_log_redirect(host->log); /* it knows what descriptor 2 was when the program started */
}

static int sdk_start(const struct oa_host *host)
{
    sdk_pipeline = NULL;
    sdk_log(host);
    return oa_pipeline_new(host, &sdk_pipeline);
}

static int sdk_configure(const struct oa_host *host, const char *path, char *const *envp, char *text, size_t bytes)
{
    sdk_log(host);
    return oa_config_file_read(path, envp, text, bytes);
}

/* The host goes on at its deadline, whatever we do: be quiet a little before. */
static uint64_t sdk_last_deadline(uint64_t deadline_mono_ns)
{
    uint64_t now = oa_clock_mono_ns();

    return deadline_mono_ns > now ? deadline_mono_ns - (deadline_mono_ns - now) / 16 : deadline_mono_ns;
}

static uint64_t sdk_work(uint32_t flags, uint64_t deadline_mono_ns)
{
    struct oa_pipeline *pipeline = sdk_pipeline;

    if (!pipeline)
        return UINT64_MAX;
    if (flags & OA_WORK_SHUTDOWN) {
        sdk_pipeline = NULL;
        deadline_mono_ns = sdk_last_deadline(deadline_mono_ns);
    }
    return oa_pipeline_work(pipeline, flags, deadline_mono_ns);
}

static const struct oa_sdk sdk = {
    .struct_size = sizeof(struct oa_sdk),
    .version = OA_ABI_VERSION,
    .start = sdk_start,
    .work = sdk_work,
    .configure = sdk_configure,
};

OA_EXPORT oa_sdk_open_fn oa_sdk_open;

const struct oa_sdk *oa_sdk_open(const struct oa_host *host)
{
    if (host->struct_size < sizeof(struct oa_host) || host->version != OA_ABI_VERSION ||
        host->env_size != sizeof(struct oa_env))
        return NULL;
    return &sdk;
}
