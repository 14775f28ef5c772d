/* SOURCES: env/entities.c env/text.c */
#include <criterion/criterion.h>
#include <stdio.h>

#include "env/entities.h"
#include "preload/base/compiler.h"

/* Entities as "type|ids|description|url" joined by blanks, and the first that is passed over. */
static const struct {
    const char *text, *entities, *bad;
} rows[] = {
    { "", "", "" },
    { ";; ;", "", "" },
    { "service{service.name=shop}", "service|service.name=shop||", "" },
    { "host{host.id=a,host.name=b}[os.type=linux]@https://e/1",
      "host|host.id=a,host.name=b|os.type=linux|https://e/1", "" },
    { " a{k=v} ; b{k=v} [x=y] @ http://u ;", "a|k=v|| b|k=v|x=y|http://u", "" },
    { "a{k=%7B%2C%3D}", "a|k=%7B%2C%3D||", "" },
    { "a{k=}", "a|k=||", "" },
    { "a{k=v}@nonsense;b{k=v}", "a|k=v|| b|k=v||", "nonsense" },
    { "a{};b{k=v}", "b|k=v||", "a{}" },
    { "a;b{k=v}", "b|k=v||", "a" },
    { "a{k=v;b{k=v}", "b|k=v||", "a{k=v" },
    { "a{k};b{k=v}", "b|k=v||", "a{k}" },
    { "1a{k=v};b{k=v}", "b|k=v||", "1a{k=v}" },
    { "a{1k=v}", "", "a{1k=v}" },
    { "a{k=v}x;b{k=v}", "b|k=v||", "a{k=v}x" },
    { "a{k=v}[x;b{k=v}", "b|k=v||", "a{k=v}[x" },
    { "a{k=v}[x=%zz];b{k=v}", "b|k=v||", "a{k=v}[x=%zz]" },
    { "a{k=%ff}", "", "a{k=%ff}" },
    { "a{k=v=w}", "", "a{k=v=w}" },
    { "{k=v}", "", "{k=v}" },
    { "a{k=1};b{k=2};a{k=3}", "b|k=2|| a|k=3||", "a{k=1}" },
    { "a{k=1};a{", "a|k=1||", "a{" },
};

Test(entities, rows)
{
    for (size_t i = 0; i < OA_COUNT(rows); i++) {
        struct oa_slice text = oa_slice_of(rows[i].text), bad = { NULL, 0 };
        struct oa_env_entity e;
        char out[256] = "";

        while (oa_env_entity_next(&text, &e, &bad))
            snprintf(out + strlen(out), sizeof(out) - strlen(out), "%s%.*s|%.*s|%.*s|%.*s", *out ? " " : "",
                     (int)e.type.len, e.type.ptr, (int)e.ids.len, e.ids.ptr, (int)e.description.len,
                     e.description.ptr, (int)e.schema_url.len, e.schema_url.ptr);
        cr_assert_str_eq(out, rows[i].entities, "%s: %s", rows[i].text, out);
        cr_assert(oa_slice_eq(bad, oa_slice_of(rows[i].bad)), "%s: %.*s", rows[i].text, (int)bad.len, bad.ptr);
    }
}
