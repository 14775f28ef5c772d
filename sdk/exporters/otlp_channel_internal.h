/* Between otlp_channel.c and otlp_grpc.c. */
#ifndef OA_SDK_EXPORTERS_OTLP_CHANNEL_INTERNAL_H
#define OA_SDK_EXPORTERS_OTLP_CHANNEL_INTERNAL_H

#include "sdk/exporters/otlp_channel.h"

enum otlp_verdict { OTLP_DONE, OTLP_AGAIN, OTLP_GIVE_UP };

/* Accepted: what the message says about parts that were not. */
enum otlp_verdict otlp_accepted(struct oa_otlp_channel *otlp, struct oa_slice message, uint32_t items);

/* Text of the receiver's, for a log line, behind the reason: one line, printable. */
void otlp_add_message(struct oa_otlp_channel *otlp, struct oa_slice message);

/* Makes config.url, an origin, that of a signal's method. 0, or OA_EINVAL: too long. */
int otlp_grpc_set_method(struct oa_otlp_config *config, enum oa_otlp_signal signal) OA_MUST_CHECK;

/* The fields that only gRPC has; the deadline's place is the last one. */
void otlp_grpc_add_headers(struct oa_otlp_channel *otlp);

/* Before each attempt: the deadline is told, the answer is read into otlp->grpc. */
void otlp_grpc_begin(struct oa_otlp_channel *otlp, struct oa_http_request *request);

/* The body's message gets its prefix: parts of its own, room for one more than the body has. */
void otlp_grpc_wrap(struct oa_otlp_channel *otlp, const struct oa_otlp_request *body, struct oa_slice *parts);

/* An answer came; retry_after_ns of it is set if the receiver has told. */
enum otlp_verdict otlp_grpc_judge(struct oa_otlp_channel *otlp, struct oa_http_response *response, uint32_t items);

#endif
