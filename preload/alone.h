/*
 * Are we the only ones left? A program whose main thread has left with pthread_exit() ends with its last thread,
 * and ours are none of its own.
 */
#ifndef OA_ALONE_H
#define OA_ALONE_H

#include <stdbool.h>

/* Is the main thread a zombie, and nobody left but the helper and the threads that the SDK object has made?
 * Unknown counts as yes: a process that the program has left must end. Called by the helper. */
bool oa_alone(void);

/* Does the host count its threads when it forks? CPython does since 3.12, and warns of every one too many. Legal in
 * any hook. */
bool oa_alone_is_minded(void);

/* First call of a thread that the SDK object has made: nothing that it does is observed. And when it has been
 * joined. */
void oa_alone_thread_begin(void);
void oa_alone_thread_ended(void);

/* A forked child has none of them. */
void oa_alone_forked(void);

#endif
