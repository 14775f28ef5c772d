#include <sys/utsname.h>

#include "preload/base/err.h"
#include "sdk/model/detector.h"

#define MACHINE_ID_DIGITS 32u

/* uname's machine to the words of host.arch. */
static const struct {
    struct oa_slice prefix;
    struct oa_slice arch;
} arch_words[] = {
    { OA_SLICE("x86_64"), OA_SLICE("amd64") }, { OA_SLICE("aarch64"), OA_SLICE("arm64") },
    { OA_SLICE("arm"), OA_SLICE("arm32") },    { OA_SLICE("i386"), OA_SLICE("x86") },
    { OA_SLICE("i486"), OA_SLICE("x86") },     { OA_SLICE("i586"), OA_SLICE("x86") },
    { OA_SLICE("i686"), OA_SLICE("x86") },     { OA_SLICE("ppc64"), OA_SLICE("ppc64") },
    { OA_SLICE("ppc"), OA_SLICE("ppc32") },    { OA_SLICE("s390x"), OA_SLICE("s390x") },
    { OA_SLICE("ia64"), OA_SLICE("ia64") },
};

/* A machine that is not in the list keeps its own word: the attribute is open to other values. */
static struct oa_slice host_arch(const char *machine)
{
    struct oa_slice word = oa_slice_of(machine);

    for (size_t i = 0; i < OA_COUNT(arch_words); i++)
        if (oa_slice_starts(word, arch_words[i].prefix))
            return arch_words[i].arch;
    return word;
}

/* machine-id(5); the file may be empty or say "uninitialized". */
static struct oa_slice machine_id(struct oa_arena *arena, const char *root, const char *path)
{
    struct oa_slice text = oa_system_file(arena, root, path);
    struct oa_slice id = oa_slice_next(&text, '\n');

    for (size_t i = 0; i < id.len; i++)
        if (!((id.ptr[i] >= '0' && id.ptr[i] <= '9') || (id.ptr[i] >= 'a' && id.ptr[i] <= 'f')))
            return OA_SLICE("");
    return id.len == MACHINE_ID_DIGITS ? id : OA_SLICE("");
}

/* In a container that file belongs to the image: every container of it would be the same host. */
static int set_host_id(struct oa_resource *resource, const struct oa_detect *detect)
{
    struct oa_slice id;

    if (oa_resource_find(resource, OA_SLICE("container.id")))
        return 0;
    id = machine_id(&resource->arena, detect->root, "/etc/machine-id");
    if (!id.len)
        id = machine_id(&resource->arena, detect->root, "/var/lib/dbus/machine-id");
    return oa_detect_set(resource, OA_SLICE("host.id"), id);
}

int oa_detect_host(struct oa_resource *resource, const struct oa_detect *detect)
{
    struct utsname names;
    int err = 0;

    if (uname(&names) == 0) {
        err = oa_detect_set(resource, OA_SLICE("host.name"), oa_slice_of(names.nodename));
        if (err == 0)
            err = oa_detect_set(resource, OA_SLICE("host.arch"), host_arch(names.machine));
    }
    return err < 0 ? err : set_host_id(resource, detect);
}
