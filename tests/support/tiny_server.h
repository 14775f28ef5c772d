/*
 * A server on 127.0.0.1 in a thread of the test: accepts connections one after the other and lets a
 * function of the test talk on each. Every socket has a time-out, so that nothing outlives a test.
 */
#ifndef OA_TESTS_TINY_SERVER_H
#define OA_TESTS_TINY_SERVER_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

struct tiny_server {
    int listener;
    uint16_t port;
    pthread_t thread;
    void (*talk)(int fd, int number); /* number: of the connection, from 0; the server closes fd */
    _Atomic int accepted;
};

/* 0, or -1. */
int tiny_server_start(struct tiny_server *server, void (*talk)(int fd, int number));

void tiny_server_stop(struct tiny_server *server);

/* Reads until the end of one request, by its Content-Length if it has one; the bytes read, 0 when the peer closed. */
size_t tiny_server_read_request(int fd, char *buf, size_t capacity);

void tiny_server_write(int fd, const char *text);

/* Before a request and behind its answer: what test and server left in memory for each other is in order. The network
 * sees to that, but the thread sanitizer does not know it. Reading and writing do the same on the server's side. */
void tiny_server_turn(void);

#endif
