/*
 * What jumps.S calls for each function of stdio while lines are recorded: with that function's arguments, to return
 * what it returns.
 */
#ifndef OA_STDIO_H
#define OA_STDIO_H

#include <stdarg.h>
#include <stdio.h>

int oa_stdio_puts(const char *text);
int oa_stdio_fputs(const char *text, FILE *file);
int oa_stdio_fputs_unlocked(const char *text, FILE *file);
size_t oa_stdio_fwrite(const void *items, size_t size, size_t count, FILE *file);
size_t oa_stdio_fwrite_unlocked(const void *items, size_t size, size_t count, FILE *file);

int oa_stdio_fputc(int c, FILE *file);
int oa_stdio_fputc_unlocked(int c, FILE *file);
int oa_stdio_putc(int c, FILE *file);
int oa_stdio_putc_unlocked(int c, FILE *file);
int oa_stdio__IO_putc(int c, FILE *file);
int oa_stdio_putchar(int c);
int oa_stdio_putchar_unlocked(int c);
int oa_stdio___overflow(FILE *file, int c);

int oa_stdio_fflush(FILE *file);
int oa_stdio_fflush_unlocked(FILE *file);

int oa_stdio_printf(const char *format, ...);
int oa_stdio_vprintf(const char *format, va_list ap);
int oa_stdio_fprintf(FILE *file, const char *format, ...);
int oa_stdio_vfprintf(FILE *file, const char *format, va_list ap);
int oa_stdio_dprintf(int fd, const char *format, ...);
int oa_stdio_vdprintf(int fd, const char *format, va_list ap);
int oa_stdio___printf_chk(int flag, const char *format, ...);
int oa_stdio___vprintf_chk(int flag, const char *format, va_list ap);
int oa_stdio___fprintf_chk(FILE *file, int flag, const char *format, ...);
int oa_stdio___vfprintf_chk(FILE *file, int flag, const char *format, va_list ap);
int oa_stdio___dprintf_chk(int fd, int flag, const char *format, ...);
int oa_stdio___vdprintf_chk(int fd, int flag, const char *format, va_list ap);
void oa_stdio_perror(const char *text);

#endif
