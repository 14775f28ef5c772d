/* SOURCES: env/sampler_arg.c env/parse.c env/words.c */
#include <criterion/criterion.h>

#include "env/sampler_arg.h"

#define BAD (-1.0)

static const struct {
    const char *text;
    double share; /* 0.001: none is said */
} rows[] = {
    { "", 0.001 },
    { "endpoint=http://localhost:14250", 0.001 },
    { "initialSamplingRate=0.25", 0.25 },
    { "endpoint=http://h:1/?a=b,pollingIntervalMs=5000,initialSamplingRate=.5", 0.5 },
    { " initialSamplingRate = 1 , endpoint=h , ", 1 },
    { "initialSamplingRate=0.1,initialSamplingRate=0.2", 0.2 },
    { "initialSamplingRate=1.5", BAD },
    { "initialSamplingRate=", BAD },
    { "pollingIntervalMs=5s", BAD },
    { "pollingIntervalMs=-1", BAD },
    { "endpoint=", BAD },
    { "0.25", BAD },
    { "rate=0.25", BAD },
    { "initialSamplingRate=0.5,x", BAD },
};

Test(sampler_arg, share)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double share = OA_JAEGER_INITIAL_SHARE;
        int err = oa_jaeger_arg_share(oa_slice_of(rows[i].text), &share);

        cr_assert_eq(err != 0, rows[i].share == BAD, "%s", rows[i].text);
        cr_assert_float_eq(share, err ? OA_JAEGER_INITIAL_SHARE : rows[i].share, 1e-15, "%s", rows[i].text);
    }
}
