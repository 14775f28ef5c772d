#include "tests/exact/script.h"

#include <stdlib.h>

#include "tests/exact/message.h"

static void step(struct script *script)
{
    struct script_step *last = script->step_count ? &script->steps[script->step_count - 1] : NULL;

    if (last && last->out == script->out.len && last->in == script->in.len)
        return;
    script->steps = list_grow(script->steps, script->step_count, sizeof(*script->steps));
    script->steps[script->step_count++] = (struct script_step){ script->out.len, script->in.len };
}

/* After an Upgrade or a CONNECT that was granted: bytes of another protocol, both ways. */
static void tunnel(struct script *script, struct rng *rng)
{
    for (size_t i = rng_range(rng, 0, 4); i > 0; i--) {
        message_noise(&script->out, rng, rng_size(rng, 3000));
        message_noise(&script->in, rng, rng_size(rng, 3000));
        step(script);
    }
}

/* The answer to the last request of a batch is asked for somewhere in its body, or after it. */
static void last_of_batch(struct script *script, struct rng *rng, const struct request *request)
{
    size_t sent = script->out.len, body = sent - request->head_end;

    if (request->turn == TURN_EXPECT && body) {
        script->out.len = request->head_end;
        bytes_str(&script->in, "HTTP/1.1 100 Continue\r\n\r\n");
        step(script);
        script->out.len = sent;
    } else if (body && request->turn == TURN_PLAIN && rng_chance(rng, 60)) {
        message_response(script, rng, request, false); /* early: 413, or a server that does not care */
        script->out.len = rng_range(rng, request->head_end, sent);
        step(script);
        script->out.len = sent;
        step(script);
        return;
    }
    message_response(script, rng, request, request->last && script->server_closes);
    step(script);
}

/* Granted, refused, or granted to a client that sent the first bytes of the other protocol at once. */
static bool turned(struct script *script, struct rng *rng, const struct request *request)
{
    if (rng_chance(rng, 300)) {
        message_response(script, rng, request, false);
        step(script);
        return false;
    }
    if (rng_chance(rng, 400))
        message_noise(&script->out, rng, rng_range(rng, 1, 2000));
    bytes_str(&script->in,
              request->turn == TURN_CONNECT
                  ? "HTTP/1.1 200 Connection established\r\n\r\n"
                  : "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    step(script);
    tunnel(script, rng);
    return true;
}

static enum request_turn turn_of(struct rng *rng, bool ends_batch)
{
    if (!ends_batch || !rng_chance(rng, 120))
        return TURN_PLAIN;
    return (enum request_turn)rng_range(rng, TURN_UPGRADE, TURN_EXPECT);
}

/* One batch of pipelined requests and their answers. False: the connection speaks HTTP no more. */
static bool batch(struct script *script, struct rng *rng, size_t count, bool ends)
{
    for (size_t i = 0; i < count; i++) {
        bool ends_batch = i == count - 1;
        struct request request = {
            .turn = turn_of(rng, ends_batch),
            .first = script->mark_count == 0,
            .known_method = script->followed,
            .last = ends && ends_batch,
        };

        message_request(script, rng, &request);
        if (!ends_batch)
            message_response(script, rng, &request, false);
        else if (request.turn == TURN_UPGRADE || request.turn == TURN_CONNECT)
            return !turned(script, rng, &request);
        else
            last_of_batch(script, rng, &request);
    }
    return true;
}

static size_t batch_size(struct rng *rng, size_t left)
{
    size_t n = rng_chance(rng, 500) ? 1 : rng_chance(rng, 600) ? rng_range(rng, 2, 5) : rng_range(rng, 6, 20);

    return n < left ? n : left;
}

void script_make(struct script *script, uint64_t seed, uint32_t conn)
{
    struct rng rng = rng_of(seed, conn);
    size_t left = rng_chance(&rng, 250) ? 1 : rng_range(&rng, 2, 60);
    bool http = true;

    *script = (struct script){ .abort_at = SIZE_MAX };
    script->kind = (uint8_t)rng_below(&rng, SCRIPT_KINDS);
    script->kind_behind = (uint8_t)rng_below(&rng, SCRIPT_PAIR);
    script->non_blocking = rng_chance(&rng, 600);
    script->small_buffers = rng_chance(&rng, 200);
    script->server_closes = rng_chance(&rng, 150);
    script->followed = !rng_chance(&rng, 25);
    script->overlong = rng_chance(&rng, 20);
    if (script->overlong)
        left = rng_range(&rng, 65, 120);
    while (left && http) {
        size_t n = script->overlong ? left : batch_size(&rng, left);

        left -= n;
        http = batch(script, &rng, n, left == 0);
    }
    if (!http)
        script->server_closes = false;
    if (http && !script->server_closes && rng_chance(&rng, 60)) {
        message_garbage(&script->out, &rng);
        step(script);
    }
    if (!script->server_closes && rng_chance(&rng, 80))
        script->abort_at = rng_below(&rng, script->out.len);
}

void script_release(struct script *script)
{
    bytes_release(&script->out);
    bytes_release(&script->in);
    free(script->out_runs.run);
    free(script->in_runs.run);
    free(script->marks);
    free(script->steps);
    *script = (struct script){ 0 };
}

uint32_t script_connections(uint64_t seed, size_t requests)
{
    uint32_t conn = 0;

    for (size_t found = 0; found < requests; conn++) {
        struct script script;

        script_make(&script, seed, conn);
        for (size_t i = 0; i < script.mark_count && script.marks[i].blank < script.abort_at; i++)
            found++;
        script_release(&script);
    }
    return conn;
}
