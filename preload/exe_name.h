/*
 * The file that this process runs, as far as it can be told without /proc: the first look at /proc/self makes the
 * kernel build an entry for this process and take it down again at the end, 15 us, which a program that is left
 * alone should not cost. For the constructor, which keeps errno.
 */
#ifndef OA_EXE_NAME_H
#define OA_EXE_NAME_H

#include "preload/base/slice.h"

/* The file's name without its folder. The path is what execve() was given; it stays the caller's, and the name lies
 * in it. Empty where another name could be the file's own: the path is a link or a script, cannot be read, or leads
 * to another file than the one that runs. /proc/self/exe knows then. */
struct oa_slice oa_exe_name(const char *path);

#endif
