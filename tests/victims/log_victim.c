/*
 * The system's log: openlog, syslog, vsyslog, setlogmask and the fortified __syslog_chk and __vsyslog_chk. What is
 * logged is seen on stderr (LOG_PERROR), with errno (%m) as it was; %n stores once.
 *
 * SOURCES: tests/support/victim.c
 * CFLAGS: -Wno-format -Wno-format-security -Wno-nonnull
 */
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <syslog.h>
#include <unistd.h>
#include <wchar.h>

#include "tests/support/victim.h"

void __syslog_chk(int priority, int flag, const char *format, ...);
void __vsyslog_chk(int priority, int flag, const char *format, va_list ap);

static void by_list(int priority, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vsyslog(priority, format, ap);
    va_end(ap);
}

static void by_checked_list(int priority, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    __vsyslog_chk(priority, 1, format, ap);
    va_end(ap);
}

static void ways(void)
{
    SAY((syslog(LOG_ERR, "plain"), 0));
    SAY((syslog(LOG_ERR, "errno is %m, %d %s %.2f\n", 7, "seven", 7.5), 0));
    SAY((syslog(LOG_ERR, "%d %d %d %d %d %d %d %d %f %f %f %f %f %f %f %f %f %Lf", 1, 2, 3, 4, 5, 6, 7, 8, .1, .2, .3,
                .4, .5, .6, .7, .8, .9, 1.0L),
         0));
    SAY((by_list(LOG_WARNING | LOG_MAIL, "list %s %m", "x"), 0));
    SAY((__syslog_chk(LOG_INFO, 1, "checked %s %m", "x"), 0));
    SAY((by_checked_list(LOG_INFO, "checked list %s %m", "x"), 0));
    SAY((syslog(LOG_ERR, ""), 0));
    SAY((syslog(LOG_ERR, "\n"), 0));
    SAY((syslog(LOG_ERR, "%c in it", '\0'), 0));
    SAY((syslog(LOG_ERR, "100%% and %*d", 5, 3), 0));
}

static void awkward(void)
{
    static wchar_t beyond[] = { L'a', 0x7fffffff, 0 };
    static char stores[] = "four%n";
    char *text = malloc(100000);
    int n = -1;

    SAY((syslog(LOG_ERR, "%d%n stored", 12345, &n), n));
    SAY((by_list(LOG_ERR, stores, &n), n));
    SAY((syslog(~0, "bits that are no priority"), 0));
    SAY((syslog(LOG_ERR | 1 << 20, "nor is this"), 0));
    SAY((syslog(LOG_ERR, "%ls", beyond), 0));
    memset(text, 'x', 99999);
    text[99999] = '\0';
    SAY((syslog(LOG_ERR, "long %s", text), 0));
    free(text);
}

static void masks(void)
{
    SAY(setlogmask(0));
    SAY(setlogmask(LOG_UPTO(LOG_ERR)));
    SAY((syslog(LOG_WARNING, "masked"), 0));
    SAY((syslog(LOG_ERR, "not masked"), 0));
    SAY(setlogmask(0));
    SAY(setlogmask(0xff));
    SAY(setlogmask(0));
}

/* A stored number in a writable format ends a fortified program. */
static void forbidden(void)
{
    struct rlimit none = { 0, 0 };
    static char stores[] = "four%n";
    int n = -1;

    setrlimit(RLIMIT_CORE, &none);
    __syslog_chk(LOG_ERR, 1, stores, &n);
    victim_note("not reached");
}

static void null_format(void)
{
    struct rlimit none = { 0, 0 };

    setrlimit(RLIMIT_CORE, &none);
    syslog(LOG_ERR, NULL);
    victim_note("survived");
}

static void handler(int number)
{
    SAY((syslog(LOG_ERR, "in a handler of %d, %m", number), 0));
}

static void *logs(void *arg)
{
    for (int i = 0; i < 200; i++)
        syslog(LOG_DEBUG, "thread %d", i);
    return arg;
}

static void many(void)
{
    pthread_t threads[4];

    openlog("many", 0, LOG_USER);
    for (int i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, logs, NULL);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    victim_note("done");
}

static void in_a_child(void)
{
    SAY((syslog(LOG_NOTICE, "a child %m"), 0));
}

int main(void)
{
    openlog("victim", LOG_PERROR, LOG_LOCAL0);
    ways();
    awkward();
    masks();
    signal(SIGUSR1, handler);
    raise(SIGUSR1);
    victim_child("a child", in_a_child);
    victim_child("forbidden", forbidden);
    victim_child("no format", null_format);
    SAY((openlog("other", LOG_PERROR, LOG_MAIL), 0));
    ways();
    SAY((closelog(), 0));
    SAY((syslog(LOG_ERR, "opened again"), 0));
    many();
    return 0;
}
