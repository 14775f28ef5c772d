#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "preload/base/err.h"
#include "sdk/model/detector.h"

#define CONTAINER_ID_DIGITS 64u

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static bool is_container_id(struct oa_slice word)
{
    for (size_t i = 0; i < word.len; i++)
        if (!is_hex(word.ptr[i]))
            return false;
    return word.len == CONTAINER_ID_DIGITS;
}

/* The id in one part of a path: "id", "docker-id.scope", "cri-containerd-id.scope", "libpod-id". */
static struct oa_slice part_id(struct oa_slice part)
{
    struct oa_slice word = oa_slice_next(&part, '.');
    const char *dash = word.len ? memrchr(word.ptr, '-', word.len) : NULL;

    if (dash)
        word = (struct oa_slice){ dash + 1, (size_t)(word.ptr + word.len - dash - 1) };
    return is_container_id(word) ? word : OA_SLICE("");
}

/* The last part that is an id: pods put theirs before that of the container. */
static struct oa_slice path_id(struct oa_slice path)
{
    struct oa_slice found = OA_SLICE("");

    while (path.len) {
        struct oa_slice id = part_id(oa_slice_next(&path, '/'));

        if (id.len)
            found = id;
    }
    return found;
}

/* cgroups(7): "number:controllers:path" per line. With version 2 in a namespace of its own the path is "/". */
static struct oa_slice cgroup_id(struct oa_slice cgroup)
{
    while (cgroup.len) {
        struct oa_slice line = oa_slice_next(&cgroup, '\n'), id;

        (void)oa_slice_next(&line, ':');
        (void)oa_slice_next(&line, ':');
        id = path_id(line);
        if (id.len)
            return id;
    }
    return OA_SLICE("");
}

/* proc(5), mountinfo: field 4 is the root of the mount within its file system, field 5 the mount point.
 * Engines bind their own copy of these files: ".../containers/<id>/hostname" on "/etc/hostname". What
 * lies below "sandboxes" names the pod, not the container: no id rather than a wrong one. */
static struct oa_slice mount_line_id(struct oa_slice line)
{
    struct oa_slice root, point;

    for (int i = 0; i < 3; i++)
        (void)oa_slice_next(&line, ' ');
    root = oa_slice_next(&line, ' ');
    point = oa_slice_next(&line, ' ');
    if (!oa_slice_eq(point, OA_SLICE("/etc/hostname")) && !oa_slice_eq(point, OA_SLICE("/etc/hosts")) &&
        !oa_slice_eq(point, OA_SLICE("/etc/resolv.conf")))
        return OA_SLICE("");
    return memmem(root.ptr, root.len, "/sandboxes/", 11) ? OA_SLICE("") : path_id(root);
}

static struct oa_slice mountinfo_id(struct oa_slice mountinfo)
{
    while (mountinfo.len) {
        struct oa_slice id = mount_line_id(oa_slice_next(&mountinfo, '\n'));

        if (id.len)
            return id;
    }
    return OA_SLICE("");
}

/* Is any of the files a mount of its own? Three cheap questions: the kernel takes its time to write the whole
 * list of mounts. Unknown counts as yes. */
static bool has_own_files(void)
{
    static const char *const points[] = { "/etc/hostname", "/etc/hosts", "/etc/resolv.conf" };

    for (size_t i = 0; i < OA_COUNT(points); i++) {
        struct statx st;

        if (statx(AT_FDCWD, points[i], AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, 0, &st) != 0) {
            if (errno != ENOENT)
                return true;
        } else if (!(st.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) || (st.stx_attributes & STATX_ATTR_MOUNT_ROOT)) {
            return true;
        }
    }
    return false;
}

int oa_detect_container(struct oa_resource *resource, const struct oa_detect *detect)
{
    struct oa_slice id = cgroup_id(oa_system_file(&resource->arena, detect->root, "/proc/self/cgroup"));

    if (!id.len && (*detect->root || has_own_files()))
        id = mountinfo_id(oa_system_file(&resource->arena, detect->root, "/proc/self/mountinfo"));
    return oa_detect_set(resource, OA_SLICE("container.id"), id);
}
