/*
 * A folder that stands for the root of a system, for tests of what reads /proc and /etc.
 */
#ifndef OA_TESTS_FAKE_ROOT_H
#define OA_TESTS_FAKE_ROOT_H

/* Makes an empty one below /tmp and returns its path (static). Removes the one before. */
const char *oa_fake_root_new(void);

/* Writes a file with the folders above it; path begins with '/'. */
void oa_fake_root_put(const char *path, const char *text);

void oa_fake_root_remove(void);

#endif
