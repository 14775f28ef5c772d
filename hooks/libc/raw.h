/*
 * Entry points in assembly: functions that may return twice on their caller's frame, which no C
 * wrapper survives.
 */
#ifndef OA_RAW_H
#define OA_RAW_H

/* The numbers of raw.S's table: those that change what we know of this process. */
long oa_syscall_observed(long number, long a, long b, long c, long d, long e, long f);

#endif
