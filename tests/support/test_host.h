/*
 * A host side for tests of the SDK object: defaults of the environment, counted descriptors, a
 * `stopping` that the test sets.
 */
#ifndef OA_TESTS_TEST_HOST_H
#define OA_TESTS_TEST_HOST_H

#include "env/env.h"
#include "preload/abi.h"
#include "preload/strategy.h"

extern struct oa_env oa_test_env; /* all zero but for the texts ("") and auto_exit_timeout_ms (200) */
extern struct oa_host oa_test_host;
extern _Atomic int oa_test_stopping; /* what stopping() answers */
extern _Atomic int oa_test_ended;    /* exit handlers may be running: in_library() refuses */
extern _Atomic int oa_test_inside;   /* what in_library() was told last */
extern _Atomic int oa_test_fds;      /* added minus removed */

extern struct oa_strategy oa_test_strategy; /* what sampling() was given last */
extern int oa_test_strategies;              /* and how often */

/* Back to the state above; call first in each test. */
void oa_test_host_reset(void);

#endif
