/*
 * Runs a fuzz target over files and folders without libFuzzer: `x_fuzz PATH...`. Each input is placed
 * in a heap block of exactly its size, so that the address sanitizer sees the first byte too far. The
 * empty input is always tried. An input that takes more than five seconds ends the run.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define INPUT_BYTES_MAX (1u << 20)
#define INPUT_SECONDS_MAX 5

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned inputs;

static void run_bytes(const char *path, FILE *file, size_t size)
{
    uint8_t *data = malloc(size ? size : 1);

    if (!data || (size && fread(data, 1, size, file) != size)) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(2);
    }
    alarm(INPUT_SECONDS_MAX);
    if (LLVMFuzzerTestOneInput(data, size) != 0) {
        fprintf(stderr, "%s: the target did not return 0\n", path);
        exit(1);
    }
    alarm(0);
    inputs++;
    free(data);
}

static void run_file(const char *path, size_t size)
{
    FILE *file = fopen(path, "rb");

    if (!file) {
        perror(path);
        exit(2);
    }
    /* The name goes out first: when the target dies, the last line tells on what. */
    fprintf(stderr, "%s\n", path);
    run_bytes(path, file, size < INPUT_BYTES_MAX ? size : INPUT_BYTES_MAX);
    fclose(file);
}

static void run_path(const char *path, int depth)
{
    struct stat st;
    struct dirent **names;
    int count;

    if (stat(path, &st) != 0) {
        perror(path);
        exit(2);
    }
    if (!S_ISDIR(st.st_mode)) {
        run_file(path, (size_t)st.st_size);
        return;
    }
    count = depth > 2 ? 0 : scandir(path, &names, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        char inner[4096];

        snprintf(inner, sizeof(inner), "%s/%s", path, names[i]->d_name);
        if (names[i]->d_name[0] != '.')
            run_path(inner, depth + 1);
        free(names[i]);
    }
    if (count >= 0 && depth <= 2)
        free(names);
}

int main(int argc, char **argv)
{
    run_bytes("empty input", NULL, 0);
    for (int i = 1; i < argc; i++)
        run_path(argv[i], 0);
    printf("%u inputs\n", inputs);
    return 0;
}
