/*
 * struct oa_otlp_channel: how one signal's requests reach an OTLP receiver over HTTP or gRPC: where to, which
 * headers, compressed or not, repeated by the rules, and what is said about it (otel-environment B.1, B.3, B.5,
 * B.6; otlp-wire 12). Knows bytes and how many items they stand for, not what the items are.
 */
#ifndef OA_SDK_EXPORTERS_OTLP_CHANNEL_H
#define OA_SDK_EXPORTERS_OTLP_CHANNEL_H

#include "env/otlp.h"
#include "preload/base/rng.h"
#include "sdk/encode/otlp_proto.h"
#include "sdk/exporters/exporter.h"
#include "sdk/exporters/otlp_headers.h"
#include "sdk/transport/grpc.h"
#include "sdk/transport/log_limit.h"

#define OA_OTLP_SHOWN_URL_MAX 256u

/* How bodies are written, and what answers are read as. */
enum oa_channel_format {
    OA_CHANNEL_PROTOBUF, /* OTLP */
    OA_CHANNEL_JSON,     /* OTLP */
    OA_CHANNEL_ZIPKIN_JSON,
    OA_CHANNEL_ZIPKIN_PROTOBUF,
    OA_CHANNEL_GRPC, /* OTLP in protobuf, a call each */
};

struct oa_otlp_channel {
    enum oa_channel_format format;
    const struct oa_host *host;
    const char *items_word; /* "spans", for messages */
    const char *lost_word;  /* what became of them */
    struct oa_otlp_config config;
    struct oa_url url;
    struct oa_otlp_headers headers;
    struct oa_http_transport *transport;
    struct oa_arena lasting; /* text of the headers */
    struct oa_arena arena;   /* of one export: bodies are made here */
    struct oa_rng rng;
    struct oa_log_limit failed, rejected, warned;
    uint64_t rejected_items;               /* of the last export */
    char shown_url[OA_OTLP_SHOWN_URL_MAX]; /* without user information and query */
    char reason[OA_HTTP_REASON_MAX];       /* of the last failure */
    struct {                               /* of the running call */
        struct oa_grpc_fields fields;
        char timeout[OA_GRPC_TIMEOUT_MAX];
        uint8_t prefix[OA_GRPC_PREFIX];
    } grpc;
};

/* 0, or why there is no usable endpoint; release it in both cases. The channel stays where it is. */
int oa_otlp_channel_init(struct oa_otlp_channel *channel, const struct oa_exporter_setup *setup,
                         enum oa_otlp_signal signal) OA_MUST_CHECK;
/* The same for a receiver of another kind; config: endpoint, time-out and so on, headers never NULL. */
int oa_otlp_channel_init_as(struct oa_otlp_channel *channel, const struct oa_host *host,
                            const struct oa_otlp_config *config, enum oa_channel_format format) OA_MUST_CHECK;
void oa_otlp_channel_release(struct oa_otlp_channel *channel);

/* Sends a body that was made in channel->arena (err: that failed) and stands for so many items, until there is a
 * verdict. 0: accepted, rejected_items of them refused for good; negative: given up, said in the log. Empties
 * the arena. */
int oa_otlp_channel_send(struct oa_otlp_channel *channel, struct oa_otlp_request *body, int err, uint32_t items,
                         uint64_t deadline_mono_ns) OA_MUST_CHECK;

/* What was kept back in the last minute is said now: nobody will ask again. */
void oa_otlp_channel_last_words(struct oa_otlp_channel *channel);

#endif
