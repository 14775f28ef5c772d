/* A collection with a point of every kind, the same each time, for the tests of encoders. */
#ifndef OA_TESTS_COLLECTION_FIXTURE_H
#define OA_TESTS_COLLECTION_FIXTURE_H

#include "sdk/metrics/collection.h"
#include "sdk/model/resource.h"

/* http.server.request.duration (explicit, an exemplar), http.client.request.duration (exponential),
 * http.server.active_requests (up-down), otel_auto.connection.io (counter, two points), process.uptime (gauge),
 * process.cpu.time (observed counter). */
void oa_test_collection(struct oa_collection *collection);

/* `service.name` and one with characters that need care. Release it. */
void oa_test_collection_resource(struct oa_resource *resource);

#endif
