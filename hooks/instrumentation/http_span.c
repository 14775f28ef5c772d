/* The attributes of a finished HTTP operation, by the semantic conventions for HTTP spans 1.44.0. */
#include "hooks/instrumentation/http.h"

#include "env/env.h"
#include "hooks/instrumentation/forwarded.h"
#include "hooks/instrumentation/method.h"
#include "hooks/instrumentation/route.h"
#include "hooks/instrumentation/url.h"
#include "sdk/api/span.h"

#define ATTRS_MAX 24

/* Text made for the span: url.full or url.query, then the route, in the operation's own text area
 * behind what was captured (the operation ends here, nobody reads that part any more). */
struct draft {
    struct oa_span_writer w;
    const struct oa_conn *conn;
    struct oa_op *op;
    struct oa_http_url url; /* of the target */
    struct oa_slice method; /* as sent */
    bool method_known;
    struct oa_slice error_type;
    char digits[4];
};

static char *scratch(struct oa_op *op, size_t want)
{
    return op->text_len + want <= OA_OP_TEXT ? op->text + op->text_len : NULL;
}

static struct oa_slice written(struct oa_op *op, char *at, size_t len)
{
    op->text_len = (uint16_t)(op->text_len + len);
    return (struct oa_slice){ at, len };
}

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
    oa_span_str(&d->w, OA_KEY_HTTP_REQUEST_METHOD, d->method_known ? d->method : OA_SLICE("_OTHER"));
    if (!d->method_known)
        oa_span_str(&d->w, OA_KEY_HTTP_REQUEST_METHOD_ORIGINAL, d->method);
}

static void put_network(struct draft *d)
{
    const struct oa_address *peer = &d->conn->peer;
    bool minor0 = d->op->minor == 0 || (d->op->status && d->op->response_minor == 0);
    char text[OA_ADDRESS_TEXT];

    put_nonempty(d, OA_KEY_NETWORK_PEER_ADDRESS, oa_address_text(peer, text));
    put_port(d, OA_KEY_NETWORK_PEER_PORT, peer->port);
    oa_span_str(&d->w, OA_KEY_NETWORK_PROTOCOL_VERSION, minor0 ? OA_SLICE("1.0") : OA_SLICE("1.1"));
    if (peer->family == AF_UNIX)
        oa_span_str(&d->w, OA_KEY_NETWORK_TRANSPORT, OA_SLICE("unix"));
}

static void put_result(struct draft *d)
{
    const struct oa_op *op = d->op;

    if (op->status)
        oa_span_int(&d->w, OA_KEY_HTTP_RESPONSE_STATUS_CODE, op->status);
    put_nonempty(d, OA_KEY_ERROR_TYPE, d->error_type);
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

static struct oa_forwarded forwarded(const struct oa_op *op)
{
    struct oa_forwarded result = { 0 };
    struct oa_forwarded_fields fields = {
        .forwarded = oa_op_text(op, OA_OP_FORWARDED),
        .x_for = oa_op_text(op, OA_OP_X_FORWARDED_FOR),
        .x_proto = oa_op_text(op, OA_OP_X_FORWARDED_PROTO),
        .x_host = oa_op_text(op, OA_OP_X_FORWARDED_HOST),
    };

    oa_forwarded_read(&fields, &result);
    return result;
}

/* Who the client believes to talk to: proxies' word, the absolute target, Host; a path for AF_UNIX. */
static void put_server_name(struct draft *d, const struct oa_forwarded *fwd, struct oa_slice scheme)
{
    struct oa_http_url host = { 0 };

    if (d->conn->local.family == AF_UNIX && d->conn->local.len) {
        oa_span_str(&d->w, OA_KEY_SERVER_ADDRESS, (struct oa_slice){ d->conn->local.path, d->conn->local.len });
        return;
    }
    if (fwd->host.len) {
        host.host = fwd->host;
        host.port = fwd->host_port;
    } else if (d->url.host.len) {
        host = d->url;
    } else if (oa_http_url_authority(oa_op_text(d->op, OA_OP_HOST), &host) < 0) {
        return;
    }
    if (host.host.len == 0)
        return;
    oa_span_str(&d->w, OA_KEY_SERVER_ADDRESS, host.host);
    put_port(d, OA_KEY_SERVER_PORT, host.port ? host.port : oa_http_url_default_port(scheme));
}

static void put_server(struct draft *d, struct oa_slice route)
{
    struct oa_forwarded fwd = forwarded(d->op);
    struct oa_slice scheme = fwd.scheme.len ? fwd.scheme : OA_SLICE("http");
    char peer[OA_ADDRESS_TEXT], *query = scratch(d->op, d->url.query.len + 256);

    put_nonempty(d, OA_KEY_URL_PATH, d->url.path);
    oa_span_str(&d->w, OA_KEY_URL_SCHEME, scheme);
    if (d->url.query.len && query) {
        size_t len = oa_http_url_write_query(query, d->url.query.len + 256, d->url.query);

        oa_span_str(&d->w, OA_KEY_URL_QUERY, written(d->op, query, len));
    }
    put_nonempty(d, OA_KEY_HTTP_ROUTE, route);
    put_server_name(d, &fwd, scheme);
    put_nonempty(d, OA_KEY_CLIENT_ADDRESS, fwd.client.len ? fwd.client : oa_address_text(&d->conn->peer, peer));
    put_nonempty(d, OA_KEY_USER_AGENT_ORIGINAL, oa_op_text(d->op, OA_OP_USER_AGENT));
}

static void put_client(struct draft *d)
{
    struct oa_http_url url = d->url;
    char peer[OA_ADDRESS_TEXT], *full = scratch(d->op, OA_TARGET_MAX + OA_HEADER_MAX + 64);

    if (url.scheme.len == 0)
        url.scheme = OA_SLICE("http");
    if (url.host.len == 0 && (oa_http_url_authority(oa_op_text(d->op, OA_OP_HOST), &url) < 0 || url.host.len == 0)) {
        /* HTTP/1.0 without Host: the address is all there is */
        url.host = oa_address_text(&d->conn->peer, peer);
        url.port = d->conn->peer.port;
    }
    put_nonempty(d, OA_KEY_SERVER_ADDRESS, url.host);
    put_port(d, OA_KEY_SERVER_PORT, url.port ? url.port : oa_http_url_default_port(url.scheme));
    if (full && url.form != OA_HTTP_URL_AUTHORITY) {
        size_t len = oa_http_url_write_full(full, OA_TARGET_MAX + OA_HEADER_MAX + 64, &url);

        oa_span_str(&d->w, OA_KEY_URL_FULL, written(d->op, full, len));
    }
    if (d->op->resend_count)
        oa_span_int(&d->w, OA_KEY_HTTP_REQUEST_RESEND_COUNT, d->op->resend_count);
}

/* The error by status, if no worse one is known: 5xx for servers, 4xx and 5xx for clients. */
static void status_error(struct draft *d)
{
    uint16_t status = d->op->status, from = d->op->kind == OA_SPAN_SERVER ? 500 : 400;

    if (d->error_type.len || status < from)
        return;
    d->digits[0] = (char)('0' + status / 100);
    d->digits[1] = (char)('0' + status / 10 % 10);
    d->digits[2] = (char)('0' + status % 10);
    d->error_type = (struct oa_slice){ d->digits, 3 };
}

static struct oa_slice make_route(struct draft *d)
{
    char *out = scratch(d->op, OA_ROUTE_MAX);

    if (d->op->kind != OA_SPAN_SERVER || !oa_env()->auto_http_route || !out || d->url.form == OA_HTTP_URL_AUTHORITY)
        return (struct oa_slice){ 0 };
    return written(d->op, out, oa_route_template(out, OA_ROUTE_MAX, d->url.path));
}

/* "{method} {route}" or "{method}"; the word HTTP stands for a method that is not known. */
static struct oa_slice make_name(struct draft *d, struct oa_slice route)
{
    struct oa_slice method = d->method_known ? d->method : OA_SLICE("HTTP");
    char *out = scratch(d->op, method.len + 1 + route.len);

    if (route.len == 0 || !out)
        return method;
    memcpy(out, method.ptr, method.len);
    out[method.len] = ' ';
    memcpy(out + method.len + 1, route.ptr, route.len);
    return written(d->op, out, method.len + 1 + route.len);
}

void oa_http_end(struct oa_conn *conn, struct oa_op *op, struct oa_when *end, struct oa_slice error_type)
{
    struct draft d = { .conn = conn, .op = op, .method = { op->method, op->method_len }, .error_type = error_type };
    struct oa_slice route;

    if (op->kind == OA_SPAN_CLIENT) {
        op->resend_count = oa_http_resend_count(op);
        oa_http_redirected(op);
    }
    if (!op->recording)
        return;
    d.method_known = oa_method_known(d.method);
    if (oa_http_url_split(oa_op_text(op, OA_OP_TARGET), oa_slice_eq(d.method, OA_SLICE("CONNECT")), &d.url) < 0)
        d.url.path = oa_op_text(op, OA_OP_TARGET);
    status_error(&d);
    route = make_route(&d);
    oa_span_begin(&d.w,
                  &(struct oa_span_end){
                      .self = op->self,
                      .parent = op->parent,
                      .tracestate = oa_op_text(op, OA_OP_STATE_LIST),
                      .name = make_name(&d, route),
                      .start_unix_ns = op->start.unix_ns,
                      .duration_ns = end->mono_ns > op->start.mono_ns ? end->mono_ns - op->start.mono_ns : 0,
                      .scope = OA_SCOPE_HTTP,
                      .kind = (enum oa_span_kind)op->kind,
                      .status = d.error_type.len ? OA_STATUS_ERROR : OA_STATUS_UNSET,
                  },
                  ATTRS_MAX, (uint32_t)op->text_len + 2 * OA_ADDRESS_TEXT + 256);
    put_method(&d);
    if (op->kind == OA_SPAN_SERVER)
        put_server(&d, route);
    else
        put_client(&d);
    put_network(&d);
    put_result(&d);
    oa_span_commit(&d.w);
}
