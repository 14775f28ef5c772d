/*
 * Is this a build with the thread sanitizer? Then its runtime is in every process that we are in, and we do not stand
 * down before it; such a build is for tests, in programs that are built with it themselves (tests/README.md).
 */
#ifndef OA_TSAN_H
#define OA_TSAN_H

#ifdef __SANITIZE_THREAD__
#define OA_TSAN 1
#else
#define OA_TSAN 0
#endif

#endif
