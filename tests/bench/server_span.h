/* A server span as ours are, with ten attributes. */
#ifndef OA_TESTS_BENCH_SERVER_SPAN_H
#define OA_TESTS_BENCH_SERVER_SPAN_H

#include "preload/base/compiler.h"
#include "tests/support/span_record.h"

static inline void oa_bench_server_span(struct oa_test_record *record)
{
    static const struct {
        enum oa_key key;
        const char *text;
    } texts[] = {
        { OA_KEY_HTTP_REQUEST_METHOD, "GET" },
        { OA_KEY_URL_PATH, "/users/4711/orders" },
        { OA_KEY_URL_SCHEME, "https" },
        { OA_KEY_HTTP_ROUTE, "/users/*/orders" },
        { OA_KEY_SERVER_ADDRESS, "shop.example" },
        { OA_KEY_NETWORK_PEER_ADDRESS, "192.0.2.17" },
        { OA_KEY_USER_AGENT_ORIGINAL, "Mozilla/5.0 (X11; Linux x86_64)" },
    };

    oa_test_record_init(record, "GET /users/*/orders", "");
    for (size_t i = 0; i < OA_COUNT(texts); i++)
        oa_test_record_str(record, texts[i].key, oa_slice_of(texts[i].text));
    oa_test_record_int(record, OA_KEY_SERVER_PORT, 443);
    oa_test_record_int(record, OA_KEY_NETWORK_PEER_PORT, 50123);
    oa_test_record_int(record, OA_KEY_HTTP_RESPONSE_STATUS_CODE, 200);
}

#endif
