#include "tests/support/test_host.h"

#include <string.h>

struct oa_env oa_test_env;
struct oa_host oa_test_host;
_Atomic int oa_test_stopping;
_Atomic int oa_test_ended;
_Atomic int oa_test_inside;
_Atomic int oa_test_fds;
struct oa_strategy oa_test_strategy;
int oa_test_strategies;

static void fd_add(int fd)
{
    (void)fd;
    oa_test_fds++;
}

static void fd_remove(int fd)
{
    (void)fd;
    oa_test_fds--;
}

static int stopping(void)
{
    return oa_test_stopping;
}

static void sampling(const struct oa_strategy *strategy)
{
    oa_test_strategy = *strategy;
    oa_test_strategies++;
}

static int in_library(int at_work)
{
    oa_test_inside = at_work && !oa_test_ended;
    return at_work && oa_test_ended ? -1 : 0;
}

#define TEXT_STR(field) oa_test_env.field = "";
#define TEXT_TEXT(field) oa_test_env.field = "";
#define TEXT_BOOL(field)
#define TEXT_U32(field)
#define TEXT_MS(field)
#define TEXT_TIMEOUT(field)
#define TEXT_ENUM(set) TEXT_NONE
#define TEXT_LIST(set) TEXT_NONE
#define TEXT_NONE(field)

void oa_test_host_reset(void)
{
    memset(&oa_test_env, 0, sizeof(oa_test_env));
#define VAR(field, name, type, initial, constraint, policy, doc) TEXT_##type(field)
#include "env/vars.def"
#undef VAR
    oa_test_env.auto_exit_timeout_ms = 200;
    oa_test_host = (struct oa_host){
        .struct_size = sizeof(struct oa_host),
        .version = OA_ABI_VERSION,
        .env = &oa_test_env,
        .env_size = sizeof(struct oa_env),
        .exe_path = "",
        .service_guess = "",
        .own_fd_add = fd_add,
        .own_fd_remove = fd_remove,
        .stopping = stopping,
        .sampling = sampling,
        .in_library = in_library,
    };
    oa_test_stopping = 0;
    oa_test_ended = 0;
    oa_test_inside = 0;
    oa_test_strategies = 0;
    oa_test_fds = 0;
}
