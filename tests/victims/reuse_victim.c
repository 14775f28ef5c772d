/*
 * Descriptors that are closed where nobody can see it (mq_close is a close inside libc) and come back as
 * something else: half a request went into a socket, the other half, and whole requests, go into a file
 * of the same number. What stands in the file is what was written, and what is read from it is what
 * stands there.
 *
 * SOURCES: tests/support/victim.c
 */
#include <fcntl.h>
#include <mqueue.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/support/victim.h"

#define REQUEST "GET /one HTTP/1.1\r\nHost: other\r\n\r\n"

/* The number of a followed connection, now that of an empty file. */
static int file_instead(int fd, const char *name)
{
    int file;

    SAY(mq_close(fd));
    file = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
    unlink(name);
    victim_note("the same number: %s", file == fd ? "yes" : "no");
    return file;
}

static void tell(const char *what, int file)
{
    char text[1024];
    ssize_t n = pread(file, text, sizeof(text), 0);

    victim_bytes(what, text, n);
}

static void half_a_head(size_t cut)
{
    struct iovec iov[] = { { .iov_base = REQUEST, .iov_len = strlen(REQUEST) },
                           { .iov_base = REQUEST REQUEST, .iov_len = 2 * strlen(REQUEST) } };
    int pair[2], file;

    SAY(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    SAY(write(pair[0], REQUEST, cut));
    file = file_instead(pair[0], "reuse.half");
    SAY(write(file, REQUEST + cut, strlen(REQUEST) - cut));
    SAY(writev(file, iov, 2));
    tell("file", file);
    close(file);
    close(pair[1]);
}

/* After a whole exchange: the connection stands at the start of the next request. */
static void next_request(void)
{
    int pair[2], file;

    SAY(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    victim_exchange(pair[0], pair[1]);
    file = file_instead(pair[0], "reuse.next");
    SAY(write(file, REQUEST, strlen(REQUEST)));
    tell("file", file);
    close(file);
    close(pair[1]);
}

/* The serving side: what is read from the file gets no tag. */
static void read_back(void)
{
    char text[1024];
    int pair[2], file;

    SAY(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    victim_exchange(pair[0], pair[1]);
    file = file_instead(pair[1], "reuse.read");
    SAY(pwrite(file, REQUEST, strlen(REQUEST), 0));
    SAY(read(file, text, sizeof(text)));
    victim_bytes("read", text, (ssize_t)strlen(REQUEST));
    close(file);
    close(pair[0]);
}

int main(void)
{
    for (size_t cut = 1; cut < strlen(REQUEST); cut += 4)
        half_a_head(cut);
    next_request();
    read_back();
    return 0;
}
