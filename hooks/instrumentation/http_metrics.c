#include "hooks/instrumentation/http_metrics.h"

#include "env/env.h"
#include "preload/life.h"
#include "sdk/api/meter.h"

bool oa_http_measured(const struct oa_op *op)
{
    return oa_meter_on && !op->untold && oa_env()->http_enabled;
}

/* Attributes in the order that all sets of this group have (preload/attr_set.h). */
static void server_set(const struct oa_http_facts *f, struct oa_set *set)
{
    oa_set_str(set, OA_KEY_HTTP_REQUEST_METHOD, oa_http_facts_method(f));
    oa_set_str(set, OA_KEY_URL_SCHEME, f->scheme);
    if (f->op->status)
        oa_set_int(set, OA_KEY_HTTP_RESPONSE_STATUS_CODE, f->op->status);
    oa_set_str(set, OA_KEY_HTTP_ROUTE, f->route);
    oa_set_str(set, OA_KEY_ERROR_TYPE, f->error_type);
    oa_set_str(set, OA_KEY_NETWORK_PROTOCOL_VERSION, oa_http_facts_version(f));
}

static void client_set(const struct oa_http_facts *f, struct oa_set *set)
{
    oa_set_str(set, OA_KEY_HTTP_REQUEST_METHOD, oa_http_facts_method(f));
    oa_set_str(set, OA_KEY_SERVER_ADDRESS, f->url.host);
    if (f->server_port)
        oa_set_int(set, OA_KEY_SERVER_PORT, f->server_port);
    if (f->op->status)
        oa_set_int(set, OA_KEY_HTTP_RESPONSE_STATUS_CODE, f->op->status);
    oa_set_str(set, OA_KEY_ERROR_TYPE, f->error_type);
    oa_set_str(set, OA_KEY_NETWORK_PROTOCOL_VERSION, oa_http_facts_version(f));
}

/* A body that did not come to its end has no size that could be told; a request without one has the size 0. */
void oa_http_measure(const struct oa_http_facts *f)
{
    const struct oa_op *op = f->op;
    bool is_server = op->kind == OA_SPAN_SERVER;
    struct oa_moment moment = { .span = &op->self, .unix_ns = op->start.unix_ns + f->duration_ns };
    struct oa_measurement list[3];
    struct oa_set set;
    uint32_t count = 0;

    set.count = 0;
    if (is_server)
        server_set(f, &set);
    else
        client_set(f, &set);
    list[count++] =
        (struct oa_measurement){ is_server ? OA_METRIC_HTTP_SERVER_DURATION : OA_METRIC_HTTP_CLIENT_DURATION,
                                 f->duration_ns };
    if (op->request_done)
        list[count++] = (struct oa_measurement){ is_server ? OA_METRIC_HTTP_SERVER_REQUEST_BODY
                                                           : OA_METRIC_HTTP_CLIENT_REQUEST_BODY,
                                                 op->request_body_bytes };
    if (op->status && op->response_done)
        list[count++] = (struct oa_measurement){ is_server ? OA_METRIC_HTTP_SERVER_RESPONSE_BODY
                                                           : OA_METRIC_HTTP_CLIENT_RESPONSE_BODY,
                                                 op->response_body_bytes };
    oa_meter_record(&set, list, count, &moment);
}

static enum oa_metric active_metric(const struct oa_op *op)
{
    return op->kind == OA_SPAN_SERVER ? OA_METRIC_HTTP_SERVER_ACTIVE : OA_METRIC_HTTP_CLIENT_ACTIVE;
}

void oa_http_measure_begin(const struct oa_conn *conn, struct oa_op *op)
{
    struct oa_http_facts f;
    struct oa_set set;

    if (!oa_http_measured(op))
        return;
    oa_http_facts_peer(&f, conn, op);
    set.count = 0;
    oa_set_str(&set, OA_KEY_HTTP_REQUEST_METHOD, oa_http_facts_method(&f));
    if (op->kind == OA_SPAN_SERVER) {
        oa_set_str(&set, OA_KEY_URL_SCHEME, f.scheme);
    } else {
        oa_set_str(&set, OA_KEY_SERVER_ADDRESS, f.url.host);
        if (f.server_port)
            oa_set_int(&set, OA_KEY_SERVER_PORT, f.server_port);
    }
    oa_meter_up(active_metric(op), &set, &op->active_place);
    op->active_since = oa_life_fork_generation() + 1;
}

/* A forked child never takes away what its parent has counted. */
void oa_http_measure_end(struct oa_op *op)
{
    if (op->active_since == oa_life_fork_generation() + 1)
        oa_meter_down(active_metric(op), &op->active_place);
    op->active_since = 0;
}
