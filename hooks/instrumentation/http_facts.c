#include "hooks/instrumentation/http_facts.h"

#include "env/env.h"
#include "hooks/instrumentation/method.h"
#include "hooks/instrumentation/route.h"
#include "preload/base/copy.h"

char *oa_http_facts_room(struct oa_op *op, size_t want)
{
    return op->text_len + want <= OA_OP_TEXT ? op->text + op->text_len : NULL;
}

struct oa_slice oa_http_facts_keep(struct oa_op *op, char *at, size_t len)
{
    op->text_len = (uint16_t)(op->text_len + len);
    return (struct oa_slice){ at, len };
}

static void forwarded(struct oa_http_facts *f)
{
    struct oa_forwarded_fields fields = {
        .forwarded = oa_op_text(f->op, OA_OP_FORWARDED),
        .x_for = oa_op_text(f->op, OA_OP_X_FORWARDED_FOR),
        .x_proto = oa_op_text(f->op, OA_OP_X_FORWARDED_PROTO),
        .x_host = oa_op_text(f->op, OA_OP_X_FORWARDED_HOST),
    };

    if (fields.forwarded.len | fields.x_for.len | fields.x_proto.len | fields.x_host.len)
        oa_forwarded_read(&fields, &f->fwd);
}

static void server(struct oa_http_facts *f)
{
    forwarded(f);
    f->scheme = f->fwd.scheme.len ? f->fwd.scheme : OA_SLICE("http");
}

/* out: OA_ROUTE_MAX bytes */
static size_t write_route(const struct oa_http_facts *f, char *out)
{
    if (!oa_env()->auto_http_route || f->url.form == OA_HTTP_URL_AUTHORITY)
        return 0;
    return oa_route_template(out, OA_ROUTE_MAX, f->url.path);
}

static struct oa_slice route(struct oa_http_facts *f)
{
    char *out = oa_http_facts_room(f->op, OA_ROUTE_MAX);
    size_t len = out ? write_route(f, out) : 0;

    return len ? oa_http_facts_keep(f->op, out, len) : (struct oa_slice){ 0 };
}

/* Whom the request is for: the absolute target, else Host, else the address that was connected to. */
static void client(struct oa_http_facts *f)
{
    struct oa_http_url *url = &f->url;

    if (url->scheme.len == 0)
        url->scheme = OA_SLICE("http");
    if (url->host.len == 0 && (oa_http_url_authority(oa_op_text(f->op, OA_OP_HOST), url) < 0 || url->host.len == 0)) {
        /* HTTP/1.0 without Host */
        url->host = oa_address_text(&f->conn->peer, f->peer);
        url->port = f->conn->peer.port;
    }
    f->scheme = url->scheme;
    f->server_port = url->port ? url->port : oa_http_url_default_port(url->scheme);
}

/* The error by status, if no worse one is known: 5xx for servers, 4xx and 5xx for clients. */
static void status_error(struct oa_http_facts *f)
{
    uint16_t status = f->op->status, from = f->op->kind == OA_SPAN_SERVER ? 500 : 400;

    if (f->error_type.len || status < from)
        return;
    f->digits[0] = (char)('0' + status / 100);
    f->digits[1] = (char)('0' + status / 10 % 10);
    f->digits[2] = (char)('0' + status % 10);
    f->error_type = (struct oa_slice){ f->digits, 3 };
}

static void method(struct oa_http_facts *f, const struct oa_conn *conn, struct oa_op *op)
{
    f->conn = conn;
    f->op = op;
    f->fwd = (struct oa_forwarded){ 0 };
    f->url = (struct oa_http_url){ 0 };
    f->method = (struct oa_slice){ op->method, op->method_len };
    f->method_known = oa_method_known(f->method);
}

static void target(struct oa_http_facts *f)
{
    struct oa_slice text = oa_op_text(f->op, OA_OP_TARGET);

    if (oa_http_url_split(text, oa_slice_eq(f->method, OA_SLICE("CONNECT")), &f->url) < 0)
        f->url.path = text;
}

static struct oa_slice name_of_method(const struct oa_http_facts *f)
{
    return f->method_known ? f->method : OA_SLICE("HTTP");
}

static size_t join(char *out, struct oa_slice first, size_t route_len)
{
    oa_copy(out, first.ptr, first.len);
    if (route_len == 0)
        return first.len;
    out[first.len] = ' ';
    return first.len + 1 + route_len;
}

struct oa_slice oa_http_facts_early_name(struct oa_op *op, char buf[OA_HTTP_EARLY_NAME])
{
    struct oa_http_facts f;
    struct oa_slice first;
    size_t len = 0;

    method(&f, NULL, op);
    first = name_of_method(&f);
    if (op->kind == OA_SPAN_SERVER) {
        target(&f);
        len = write_route(&f, buf + first.len + 1);
    }
    return (struct oa_slice){ buf, join(buf, first, len) };
}

struct oa_slice oa_http_facts_name(const struct oa_http_facts *f)
{
    struct oa_slice first = name_of_method(f);
    char *out = oa_http_facts_room(f->op, first.len + 1 + f->route.len);

    if (f->route.len == 0 || !out)
        return first;
    oa_copy(out + first.len + 1, f->route.ptr, f->route.len);
    return oa_http_facts_keep(f->op, out, join(out, first, f->route.len));
}

/* Most targets are a path and say nothing of whom they are for. */
void oa_http_facts_peer(struct oa_http_facts *f, const struct oa_conn *conn, struct oa_op *op)
{
    struct oa_slice text = oa_op_text(op, OA_OP_TARGET);

    method(f, conn, op);
    if (op->kind == OA_SPAN_SERVER) {
        server(f);
        return;
    }
    if (text.len == 0 || text.ptr[0] != '/')
        target(f);
    client(f);
}

void oa_http_facts_init(struct oa_http_facts *f, const struct oa_conn *conn, struct oa_op *op,
                        const struct oa_when *end, struct oa_slice error_type)
{
    method(f, conn, op);
    target(f);
    if (op->kind == OA_SPAN_SERVER)
        server(f);
    else
        client(f);
    f->error_type = error_type;
    f->duration_ns = end->mono_ns > op->start.mono_ns ? end->mono_ns - op->start.mono_ns : 0;
    f->version_1_0 = op->minor == 0 || (op->status && op->response_minor == 0);
    f->route = f->op->kind == OA_SPAN_SERVER ? route(f) : (struct oa_slice){ 0 };
    status_error(f);
}
