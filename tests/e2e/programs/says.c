/* Lines by every way that stdio has, on both streams; the last one has no end. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
    setvbuf(stdout, NULL, _IOFBF, 4096);
    puts("puts");
    printf("printf %d %s %.2f\n", 1, "two", 3.0);
    fprintf(stderr, "fprintf %c\n", 'x');
    fputs("fputs, ", stdout);
    fwrite("fwrite\n", 1, 7, stdout);
    putchar('p');
    fputc('c', stdout);
    putc('\n', stdout);
    for (const char *c = "past every\nfunction"; *c; c++)
        putc_unlocked(*c, stdout);
    fflush(stdout);
    printf("\n\n\r\ndos\r\n");
    dprintf(2, "dprintf %d\n", 2);
    (void)!write(2, "wri", 3);
    errno = ENOENT;
    perror("te");
    fflush(stdout);
    printf("the last");
    return 0;
}
