/*
 * Stops threads for a moment at any instruction, as a busy machine does now and then: a signal at
 * random times whose handler sleeps. Makes the narrow windows of lock-free code wide enough to be
 * hit in a fraction of a second. Uses SIGUSR1; one user at a time.
 */
#ifndef OA_TESTS_STALL_H
#define OA_TESTS_STALL_H

#include <pthread.h>

/* From now on the threads are stopped in turn, until stop. Call stop before they are joined. */
void oa_test_stall_start(const pthread_t *threads, int count);
void oa_test_stall_stop(void);

#endif
