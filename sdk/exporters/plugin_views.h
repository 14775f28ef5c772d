/*
 * What a plug-in is shown (otel_auto_exporter.h), made of what exporters of ours are given. Everything lies in the
 * arena, or is borrowed from batch, collection and resource. All return 0 or OA_ENOMEM.
 */
#ifndef OA_SDK_EXPORTERS_PLUGIN_VIEWS_H
#define OA_SDK_EXPORTERS_PLUGIN_VIEWS_H

#include "preload/base/arena.h"
#include "preload/base/compiler.h"
#include "sdk/include/otel_auto_exporter.h"
#include "sdk/metrics/collection.h"
#include "sdk/model/batch.h"
#include "sdk/model/resource.h"

int oa_plugin_resource(const struct oa_resource *resource, struct oa_arena *arena,
                       struct otel_auto_resource *ret_resource) OA_MUST_CHECK;

/* resource: what the above has made. */
int oa_plugin_spans(const struct oa_batch *batch, const struct otel_auto_resource *resource, struct oa_arena *arena,
                    struct otel_auto_spans *ret_spans) OA_MUST_CHECK;
int oa_plugin_logs(const struct oa_batch *batch, const struct otel_auto_resource *resource, struct oa_arena *arena,
                   struct otel_auto_logs *ret_logs) OA_MUST_CHECK;
int oa_plugin_metrics(const struct oa_collection *metrics, const struct otel_auto_resource *resource,
                      struct oa_arena *arena, struct otel_auto_metrics *ret_metrics) OA_MUST_CHECK;

#endif
