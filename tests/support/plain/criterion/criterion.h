/*
 * The part of Criterion's vocabulary that our unit tests use, for builds in which the library itself
 * cannot run: its shared arena and the thread sanitizer's shadow want the same addresses. Each test runs
 * in a forked child, one after the other (runner.c); the last line is Criterion's own summary. Messages
 * of assertions are dropped: run the test with Criterion to read them.
 */
#ifndef OA_TESTS_PLAIN_CRITERION_H
#define OA_TESTS_PLAIN_CRITERION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct plain_test {
    const char *suite, *name;
    void (*run)(void), (*init)(void), (*fini)(void);
    int exit_code, signal;
    double timeout; /* seconds, 0: the runner's own */
    struct plain_test *next;
};

void plain_test_add(struct plain_test *test);
void plain_suite_add(struct plain_test *suite);
void plain_failed(const char *file, int line, const char *text, bool fatal);

#define Test(suite_name, test_name, ...)                                                                 \
    static void suite_name##_##test_name##_run(void);                                                    \
    static void __attribute__((constructor)) suite_name##_##test_name##_add(void)                        \
    {                                                                                                    \
        static struct plain_test test = {                                                                \
            .suite = #suite_name, .name = #test_name, .run = suite_name##_##test_name##_run, __VA_ARGS__ \
        };                                                                                               \
        plain_test_add(&test);                                                                           \
    }                                                                                                    \
    static void suite_name##_##test_name##_run(void)

#define TestSuite(suite_name, ...)                                              \
    static void __attribute__((constructor)) suite_name##_suite_add(void)       \
    {                                                                           \
        static struct plain_test suite = { .suite = #suite_name, __VA_ARGS__ }; \
        plain_suite_add(&suite);                                                \
    }                                                                           \
    struct plain_test

#define plain_check(fatal, ok, text) ((ok) ? (void)0 : plain_failed(__FILE__, __LINE__, text, fatal))
#define plain_op(fatal, a, op, b) plain_check(fatal, (a)op(b), #a " " #op " " #b)
#define plain_str(fatal, a, op, b) plain_check(fatal, strcmp(a, b) op 0, #a " " #op " " #b)
#define plain_arr(fatal, a, op, b, n) plain_check(fatal, memcmp(a, b, n) op 0, #a " " #op " " #b)

#define plain_float(fatal, a, b, off) plain_check(fatal, (a) - (b) <= (off) && (b) - (a) <= (off), #a " is about " #b)

#define cr_assert(x, ...) plain_check(true, x, #x)
#define cr_assert_float_eq(a, b, off, ...) plain_float(true, a, b, off)
#define cr_expect_float_eq(a, b, off, ...) plain_float(false, a, b, off)
#define cr_assert_not(x, ...) plain_check(true, !(x), "not " #x)
#define cr_assert_eq(a, b, ...) plain_op(true, a, ==, b)
#define cr_assert_neq(a, b, ...) plain_op(true, a, !=, b)
#define cr_assert_lt(a, b, ...) plain_op(true, a, <, b)
#define cr_assert_leq(a, b, ...) plain_op(true, a, <=, b)
#define cr_assert_gt(a, b, ...) plain_op(true, a, >, b)
#define cr_assert_geq(a, b, ...) plain_op(true, a, >=, b)
#define cr_assert_null(a, ...) plain_op(true, a, ==, NULL)
#define cr_assert_not_null(a, ...) plain_op(true, a, !=, NULL)
#define cr_assert_str_eq(a, b, ...) plain_str(true, a, ==, b)
#define cr_assert_str_neq(a, b, ...) plain_str(true, a, !=, b)
#define cr_assert_arr_eq(a, b, n, ...) plain_arr(true, a, ==, b, n)
#define cr_assert_arr_neq(a, b, n, ...) plain_arr(true, a, !=, b, n)
#define cr_assert_fail(...) plain_check(true, false, "reached")
#define cr_expect(x, ...) plain_check(false, x, #x)
#define cr_expect_not(x, ...) plain_check(false, !(x), "not " #x)
#define cr_expect_eq(a, b, ...) plain_op(false, a, ==, b)
#define cr_expect_neq(a, b, ...) plain_op(false, a, !=, b)
#define cr_expect_lt(a, b, ...) plain_op(false, a, <, b)
#define cr_expect_leq(a, b, ...) plain_op(false, a, <=, b)
#define cr_expect_gt(a, b, ...) plain_op(false, a, >, b)
#define cr_expect_geq(a, b, ...) plain_op(false, a, >=, b)
#define cr_expect_null(a, ...) plain_op(false, a, ==, NULL)
#define cr_expect_not_null(a, ...) plain_op(false, a, !=, NULL)
#define cr_expect_str_eq(a, b, ...) plain_str(false, a, ==, b)
#define cr_expect_str_neq(a, b, ...) plain_str(false, a, !=, b)
#define cr_expect_arr_eq(a, b, n, ...) plain_arr(false, a, ==, b, n)
#define cr_expect_arr_neq(a, b, n, ...) plain_arr(false, a, !=, b, n)
#define cr_expect_fail(...) plain_check(false, false, "reached")

#endif
