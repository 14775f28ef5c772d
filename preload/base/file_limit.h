/*
 * RLIMIT_FSIZE: a write or truncate beyond it does not merely fail, it sends SIGXFSZ, which ends a
 * program that never writes to files of its own. Ask before letting a file grow, a memory file
 * included.
 */
#ifndef OA_FILE_LIMIT_H
#define OA_FILE_LIMIT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* May a file of this process reach size_bytes? */
static inline bool oa_file_limit_allows(uint64_t size_bytes)
{
    struct rlimit limit;

    return getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY || size_bytes <= limit.rlim_cur;
}

/* May more_bytes be appended to what st describes? Pipes, sockets and terminals have no size. */
static inline bool oa_file_limit_allows_append(const struct stat *st, uint64_t more_bytes)
{
    return !S_ISREG(st->st_mode) || oa_file_limit_allows((uint64_t)st->st_size + more_bytes);
}

#endif
