#include <stdlib.h>
#include <unistd.h>

#include "preload/abi.h"
#include "preload/base/clock.h"
#include "preload/base/err.h"
#include "sdk/elf/own_build_id.h"
#include "sdk/model/detector.h"
#include "sdk/model/iso_time.h"

/* /proc/self/stat, proc(5): "pid (name) state ppid ..."; the name may hold blanks and parentheses, hence
 * fields are counted from the last ')'. */
#define STAT_FIELD_AFTER_NAME 3
#define STAT_FIELD_START_TIME 22

static bool parse_u64(struct oa_slice text, uint64_t *ret_value)
{
    uint64_t value = 0;

    if (!text.len)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || __builtin_mul_overflow(value, 10u, &value) ||
            __builtin_add_overflow(value, (uint64_t)(text.ptr[i] - '0'), &value))
            return false;
    }
    *ret_value = value;
    return true;
}

/* When the kernel started the process, in clock ticks since boot. */
static bool start_ticks(struct oa_slice stat, uint64_t *ret_ticks)
{
    const char *name_end = stat.len ? memrchr(stat.ptr, ')', stat.len) : NULL;
    struct oa_slice rest, field = { NULL, 0 };

    if (!name_end || name_end + 2 > stat.ptr + stat.len)
        return false;
    rest = (struct oa_slice){ name_end + 2, (size_t)(stat.ptr + stat.len - name_end - 2) };
    for (int i = STAT_FIELD_AFTER_NAME; i <= STAT_FIELD_START_TIME; i++)
        field = oa_slice_next(&rest, ' ');
    return parse_u64(field, ret_ticks);
}

/* Boot is where the wall clock stood when the boot clock was 0; "btime" of /proc/stat says the same, but on a
 * machine with many processors the kernel takes milliseconds to write that file. When /proc is hidden, the
 * time at which we were loaded is the best there is. */
static int set_creation_time(struct oa_resource *resource, const struct oa_detect *detect)
{
    struct oa_slice stat = oa_system_file(&resource->arena, detect->root, "/proc/self/stat");
    uint64_t ticks, per_s = (uint64_t)sysconf(_SC_CLK_TCK), unix_ns = detect->host->process_start_unix_ns;
    char text[OA_ISO_TIME_BYTES];

    if (start_ticks(stat, &ticks) && per_s && ticks < UINT64_MAX / OA_NS_PER_S)
        unix_ns = oa_clock_unix_ns() - oa_clock_ns(CLOCK_BOOTTIME) + ticks * (OA_NS_PER_S / per_s);
    if (!unix_ns)
        return 0;
    return oa_resource_set(resource, OA_SLICE("process.creation.time"), oa_iso_time(text, unix_ns, 3));
}

/* The name of the effective user: first field of the line of /etc/passwd whose third is the number. */
static struct oa_slice owner_name(struct oa_slice passwd, uint64_t uid)
{
    while (passwd.len) {
        struct oa_slice line = oa_slice_next(&passwd, '\n');
        struct oa_slice name = oa_slice_next(&line, ':');
        uint64_t number;

        (void)oa_slice_next(&line, ':');
        if (parse_u64(oa_slice_next(&line, ':'), &number) && number == uid)
            return name;
    }
    return OA_SLICE("");
}

/* /proc/self/exe reads "path (deleted)" once the file was replaced, as package upgrades do. */
static struct oa_slice exe_path(const char *path)
{
    const struct oa_slice deleted = OA_SLICE(" (deleted)");
    struct oa_slice text = oa_slice_of(path);

    if (text.len > deleted.len && memcmp(text.ptr + text.len - deleted.len, deleted.ptr, deleted.len) == 0)
        text.len -= deleted.len;
    return text;
}

static int set_executable(struct oa_resource *resource, const struct oa_detect *detect)
{
    struct oa_slice path = exe_path(detect->host->exe_path), name = path;
    const char *slash = path.len ? memrchr(path.ptr, '/', path.len) : NULL;
    char build_id[OA_BUILD_ID_TEXT_BYTES];
    int err;

    if (slash)
        name = (struct oa_slice){ slash + 1, (size_t)(path.ptr + path.len - slash - 1) };
    err = oa_detect_set(resource, OA_SLICE("process.executable.name"), name);
    if (err == 0)
        err = oa_detect_set(resource, OA_SLICE("process.executable.path"), path);
    if (err == 0)
        err = oa_detect_set(resource, OA_SLICE("process.executable.build_id.gnu"), oa_own_build_id(build_id));
    return err;
}

int oa_detect_process(struct oa_resource *resource, const struct oa_detect *detect)
{
    struct oa_slice command = oa_system_file(&resource->arena, detect->root, "/proc/self/cmdline");
    struct oa_slice passwd = oa_system_file(&resource->arena, detect->root, "/etc/passwd");
    int err = oa_resource_set_int(resource, OA_SLICE("process.pid"), getpid());

    if (err == 0)
        err = set_executable(resource, detect);
    if (err == 0) /* argv[0] only: arguments may hold secrets and are opt-in */
        err = oa_detect_set(resource, OA_SLICE("process.command"), oa_slice_next(&command, '\0'));
    if (err == 0)
        err = oa_detect_set(resource, OA_SLICE("process.owner"), owner_name(passwd, geteuid()));
    if (err == 0)
        err = set_creation_time(resource, detect);
    return err;
}
