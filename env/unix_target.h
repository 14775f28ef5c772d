/*
 * Endpoints that are sockets of this machine: gRPC's names for them (unix:PATH, unix:///PATH, unix-abstract:NAME),
 * and http+unix://PATH/path for OTLP over HTTP, the socket's path percent-encoded, which is ours (no specification
 * has one).
 */
#ifndef OA_ENV_UNIX_TARGET_H
#define OA_ENV_UNIX_TARGET_H

#include <stdbool.h>

#include "preload/base/compiler.h"
#include "preload/base/slice.h"

#define OA_UNIX_PATH_MAX 108u /* sun_path */

/* True, the socket's path (terminated; '@' before an abstract name) and for HTTP what follows: "" or from '/' on. */
bool oa_unix_target_read(struct oa_slice text, bool grpc, char ret_path[OA_UNIX_PATH_MAX], struct oa_slice *ret_rest);

#endif
