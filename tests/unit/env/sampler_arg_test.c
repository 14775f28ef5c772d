/* SOURCES: env/sampler_arg.c env/parse.c env/url.c env/words.c */
#include <criterion/criterion.h>

#include "env/sampler_arg.h"
#include "preload/base/err.h"

#define BAD (-1.0)
#define DEFAULT OA_JAEGER_ENDPOINT

static const struct {
    const char *text;
    double share;
    uint32_t interval_ms;
    const char *endpoint;
} rows[] = {
    { "", 0.001, 60000, DEFAULT },
    { "endpoint=http://localhost:14250", 0.001, 60000, "http://localhost:14250" },
    { "endpoint=localhost:14250", 0.001, 60000, "localhost:14250" },
    { "endpoint=https://h/sampling?a=b", 0.001, 60000, "https://h/sampling?a=b" },
    { "initialSamplingRate=0.25", 0.25, 60000, DEFAULT },
    { "endpoint=http://h:1/?a=b,pollingIntervalMs=5000,initialSamplingRate=.5", 0.5, 5000, "http://h:1/?a=b" },
    { " initialSamplingRate = 1 , endpoint=h , ", 1, 60000, "h" },
    { "initialSamplingRate=0.1,initialSamplingRate=0.2", 0.2, 60000, DEFAULT },
    { "initialSamplingRate=1.5", BAD, 0, "" },
    { "initialSamplingRate=", BAD, 0, "" },
    { "pollingIntervalMs=5s", BAD, 0, "" },
    { "pollingIntervalMs=-1", BAD, 0, "" },
    { "pollingIntervalMs=0", BAD, 0, "" },
    { "endpoint=", BAD, 0, "" },
    { "endpoint=ftp://h", BAD, 0, "" },
    { "endpoint=http://h:x", BAD, 0, "" },
    { "endpoint=http://h/#top", BAD, 0, "" },
    { "endpoint=h/sampling", BAD, 0, "" },
    { "0.25", BAD, 0, "" },
    { "rate=0.25", BAD, 0, "" },
    { "initialSamplingRate=0.5,x", BAD, 0, "" },
};

Test(sampler_arg, statement_97__rows)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct oa_jaeger_arg arg = { .share = 7 };
        int err = oa_jaeger_arg_read(oa_slice_of(rows[i].text), &arg);

        cr_assert_eq(err != 0, rows[i].share == BAD, "%s", rows[i].text);
        cr_assert_float_eq(arg.share, err ? 7 : rows[i].share, 1e-15, "%s", rows[i].text);
        cr_assert_eq(arg.interval_ms, rows[i].interval_ms, "%s", rows[i].text);
        cr_assert(oa_slice_eq(arg.endpoint, oa_slice_of(rows[i].endpoint)), "%s", rows[i].text);
    }
}

#define METHOD "/jaeger.api_v2.SamplingManager/GetSamplingStrategy"

static const struct {
    const char *endpoint, *url;
    bool grpc, libcurl;
} urls[] = {
    { "h", "http://h" METHOD, true, true },
    { "h:14250", "http://h:14250" METHOD, true, true },
    { "http://h:14250", "http://h:14250" METHOD, true, true },
    { "http://h:14250/", "http://h:14250" METHOD, true, true },
    { "https://[::1]:14250", "https://[::1]:14250" METHOD, true, true },
    { "http://h:5778", "http://h:5778/sampling?service=a%20b%2F%C3%BC-._~0z", false, false },
    { "http://h:5778/", "http://h:5778/sampling?service=a%20b%2F%C3%BC-._~0z", false, false },
    { "http://h:14268", "http://h:14268/api/sampling?service=a%20b%2F%C3%BC-._~0z", false, false },
    { "http://u:p@h/x", "http://u:p@h/x?service=a%20b%2F%C3%BC-._~0z", false, false },
    { "https://h/x?y=z", "https://h/x?y=z&service=a%20b%2F%C3%BC-._~0z", false, true },
};

Test(sampler_arg, statement_97__urls)
{
    struct oa_slice service = OA_SLICE("a b/\xc3\xbc-._~0z");
    char url[OA_JAEGER_URL_MAX], longest[OA_JAEGER_URL_MAX];
    size_t fixed = strlen("http://h:5778/sampling?service=");

    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        struct oa_slice endpoint = oa_slice_of(urls[i].endpoint);

        cr_assert_eq(oa_jaeger_url(endpoint, service, url), OA_OK, "%s", urls[i].endpoint);
        cr_assert_str_eq(url, urls[i].url);
        cr_assert_eq(oa_jaeger_by_grpc(endpoint), urls[i].grpc, "%s", urls[i].endpoint);
        cr_assert_eq(oa_jaeger_by_libcurl(endpoint), urls[i].libcurl, "%s", urls[i].endpoint);
    }
    memset(longest, 'x', sizeof(longest));
    service = (struct oa_slice){ longest, sizeof(longest) - fixed - 1 };
    cr_assert_eq(oa_jaeger_url(OA_SLICE("http://h:5778"), service, url), OA_OK);
    cr_assert_eq(strlen(url), sizeof(url) - 1);
    service.len++;
    cr_assert_eq(oa_jaeger_url(OA_SLICE("http://h:5778"), service, url), OA_EINVAL);
}
