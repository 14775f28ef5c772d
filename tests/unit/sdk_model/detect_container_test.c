/* SOURCES: sdk/model/detect_container.c sdk/model/detector.c sdk/model/resource.c sdk/model/utf8.c
 * preload/base/arena.c tests/support/fake_root.c */
#include <criterion/criterion.h>

#include "sdk/model/detector.h"
#include "tests/support/fake_root.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define POD "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

static struct oa_resource resource;

static void setup(void)
{
    oa_resource_init(&resource);
}

static void teardown(void)
{
    oa_resource_release(&resource);
    oa_fake_root_remove();
}

TestSuite(detect_container, .init = setup, .fini = teardown);

/* container.id as it was found, NULL if it was not. */
static const char *detect(const char *cgroup, const char *mountinfo)
{
    const struct oa_detect from = { .root = oa_fake_root_new() };
    const struct oa_attr_view *id;

    if (cgroup)
        oa_fake_root_put("/proc/self/cgroup", cgroup);
    if (mountinfo)
        oa_fake_root_put("/proc/self/mountinfo", mountinfo);
    oa_resource_release(&resource);
    cr_assert_eq(oa_detect_container(&resource, &from), 0);
    id = oa_resource_find(&resource, OA_SLICE("container.id"));
    return id ? id->str.ptr : NULL;
}

Test(detect_container, cgroup__rows)
{
    static const struct {
        const char *cgroup;
        const char *id; /* NULL: none */
    } rows[] = {
        { "13:memory:/docker/" ID "\n12:cpu:/docker/" ID "\n0::/\n", ID },
        { "1:name=systemd:/system.slice/docker-" ID ".scope\n", ID },
        { "11:cpu:/kubepods/burstable/pod2c48913c-b29f-11e7-9350-020968147796/" ID "\n", ID },
        { "0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-" ID ".scope\n", ID },
        { "0::/machine.slice/libpod-" ID ".scope/container\n", ID },
        { "11:cpu:/docker/" POD "/docker/" ID "\n", ID },
        { "0::/\n", NULL },
        { "0::/user.slice/user-1000.slice/session-2.scope\n", NULL },
        { "0::/docker/0123456789abcdef\n", NULL },
        { "0::/docker/" ID "0\n", NULL },
        { "0::/docker/0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef\n", NULL },
        { "rubbish", NULL },
        { "", NULL },
        { NULL, NULL },
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        const char *id = detect(rows[i].cgroup, NULL);

        if (rows[i].id)
            cr_expect_str_eq(id ? id : "none", rows[i].id, "row %zu", i);
        else
            cr_expect_null(id, "row %zu: %s", i, id);
    }
}

Test(detect_container, mountinfo__rows)
{
    static const struct {
        const char *mountinfo;
        const char *id;
    } rows[] = {
        { "571 560 8:1 /var/lib/docker/containers/" ID "/hostname /etc/hostname rw - ext4 /dev/sda1 rw\n", ID },
        { "1 2 0:1 / / rw - overlay o rw\n3 4 0:25 /containers/storage/overlay-containers/" ID
          "/userdata/hosts /etc/hosts rw - tmpfs tmpfs rw\n",
          ID },
        { "571 560 8:1 /var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/" POD
          "/hostname /etc/hostname rw - ext4 /dev/sda1 rw\n",
          NULL },
        { "571 560 8:1 /var/lib/docker/volumes/" POD "/_data /data rw - ext4 /dev/sda1 rw\n", NULL },
        { "571 560 8:1", NULL },
        { "    ", NULL },
    };

    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        const char *id = detect("0::/\n", rows[i].mountinfo);

        if (rows[i].id)
            cr_expect_str_eq(id ? id : "none", rows[i].id, "row %zu", i);
        else
            cr_expect_null(id, "row %zu: %s", i, id);
    }
}
