#include "sdk/metrics/observers.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "preload/base/clock.h"

#define TEXT_MAX 1024

/* One row is one series. ROW(metric, key of its one attribute, its value): no key, no attribute. */
#define ROWS(ROW)                                                               \
    ROW(PROCESS_CPU_TIME, "cpu.mode", "user")                                   \
    ROW(PROCESS_CPU_TIME, "cpu.mode", "system")                                 \
    ROW(PROCESS_CONTEXT_SWITCHES, "process.context_switch.type", "voluntary")   \
    ROW(PROCESS_CONTEXT_SWITCHES, "process.context_switch.type", "involuntary") \
    ROW(PROCESS_PAGING_FAULTS, "system.paging.fault.type", "minor")             \
    ROW(PROCESS_PAGING_FAULTS, "system.paging.fault.type", "major")             \
    ROW(PROCESS_MEMORY_USAGE, "", "")                                           \
    ROW(PROCESS_MEMORY_VIRTUAL, "", "")                                         \
    ROW(PROCESS_DISK_IO, "disk.io.direction", "read")                           \
    ROW(PROCESS_DISK_IO, "disk.io.direction", "write")                          \
    ROW(PROCESS_DISK_OPERATIONS, "disk.io.direction", "read")                   \
    ROW(PROCESS_DISK_OPERATIONS, "disk.io.direction", "write")                  \
    ROW(PROCESS_THREAD_COUNT, "", "")                                           \
    ROW(PROCESS_FD_COUNT, "", "")                                               \
    ROW(PROCESS_UPTIME, "", "")

static const struct {
    enum oa_metric metric;
    struct oa_attr_view attr;
} rows[] = {
#define ROW(id, name, value) \
    { OA_METRIC_##id,        \
      { .key = { name, sizeof(name) - 1 }, .type = OA_ATTR_STR, .str = { value, sizeof(value) - 1 } } },
    ROWS(ROW)
#undef ROW
};
_Static_assert(OA_COUNT(rows) <= OA_OBSERVATION_ROWS, "all rows fit in a list");

struct sheet {
    int64_t value[OA_COUNT(rows)];
    bool known[OA_COUNT(rows)];
};

/* The nth row of an instrument, in the order above. */
static void note(struct sheet *sheet, enum oa_metric metric, int nth, int64_t value)
{
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        if (rows[i].metric != metric || nth-- > 0)
            continue;
        sheet->known[i] = true;
        sheet->value[i] = value;
        return;
    }
}

static int64_t time_ns(struct timeval tv)
{
    return (int64_t)tv.tv_sec * (int64_t)OA_NS_PER_S + (int64_t)tv.tv_usec * 1000;
}

static void ask_usage(struct sheet *sheet)
{
    struct rusage usage;

    if (getrusage(RUSAGE_SELF, &usage) != 0)
        return;
    note(sheet, OA_METRIC_PROCESS_CPU_TIME, 0, time_ns(usage.ru_utime));
    note(sheet, OA_METRIC_PROCESS_CPU_TIME, 1, time_ns(usage.ru_stime));
    note(sheet, OA_METRIC_PROCESS_CONTEXT_SWITCHES, 0, usage.ru_nvcsw);
    note(sheet, OA_METRIC_PROCESS_CONTEXT_SWITCHES, 1, usage.ru_nivcsw);
    note(sheet, OA_METRIC_PROCESS_PAGING_FAULTS, 0, usage.ru_minflt);
    note(sheet, OA_METRIC_PROCESS_PAGING_FAULTS, 1, usage.ru_majflt);
}

/* The text of a small file, terminated; empty if it cannot be read. */
static void read_file(const char *path, char text[TEXT_MAX])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, TEXT_MAX - 1) : 0;

    if (fd >= 0)
        (void)close(fd);
    text[n > 0 ? n : 0] = '\0';
}

/* A number of at most max, behind blanks: what is none, or cannot be, is not told. */
static bool read_number(const char *text, int64_t max, int64_t *ret)
{
    long long value;

    while (*text == ' ' || *text == '\t')
        text++;
    if (*text < '0' || *text > '9')
        return false;
    value = strtoll(text, NULL, 10); /* INT64_MAX if it is larger */
    if (value > max || value == INT64_MAX)
        return false;
    *ret = value;
    return true;
}

static void ask_memory(struct sheet *sheet)
{
    int64_t page = sysconf(_SC_PAGESIZE), value;
    char text[TEXT_MAX];
    const char *resident;

    read_file("/proc/self/statm", text);
    resident = strchr(text, ' ');
    if (read_number(text, INT64_MAX / page, &value))
        note(sheet, OA_METRIC_PROCESS_MEMORY_VIRTUAL, 0, value * page);
    if (resident && read_number(resident, INT64_MAX / page, &value))
        note(sheet, OA_METRIC_PROCESS_MEMORY_USAGE, 0, value * page);
}

/* The number behind a word at the start of a line. */
static bool number_of(const char *text, const char *word, int64_t *ret)
{
    const char *at = strstr(text, word);

    return at && (at == text || at[-1] == '\n') && read_number(at + strlen(word), INT64_MAX, ret);
}

static void ask_disk(struct sheet *sheet)
{
    static const struct {
        const char *word;
        enum oa_metric metric;
        int nth;
    } lines[] = {
        { "read_bytes:", OA_METRIC_PROCESS_DISK_IO, 0 },
        { "write_bytes:", OA_METRIC_PROCESS_DISK_IO, 1 },
        { "syscr:", OA_METRIC_PROCESS_DISK_OPERATIONS, 0 },
        { "syscw:", OA_METRIC_PROCESS_DISK_OPERATIONS, 1 },
    };
    char text[TEXT_MAX];
    int64_t value;

    read_file("/proc/self/io", text);
    for (size_t i = 0; i < OA_COUNT(lines); i++)
        if (number_of(text, lines[i].word, &value))
            note(sheet, lines[i].metric, lines[i].nth, value);
}

/* From one space-separated field to the one that is `steps` further. */
static const char *skip(const char *at, int steps)
{
    for (int i = 0; at && i < steps; i++)
        at = strchr(at + 1, ' ');
    return at;
}

/* Fields 20 and 22 of proc(5) stat, counted from behind the program's name, which may hold anything. The kernel
 * tells the start in ticks since boot, also for a forked child. */
static void ask_stat(struct sheet *sheet)
{
    int64_t per_tick = (int64_t)OA_NS_PER_S / sysconf(_SC_CLK_TCK), value, age;
    const char *threads, *start;
    char text[TEXT_MAX];
    struct timespec now;

    read_file("/proc/self/stat", text);
    threads = skip(strrchr(text, ')'), 18);
    start = skip(threads, 2);
    if (!threads || !start)
        return;
    if (read_number(threads, INT64_MAX, &value))
        note(sheet, OA_METRIC_PROCESS_THREAD_COUNT, 0, value);
    if (!read_number(start, INT64_MAX / per_tick, &value))
        return;
    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    age = (int64_t)now.tv_sec * (int64_t)OA_NS_PER_S + now.tv_nsec - value * per_tick;
    note(sheet, OA_METRIC_PROCESS_UPTIME, 0, age > 0 ? age : 0);
}

/* Linux 6.2 and later tell the number as the size of the directory. */
static void ask_fds(struct sheet *sheet)
{
    struct stat st;
    int64_t count = 0;
    DIR *dir;

    if (stat("/proc/self/fd", &st) != 0)
        return;
    if (st.st_size > 0) {
        note(sheet, OA_METRIC_PROCESS_FD_COUNT, 0, st.st_size);
        return;
    }
    if (!(dir = opendir("/proc/self/fd")))
        return;
    for (struct dirent *entry; (entry = readdir(dir));)
        count += entry->d_name[0] != '.';
    (void)closedir(dir);
    note(sheet, OA_METRIC_PROCESS_FD_COUNT, 0, count);
}

uint32_t oa_observe(struct oa_observation *list)
{
    struct sheet sheet = { .known = { false } };
    uint32_t count = 0;

    ask_usage(&sheet);
    ask_memory(&sheet);
    ask_disk(&sheet);
    ask_stat(&sheet);
    ask_fds(&sheet);
    for (uint32_t i = 0; i < OA_COUNT(rows); i++)
        if (sheet.known[i])
            list[count++] = (struct oa_observation){ .metric = rows[i].metric,
                                                     .value = sheet.value[i],
                                                     .attrs = &rows[i].attr,
                                                     .attr_count = rows[i].attr.key.len ? 1 : 0,
                                                     .row = i };
    return count;
}
