/* Which text a scraper wants: RFC 9110 12.5.1 for the header, otel-environment F.7 for what we have. */
#include <stdio.h>

#include "preload/base/compiler.h"
#include "sdk/encode/prometheus_text.h"

#define WEIGHT_MAX 1000 /* of q, in thousandths */

static const struct oa_slice escapings[] = {
    [OA_ESCAPING_UNDERSCORES] = { "underscores", 11 },
    [OA_ESCAPING_ALLOW_UTF8] = { "allow-utf-8", 11 },
    [OA_ESCAPING_DOTS] = { "dots", 4 },
    [OA_ESCAPING_VALUES] = { "values", 6 },
};

struct range {
    struct oa_slice type, version;
    struct oa_prometheus_format format;
    int weight;
};

/* "0.5" as 500. Anything that is no weight counts as 0. */
static int weight_of(struct oa_slice text)
{
    int weight = 0, unit = WEIGHT_MAX;

    for (size_t i = 0; i < text.len && unit > 0; i++) {
        if (i == 1 && text.ptr[i] == '.')
            continue;
        if (text.ptr[i] < '0' || text.ptr[i] > '9' || i == 1)
            return 0;
        weight += (text.ptr[i] - '0') * unit;
        unit /= 10;
    }
    return weight > WEIGHT_MAX ? WEIGHT_MAX : weight;
}

static struct oa_slice unquoted(struct oa_slice text)
{
    if (text.len >= 2 && text.ptr[0] == '"' && text.ptr[text.len - 1] == '"')
        return (struct oa_slice){ text.ptr + 1, text.len - 2 };
    return text;
}

static void read_parameter(struct range *range, struct oa_slice parameter)
{
    struct oa_slice name = oa_slice_trim(oa_slice_next(&parameter, '='));
    struct oa_slice value = unquoted(oa_slice_trim(parameter));

    if (oa_slice_ieq(name, OA_SLICE("q")))
        range->weight = weight_of(value);
    else if (oa_slice_ieq(name, OA_SLICE("version")))
        range->version = value;
    else if (oa_slice_ieq(name, OA_SLICE("escaping"))) {
        range->format.says_escaping = true;
        for (size_t i = 0; i < OA_COUNT(escapings); i++)
            if (oa_slice_eq(value, escapings[i]))
                range->format.escaping = (enum oa_prometheus_escaping)i;
    }
}

static bool is_version(const struct range *range, const char *version)
{
    return oa_slice_eq(range->version, oa_slice_of(version));
}

/* False: none of ours. */
static bool settle(struct range *range)
{
    if (oa_slice_ieq(range->type, OA_SLICE("application/openmetrics-text")) &&
        (range->version.len == 0 || is_version(range, "1.0.0") || is_version(range, "0.0.1"))) {
        range->format.syntax = OA_PROMETHEUS_OPENMETRICS;
        return true;
    }
    if (oa_slice_ieq(range->type, OA_SLICE("text/plain")) && is_version(range, "1.0.0")) {
        range->format.syntax = OA_PROMETHEUS_TEXT_1_0_0;
        range->format.says_escaping = true;
        return true;
    }
    range->format = (struct oa_prometheus_format){ .syntax = OA_PROMETHEUS_TEXT_0_0_4 };
    return (oa_slice_ieq(range->type, OA_SLICE("text/plain")) &&
            (range->version.len == 0 || is_version(range, "0.0.4"))) ||
           oa_slice_eq(range->type, OA_SLICE("text/*")) || oa_slice_eq(range->type, OA_SLICE("*/*"));
}

struct oa_prometheus_format oa_prometheus_negotiate(struct oa_slice accept)
{
    struct oa_prometheus_format best = { .syntax = OA_PROMETHEUS_TEXT_0_0_4 };
    int best_weight = 0;

    while (accept.len) {
        struct oa_slice item = oa_slice_next(&accept, ',');
        struct range range = { .type = oa_slice_trim(oa_slice_next(&item, ';')), .weight = WEIGHT_MAX };

        while (item.len)
            read_parameter(&range, oa_slice_next(&item, ';'));
        if (!settle(&range) || range.weight <= best_weight)
            continue;
        best = range.format;
        best_weight = range.weight;
    }
    return best;
}

void oa_prometheus_content_type(struct oa_prometheus_format format, char *buf, size_t cap)
{
    static const char *const types[] = {
        [OA_PROMETHEUS_TEXT_0_0_4] = "text/plain; version=0.0.4; charset=utf-8",
        [OA_PROMETHEUS_TEXT_1_0_0] = "text/plain; version=1.0.0; charset=utf-8",
        [OA_PROMETHEUS_OPENMETRICS] = "application/openmetrics-text; version=1.0.0; charset=utf-8",
    };

    (void)snprintf(buf, cap, "%s%s%s", types[format.syntax], format.says_escaping ? "; escaping=" : "",
                   format.says_escaping ? escapings[format.escaping].ptr : "");
}
