/*
 * Requests to 127.0.0.1:PORT before a copy of the library is opened, while it is open, and after it was closed
 * again, with children of
 * every kind between them; prints what came and ends with 3: second_copy global|deepbind|namespace|local COPY PORT
 * [keep].
 * keep: the copy stays open until the end.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *port;

static void ask(const char *path)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    char text[4096];
    size_t len = 0;
    ssize_t n;

    at.sin_port = htons((unsigned short)atoi(port));
    snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nConnection: close\r\n\r\n", path, port);
    if (connect(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || write(fd, text, strlen(text)) < 0)
        exit(1);
    while (len < sizeof(text) - 1 && (n = read(fd, text + len, sizeof(text) - 1 - len)) > 0)
        len += (size_t)n;
    text[len] = '\0';
    close(fd);
    printf("%s: %.12s\n", path, text);
    fflush(stdout);
}

static void *in_thread(void *path)
{
    ask(path);
    return NULL;
}

/* A thread, a forked child, a borrowed one and a shell: each asks or ends with a number of its own. */
static void everything(const char *path, char *thread, const char *child)
{
    static char *const shell[] = { "/bin/sh", "-c", "exit 6", NULL };
    pthread_t id;
    int status;
    pid_t pid;

    ask(path);
    if (pthread_create(&id, NULL, in_thread, thread) != 0 || pthread_join(id, NULL) != 0)
        exit(1);
    pid = fork();
    if (pid == 0) {
        ask(child);
        exit(4);
    }
    printf("fork: %d\n", waitpid(pid, &status, 0) == pid ? WEXITSTATUS(status) : -1);
    pid = vfork();
    if (pid == 0)
        _exit(5);
    printf("vfork: %d\n", waitpid(pid, &status, 0) == pid ? WEXITSTATUS(status) : -1);
    if (posix_spawn(&pid, shell[0], NULL, NULL, shell, environ) != 0)
        exit(1);
    printf("spawn: %d\n", waitpid(pid, &status, 0) == pid ? WEXITSTATUS(status) : -1);
    fflush(stdout);
}

static void *open_copy(const char *how, const char *path)
{
    if (strcmp(how, "namespace") == 0)
        return dlmopen(LM_ID_NEWLM, path, RTLD_NOW);
    if (strcmp(how, "deepbind") == 0)
        return dlopen(path, RTLD_NOW | RTLD_DEEPBIND);
    return dlopen(path, RTLD_NOW | (strcmp(how, "global") == 0 ? RTLD_GLOBAL : RTLD_LOCAL));
}

int main(int argc, char **argv)
{
    void *copy;

    if (argc < 4)
        return 1;
    port = argv[3];
    everything("/before", "/before/thread", "/before/child");
    copy = open_copy(argv[1], argv[2]);
    printf("opened: %s\n", copy ? "yes" : dlerror());
    everything("/open", "/open/thread", "/open/child");
    if (argc > 4)
        return 3;
    printf("closed: %d\n", copy ? dlclose(copy) : -1);
    everything("/closed", "/closed/thread", "/closed/child");
    return 3;
}
