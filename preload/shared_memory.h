/*
 * Zeroed memory shared with forked children, and open to other processes by /proc/<pid>/map_files: the ring and the
 * metric cells. Never unmapped while the process lives.
 */
#ifndef OA_SHARED_MEMORY_H
#define OA_SHARED_MEMORY_H

#include <stddef.h>

/* NULL: no memory. Takes address space only; pages as they are touched. */
void *oa_shared_memory_map(const char *name, size_t bytes);

#endif
