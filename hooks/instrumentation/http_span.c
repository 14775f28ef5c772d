/* The attributes of a finished HTTP operation, by the semantic conventions for HTTP spans 1.44.0. */
#include "hooks/instrumentation/http.h"

#include "env/env.h"
#include "env/peers.h"
#include "hooks/instrumentation/http_extras.h"
#include "hooks/instrumentation/http_facts.h"
#include "hooks/instrumentation/http_headers.h"
#include "hooks/instrumentation/http_metrics.h"
#include "sdk/api/span.h"

#define ATTRS_MAX 24
#define PEER_NAME_MAX 128 /* announced for service.peer.name; a longer one may be left out */

struct draft {
    struct oa_span_writer w;
    struct oa_http_facts f;
    struct oa_slice peer; /* its address as text */
    char peer_text[OA_ADDRESS_TEXT];
};

static void put_nonempty(struct draft *d, enum oa_key key, struct oa_slice value)
{
    if (value.len)
        oa_span_str(&d->w, key, value);
}

static void put_port(struct draft *d, enum oa_key key, uint16_t port)
{
    if (port)
        oa_span_int(&d->w, key, port);
}

static void put_method(struct draft *d)
{
    oa_span_str(&d->w, OA_KEY_HTTP_REQUEST_METHOD, oa_http_facts_method(&d->f));
    if (!d->f.method_known)
        oa_span_str(&d->w, OA_KEY_HTTP_REQUEST_METHOD_ORIGINAL, d->f.method);
}

static void put_network(struct draft *d)
{
    const struct oa_address *peer = &d->f.conn->peer;

    put_nonempty(d, OA_KEY_NETWORK_PEER_ADDRESS, d->peer);
    put_port(d, OA_KEY_NETWORK_PEER_PORT, peer->port);
    oa_span_str(&d->w, OA_KEY_NETWORK_PROTOCOL_VERSION, oa_http_facts_version(&d->f));
    if (peer->family == AF_UNIX)
        oa_span_str(&d->w, OA_KEY_NETWORK_TRANSPORT, OA_SLICE("unix"));
}

static void put_result(struct draft *d)
{
    const struct oa_op *op = d->f.op;

    if (op->status)
        oa_span_int(&d->w, OA_KEY_HTTP_RESPONSE_STATUS_CODE, op->status);
    put_nonempty(d, OA_KEY_ERROR_TYPE, d->f.error_type);
    if (op->has_request_body && op->request_done)
        oa_span_int(&d->w, OA_KEY_HTTP_REQUEST_BODY_SIZE, (int64_t)op->request_body_bytes);
    if (op->has_response_body)
        oa_span_int(&d->w, OA_KEY_HTTP_RESPONSE_BODY_SIZE, (int64_t)op->response_body_bytes);
    if (op->link != OA_LINK_REMOTE && op->link != OA_LINK_NONE) {
        static const struct oa_slice words[] = {
#define LINK(id, word) { word, sizeof(word) - 1 },
            OA_LINKS(LINK)
#undef LINK
        };
        _Static_assert(OA_COUNT(words) == OA_LINK_COUNT, "one word a link");
        oa_span_str(&d->w, OA_KEY_OTEL_AUTO_LINK, words[op->link]);
    }
}

/* Who the client believes to talk to: proxies' word, the absolute target, Host; a path for AF_UNIX. */
static void put_server_name(struct draft *d)
{
    const struct oa_address *local = &d->f.conn->local;
    struct oa_http_url host = { 0 };

    if (local->family == AF_UNIX && local->len) {
        oa_span_str(&d->w, OA_KEY_SERVER_ADDRESS, (struct oa_slice){ local->path, local->len });
        return;
    }
    if (d->f.fwd.host.len) {
        host.host = d->f.fwd.host;
        host.port = d->f.fwd.host_port;
    } else if (d->f.url.host.len) {
        host = d->f.url;
    } else if (oa_http_url_authority(oa_op_text(d->f.op, OA_OP_HOST), &host) < 0) {
        return;
    }
    if (host.host.len == 0)
        return;
    oa_span_str(&d->w, OA_KEY_SERVER_ADDRESS, host.host);
    put_port(d, OA_KEY_SERVER_PORT, host.port ? host.port : oa_http_url_default_port(d->f.scheme));
}

static void put_server(struct draft *d)
{
    const struct oa_http_facts *f = &d->f;
    size_t most = f->url.query.len + 256;
    char *query = oa_http_facts_room(f->op, most);

    put_nonempty(d, OA_KEY_URL_PATH, f->url.path);
    oa_span_str(&d->w, OA_KEY_URL_SCHEME, f->scheme);
    if (f->url.query.len && query) {
        size_t len = oa_http_url_write_query(query, most, f->url.query);

        oa_span_str(&d->w, OA_KEY_URL_QUERY, oa_http_facts_keep(f->op, query, len));
    }
    put_nonempty(d, OA_KEY_HTTP_ROUTE, f->route);
    put_server_name(d);
    put_nonempty(d, OA_KEY_CLIENT_ADDRESS, f->fwd.client.len ? f->fwd.client : d->peer);
    put_nonempty(d, OA_KEY_USER_AGENT_ORIGINAL, oa_op_text(f->op, OA_OP_USER_AGENT));
}

static void put_client(struct draft *d)
{
    const struct oa_http_facts *f = &d->f;
    size_t most = OA_TARGET_MAX + OA_HEADER_MAX + 64;
    char *full = oa_http_facts_room(f->op, most);
    struct oa_slice mapping = oa_slice_of(oa_env()->peer_services);

    put_nonempty(d, OA_KEY_SERVER_ADDRESS, f->url.host);
    if (oa_unlikely(mapping.len))
        put_nonempty(d, OA_KEY_SERVICE_PEER_NAME,
                     oa_env_peer_name(mapping, f->url.host, f->server_port, f->url.path));
    put_port(d, OA_KEY_SERVER_PORT, f->server_port);
    if (full && f->url.form != OA_HTTP_URL_AUTHORITY) {
        size_t len = oa_http_url_write_full(full, most, &f->url);

        oa_span_str(&d->w, OA_KEY_URL_FULL, oa_http_facts_keep(f->op, full, len));
    }
    if (f->op->resend_count)
        oa_span_int(&d->w, OA_KEY_HTTP_REQUEST_RESEND_COUNT, f->op->resend_count);
}

static void record(struct draft *d)
{
    struct oa_op *op = d->f.op;

    d->peer = oa_address_text(&d->f.conn->peer, d->peer_text);
    oa_span_begin(&d->w,
                  &(struct oa_span_end){
                      .self = op->self,
                      .parent = op->parent,
                      .tracestate = oa_op_text(op, OA_OP_STATE_LIST),
                      .baggage = oa_op_text(op, OA_OP_BAGGAGE_LIST),
                      .name = oa_http_facts_name(&d->f),
                      .start_unix_ns = op->start.unix_ns,
                      .duration_ns = d->f.duration_ns,
                      .scope = OA_SCOPE_HTTP,
                      .kind = (enum oa_span_kind)op->kind,
                      .status = d->f.error_type.len ? OA_STATUS_ERROR : OA_STATUS_UNSET,
                      .sampled_by = op->sampled_by,
                  },
                  ATTRS_MAX,
                  (uint32_t)op->text_len + 2 * OA_ADDRESS_TEXT + 256 + PEER_NAME_MAX + oa_http_headers_room(op) +
                      oa_http_extras_room(op));
    put_method(d);
    if (op->kind == OA_SPAN_SERVER)
        put_server(d);
    else
        put_client(d);
    put_network(d);
    put_result(d);
    if (oa_unlikely(op->header_count))
        oa_http_headers_put(op, &d->w);
    if (oa_unlikely(op->linked || op->event_count))
        oa_http_extras_put(op, &d->w, d->f.duration_ns);
    oa_span_commit(&d->w);
}

void oa_http_end(struct oa_conn *conn, struct oa_op *op, struct oa_when *end, struct oa_slice error_type)
{
    struct draft d;

    if (op->kind == OA_SPAN_CLIENT) {
        op->resend_count = oa_http_resend_count(op);
        oa_http_redirected(op);
    }
    if (!op->recording && !oa_http_measured(op))
        return;
    oa_http_facts_init(&d.f, conn, op, end, error_type);
    if (oa_http_measured(op))
        oa_http_measure(&d.f);
    if (op->recording)
        record(&d);
}
