/*
 * What victims are made of: a transcript of calls that must not differ between a bare and a preloaded
 * run. Each line holds the call as written, its result, and what it did to errno: "kept" when errno
 * still has the value it was given before the call. Lines go to descriptor 1 by one hidden write
 * each, so that the order holds across processes that wait for each other.
 *
 * Nothing here may print what differs from run to run: process ids, ports, addresses, times.
 */
#ifndef OA_TESTS_VICTIM_H
#define OA_TESTS_VICTIM_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* No call sets this one. */
#define VICTIM_KEPT 4095

/* A call that returns a number; one that returns a pointer; one that returns a process. */
#define SAY(...) victim_say(#__VA_ARGS__, (errno = VICTIM_KEPT, (long)(__VA_ARGS__)))
#define SAY_POINTER(...) victim_say_pointer(#__VA_ARGS__, (errno = VICTIM_KEPT, (const void *)(__VA_ARGS__)))
#define SAY_PID(...) victim_say_pid(#__VA_ARGS__, (errno = VICTIM_KEPT, (__VA_ARGS__)))

/* Print a line and return the result. */
long victim_say(const char *call, long result);
void *victim_say_pointer(const char *call, const void *result);
pid_t victim_say_pid(const char *call, pid_t result);

/* A line of the victim's own. errno is left alone. */
__attribute__((format(printf, 1, 2))) void victim_note(const char *format, ...);

/* n bytes: their number, a hash, and the first few of them. */
void victim_bytes(const char *what, const void *bytes, ssize_t n);

/* Runs the function in a forked child, which then leaves by _exit(0); tells how it ended. */
void victim_child(const char *what, void (*run)(void));
/* Waits for a child and tells how it ended. */
void victim_wait(const char *what, pid_t pid);

/* A connected pair over loopback TCP, made by socket, bind, listen, connect and accept. */
struct victim_tcp {
    int listener, client, server;
};
void victim_tcp_open(struct victim_tcp *tcp);
void victim_tcp_close(struct victim_tcp *tcp);

/* One small exchange of HTTP over a connected pair, so that there is something to record. */
void victim_exchange(int client, int server);
/* The same over a fresh socketpair: the descriptors it takes are free again afterwards. */
void victim_traffic(void);

void victim_sleep_ms(unsigned ms);

/* The tasks of this process, as /proc has them. */
int victim_tasks(void);

#endif
