/* SOURCES: env/entities.c env/peers.c env/sampler_arg.c env/resource.c env/headers.c env/text.c env/parse.c
 * env/words.c env/url.c env/otlp.c env/unix_target.c env/table.c */
/* Texts of environment variables: whatever they hold, only clean text comes out, inside the memory lent. */
#include <stdlib.h>

#include "env/entities.h"
#include "env/env.h"
#include "env/headers.h"
#include "env/otlp.h"
#include "env/peers.h"
#include "env/resource.h"
#include "env/sampler_arg.h"
#include "env/table.h"
#include "env/text.h"
#include "env/url.h"
#include "preload/base/err.h"

#define CHECK(condition)  \
    do {                  \
        if (!(condition)) \
            abort();      \
    } while (0)

struct lent {
    const char *ptr;
    size_t len;
    uint32_t calls;
};

static void check_inside(const struct lent *lent, struct oa_slice text)
{
    CHECK(text.ptr >= lent->ptr && text.ptr + text.len <= lent->ptr + lent->len);
}

static void on_attribute(void *user, struct oa_slice key, struct oa_slice value)
{
    struct lent *lent = user;

    lent->calls++;
    check_inside(lent, key);
    check_inside(lent, value);
    CHECK(key.len && oa_text_is_utf8(key) && oa_text_is_utf8(value));
}

static void on_header(void *user, struct oa_slice name, struct oa_slice value)
{
    struct lent *lent = user;

    lent->calls++;
    check_inside(lent, name);
    check_inside(lent, value);
    CHECK(name.len && name.ptr[0] != ':');
    for (size_t i = 0; i < name.len; i++)
        CHECK(name.ptr[i] > ' ' && name.ptr[i] < 0x7f && !(name.ptr[i] >= 'A' && name.ptr[i] <= 'Z'));
    for (size_t i = 0; i < value.len; i++)
        CHECK(value.ptr[i] != '\r' && value.ptr[i] != '\n' && value.ptr[i] != '\0');
}

static void try_callbacks(struct oa_slice text, char *scratch)
{
    struct lent lent = { scratch, text.len, 0 };
    struct oa_slice bad;
    int parsed = oa_env_resource_parse(text, scratch, on_attribute, &lent);

    CHECK(parsed == oa_env_resource_check(text, &bad));
    CHECK(parsed == OA_OK || lent.calls == 0);
    lent.calls = 0;
    oa_env_headers_parse(text, scratch, on_header, &lent);
    CHECK(lent.calls <= OA_ENV_HEADERS_MAX);
    (void)oa_env_headers_check(text);
}

static void try_entities(struct oa_slice text)
{
    struct oa_slice key, value, rest = text;
    struct oa_env_entity entity;

    while (oa_env_entity_next(&rest, &entity, NULL)) {
        CHECK(entity.type.len && oa_env_entity_pair(&entity.ids, &key, &value));
        do
            CHECK(key.len && value.ptr && oa_text_is_encoded(value));
        while (oa_env_entity_pair(&entity.ids, &key, &value) ||
               oa_env_entity_pair(&entity.description, &key, &value));
    }
}

static void try_peers(struct oa_slice text)
{
    struct oa_slice rest = text;
    struct oa_env_peer peer;

    while (oa_env_peer_next(&rest, &peer, NULL)) {
        CHECK(peer.host.len && peer.name.len && (peer.path.len == 0 || peer.path.ptr[0] == '/'));
        CHECK(oa_env_peer_name(text, peer.host, peer.port, peer.path).len);
    }
}

static void try_list(enum oa_words_id id, struct oa_slice text)
{
    struct oa_env_list list = { 0 };
    struct oa_list_faults faults;

    if (oa_parse_list(oa_words_get(id), text, &list, &faults) != OA_OK)
        CHECK(list.count == 0);
    for (size_t i = 0; i < list.count; i++)
        for (size_t j = 0; j < i; j++)
            CHECK(list.ids[i] != list.ids[j]);
}

/* An endpoint that is taken can be asked, unless its URL would be too long. */
static void try_sampler(struct oa_slice text)
{
    char url[OA_JAEGER_URL_MAX];
    struct oa_jaeger_arg arg;
    struct oa_url parts;

    if (oa_jaeger_arg_read(text, &arg) != OA_OK)
        return;
    CHECK(arg.share >= 0 && arg.share <= 1 && arg.interval_ms > 0);
    if (oa_jaeger_url(arg.endpoint, text, url) == OA_OK) {
        CHECK(oa_url_split(oa_slice_of(url), &parts) == OA_OK);
        CHECK(oa_jaeger_by_grpc(arg.endpoint) || parts.query.len > 0);
    } else {
        CHECK(arg.endpoint.len + 3 * text.len + 64 > OA_JAEGER_URL_MAX);
    }
}

static void try_scalars(struct oa_slice text)
{
    uint32_t number;
    double ratio;
    bool flag;
    uint8_t id;

    if (oa_parse_u32(text, &number) == OA_OK)
        CHECK(number != OA_ENV_UNSET);
    if (oa_parse_ratio(text, &ratio) == OA_OK)
        CHECK(ratio >= 0 && ratio <= 1);
    try_sampler(text);
    if (oa_parse_bool(text, &flag) == OA_OK)
        CHECK(text.len == (flag ? 4 : 5));
    if (oa_parse_word(oa_words_get(OA_WORDS_sampler), text, &id) == OA_OK)
        CHECK(*oa_words_name(oa_words_get(OA_WORDS_sampler), id));
}

/* An accepted endpoint makes a URL that the same parser accepts. */
static void try_endpoint(const char *endpoint, struct oa_slice text)
{
    struct oa_env env = oa_env_defaults;
    struct oa_otlp_config config;
    struct oa_url url;

    if (oa_url_split(text, &url) == OA_OK)
        CHECK(url.host.len && url.port);
    for (uint8_t protocol = OA_ENV_PROTOCOL_GRPC; protocol <= OA_ENV_PROTOCOL_HTTP_JSON; protocol++) {
        env.otlp_protocol = protocol;
        env.otlp_endpoint = endpoint;
        env.otlp_traces_endpoint = "";
        oa_otlp_resolve(&env, OA_OTLP_TRACES, &config);
        CHECK(oa_url_split(oa_slice_of(config.url), &url) == OA_OK);
        env.otlp_traces_endpoint = endpoint;
        oa_otlp_resolve(&env, OA_OTLP_TRACES, &config);
        CHECK(oa_url_split(oa_slice_of(config.url), &url) == OA_OK);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *scratch = malloc(size + 1);
    char *copy = malloc(size + 1);
    struct oa_slice text = { (const char *)data, size };

    if (scratch && copy && size) {
        memcpy(copy, data, size);
        copy[size] = '\0';
        try_callbacks(text, scratch);
        try_entities(text);
        try_peers(text);
        try_list(OA_WORDS_propagators, text);
        try_list(OA_WORDS_traces_exporters, text);
        try_scalars(text);
        try_endpoint(copy, text);
    }
    free(scratch);
    free(copy);
    return 0;
}
