/* SOURCES: sdk/model/resource_detect.c sdk/model/resource.c sdk/model/resource_entities.c env/entities.c
 * sdk/model/detector.c sdk/model/detect_container.c sdk/model/detect_host.c sdk/model/detect_os.c
 * sdk/model/detect_process.c sdk/model/detect_service.c sdk/model/script_name.c preload/base/log.c
 * sdk/model/iso_time.c sdk/model/utf8.c sdk/elf/own_build_id.c env/resource.c env/text.c preload/base/arena.c
 * preload/base/glob.c preload/base/hex.c preload/base/rng.c */
#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>

#include "env/env.h"
#include "preload/abi.h"
#include "preload/base/err.h"
#include "sdk/model/resource.h"

static struct oa_env env;
static struct oa_host host;
static struct oa_resource resource;

static void setup(void)
{
    env = (struct oa_env){ .service_name = "", .resource_attributes = "", .entities = "", .resource_detectors = "" };
    host = (struct oa_host){ .exe_path = "/opt/shop/bin/shopd", .service_guess = "shopd" };
    oa_resource_init(&resource);
}

static void teardown(void)
{
    oa_resource_release(&resource);
}

TestSuite(resource_detect, .init = setup, .fini = teardown);

static const char *text_of(const char *key)
{
    const struct oa_attr_view *attr = oa_resource_find(&resource, oa_slice_of(key));

    return attr && attr->type == OA_ATTR_STR ? attr->str.ptr : "(none)";
}

static const char *name_for(const char *service_name, const char *attributes)
{
    env.service_name = service_name;
    env.resource_attributes = attributes;
    oa_resource_release(&resource);
    cr_assert_eq(oa_resource_detect(&resource, &env, &host), 0);
    return text_of("service.name");
}

Test(resource_detect, service_name__precedence)
{
    cr_expect_str_eq(name_for("", ""), "unknown_service:shopd");
    cr_expect_str_eq(name_for("", "service.name=from%20list"), "from list");
    cr_expect_str_eq(name_for("own%20", "service.name=list"), "own%20", "not percent-decoded");
    cr_expect_str_eq(name_for("", "service.name="), "unknown_service:shopd", "a sender has a name");
    cr_expect_str_eq(name_for("", "broken"), "unknown_service:shopd");
    host.service_guess = "";
    cr_expect_str_eq(name_for("", ""), "unknown_service");
}

Test(resource_detect, attributes__from_the_environment_win)
{
    (void)name_for("", "host.name=mine,deployment.environment.name=test,empty=,a=1,a=2");
    cr_expect_str_eq(text_of("host.name"), "mine");
    cr_expect_str_eq(text_of("deployment.environment.name"), "test");
    cr_expect_str_eq(text_of("empty"), "");
    cr_expect_str_eq(text_of("a"), "2");
}

Test(resource_detect, attributes__too_many)
{
    char text[8192];
    size_t len = 0;

    for (unsigned i = 0; i < 2 * OA_RESOURCE_ATTRS_MAX; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "key%u=v,", i);
    cr_assert_str_eq(name_for("shop", text), "shop");
    cr_assert_eq(resource.attr_count, OA_RESOURCE_ATTRS_MAX);
    cr_assert_gt(resource.attr_dropped, OA_RESOURCE_ATTRS_MAX);
}

Test(resource_detect, sdk)
{
    cr_assert_eq(oa_resource_detect(&resource, &env, &host), 0);
    cr_expect_str_eq(text_of("telemetry.sdk.name"), "libotel-auto");
    cr_expect_str_eq(text_of("telemetry.sdk.language"), "c");
    cr_expect_str_eq(text_of("telemetry.sdk.version"), "0.1.0");
    cr_expect_str_eq(text_of("telemetry.distro.name"), "libotel-auto");
    cr_expect_str_eq(text_of("telemetry.distro.version"), "0.1.0");
    cr_expect_str_eq(resource.schema_url, "https://opentelemetry.io/schemas/1.44.0");
}

Test(resource_detect, keys_are_unique)
{
    (void)name_for("shop", "service.name=x,process.pid=7,os.type=x");
    for (uint32_t i = 0; i < resource.attr_count; i++)
        for (uint32_t k = 0; k < i; k++)
            cr_assert(!oa_slice_eq(resource.attrs[i].key, resource.attrs[k].key), "%s", resource.attrs[i].key.ptr);
}

/* RFC 9562: 8-4-4-4-12, version 4, variant 10; another one for each process. */
Test(resource_detect, instance_id__is_a_random_uuid)
{
    char first[64];

    cr_assert_eq(oa_resource_detect(&resource, &env, &host), 0);
    cr_assert_eq(strlen(text_of("service.instance.id")), 36);
    strcpy(first, text_of("service.instance.id"));
    for (size_t i = 0; i < 36; i++) {
        if (i == 8 || i == 13 || i == 18 || i == 23)
            cr_assert_eq(first[i], '-');
        else
            cr_assert(strchr("0123456789abcdef", first[i]));
    }
    cr_assert_eq(first[14], '4');
    cr_assert(strchr("89ab", first[19]));
    oa_resource_release(&resource);
    cr_assert_eq(oa_resource_detect(&resource, &env, &host), 0);
    cr_assert_str_neq(first, text_of("service.instance.id"));
}

/* On the machine that runs the test. */
Test(resource_detect, this_process)
{
    cr_assert_eq(oa_resource_detect(&resource, &env, &host), 0);
    cr_expect_eq(oa_resource_find(&resource, OA_SLICE("process.pid"))->num, getpid());
    cr_expect_str_eq(text_of("process.executable.name"), "shopd");
    cr_expect_str_eq(text_of("process.executable.path"), "/opt/shop/bin/shopd");
    cr_expect_str_eq(text_of("os.type"), "linux");
    cr_expect_str_neq(text_of("host.name"), "(none)");
    cr_expect_str_neq(text_of("host.arch"), "(none)");
}

Test(resource_detect, entities__attributes_and_references)
{
    env.entities = "service{service.name=shop%20,service.instance.id=7}[service.version=1,team=a]@https://e/1;bad;"
                   "zone{zone.id=z}[team=b,color=]";
    env.resource_attributes = "color=red";
    cr_assert_eq(oa_resource_detect(&resource, &env, &host), 0);
    cr_assert_str_eq(text_of("service.name"), "shop ");
    cr_assert_str_eq(text_of("service.instance.id"), "7");
    cr_assert_str_eq(text_of("service.version"), "1");
    cr_assert_str_eq(text_of("zone.id"), "z");
    cr_assert_str_eq(text_of("team"), "b", "what the last one says");
    cr_assert_str_eq(text_of("color"), "red", "attributes win");
    cr_assert_eq(resource.entity_count, 2);
    cr_assert_str_eq(resource.entities[0].type, "service");
    cr_assert_str_eq(resource.entities[0].schema_url, "https://e/1");
    cr_assert_eq(resource.entities[0].id_count, 2);
    cr_assert_str_eq(resource.entities[0].id_keys[1], "service.instance.id");
    cr_assert_eq(resource.entities[0].description_count, 1, "team is the other one's");
    cr_assert_str_eq(resource.entities[0].description_keys[0], "service.version");
    cr_assert_str_eq(resource.entities[1].schema_url, "");
    cr_assert_eq(resource.entities[1].description_count, 2);
}

Test(resource_detect, keys_that_nobody_wants)
{
    env.resource_disabled_keys = "os.*, host.name,service.*,telemetry.*,team";
    (void)name_for("", "team=a");
    cr_expect_null(oa_resource_find(&resource, OA_SLICE("os.type")));
    cr_expect_null(oa_resource_find(&resource, OA_SLICE("host.name")));
    cr_expect(oa_resource_find(&resource, OA_SLICE("host.arch")));
    cr_expect_null(oa_resource_find(&resource, OA_SLICE("service.instance.id")));
    cr_expect(oa_resource_find(&resource, OA_SLICE("service.name")), "nobody is without a name");
    cr_expect(oa_resource_find(&resource, OA_SLICE("telemetry.sdk.name")), "no detector's");
    cr_expect(oa_resource_find(&resource, OA_SLICE("team")), "no detector's");
}

Test(resource_detect, detectors__by_name)
{
    env.resource_detectors = "host, nonsense ,";
    (void)name_for("", "");
    cr_expect(oa_resource_find(&resource, OA_SLICE("host.name")));
    cr_expect(oa_resource_find(&resource, OA_SLICE("service.instance.id")), "always");
    cr_expect_null(oa_resource_find(&resource, OA_SLICE("os.type")));
    cr_expect_null(oa_resource_find(&resource, OA_SLICE("process.pid")));
    env.resource_detectors = "none";
    (void)name_for("", "");
    cr_expect_null(oa_resource_find(&resource, OA_SLICE("host.name")));
    env.resource_detectors = "*";
    (void)name_for("", "");
    cr_expect(oa_resource_find(&resource, OA_SLICE("os.type")));
}
