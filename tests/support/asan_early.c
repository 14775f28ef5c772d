/*
 * Preloaded between the address sanitizer's runtime and an instrumented libotel-auto.so, linked with
 * -z initfirst: starts the runtime before all other constructors. Left to itself it starts inside the
 * first malloc of any library's constructor, and in one that holds libc's locale lock (p11-kit's, which
 * curl and wget bring) its dlerror() releases that lock: the program hangs in its first setlocale().
 */
void __asan_init(void);

static void __attribute__((constructor)) asan_early(void)
{
    __asan_init();
}
