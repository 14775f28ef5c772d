/*
 * Runs the tests that plain/criterion/criterion.h collects, each in a child of its own, and ends with
 * Criterion's summary line. Exit status 1 if any failed.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEST_SECONDS 60

static struct plain_test *tests, **tests_end = &tests;
static struct plain_test *suites;
static bool failed;

void plain_test_add(struct plain_test *test)
{
    *tests_end = test;
    tests_end = &test->next;
}

void plain_suite_add(struct plain_test *suite)
{
    suite->next = suites;
    suites = suite;
}

void plain_failed(const char *file, int line, const char *text, bool fatal)
{
    fprintf(stderr, "[----] %s:%d: %s\n", file, line, text);
    failed = true;
    if (fatal)
        _exit(99);
}

static const struct plain_test *suite_of(const struct plain_test *test)
{
    for (const struct plain_test *suite = suites; suite; suite = suite->next)
        if (strcmp(suite->suite, test->suite) == 0)
            return suite;
    return test;
}

static void run_here(const struct plain_test *test)
{
    const struct plain_test *suite = suite_of(test);
    void (*init)(void) = test->init ? test->init : suite->init;
    void (*fini)(void) = test->fini ? test->fini : suite->fini;

    alarm(test->timeout > 0 ? (unsigned)test->timeout + 1 : TEST_SECONDS);
    if (init)
        init();
    test->run();
    if (fini)
        fini();
    /* Not _exit(): the sanitizer's own exit status comes from its atexit handler. */
    exit(failed ? 99 : 0);
}

static bool passes(const struct plain_test *test)
{
    int status;
    pid_t child;

    fflush(NULL);
    child = fork();
    if (child == 0)
        run_here(test);
    if (child < 0 || waitpid(child, &status, 0) != child)
        return false;
    if (WIFSIGNALED(status))
        return test->signal == WTERMSIG(status);
    return WEXITSTATUS(status) == test->exit_code;
}

int main(void)
{
    unsigned passing = 0, failing = 0;

    for (const struct plain_test *test = tests; test; test = test->next) {
        if (passes(test)) {
            passing++;
            continue;
        }
        failing++;
        fprintf(stderr, "[FAIL] %s::%s\n", test->suite, test->name);
    }
    fprintf(stderr, "[====] Synthesis: Tested: %u | Passing: %u | Failing: %u | Crashing: 0\n", passing + failing,
            passing, failing);
    return failing ? 1 : 0;
}
