/* Byte strings and arrays that grow. Running out of memory ends the test. */
#ifndef EXACT_BYTES_H
#define EXACT_BYTES_H

#include <stddef.h>

struct bytes {
    char *ptr;
    size_t len, cap;
};

void bytes_put(struct bytes *b, const void *p, size_t n);
void bytes_str(struct bytes *b, const char *text);
void bytes_fmt(struct bytes *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void bytes_release(struct bytes *b);

/* An array with room for one more element than count. */
void *list_grow(void *list, size_t count, size_t element_bytes);

#endif
