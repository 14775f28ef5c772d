/* Names for Prometheus: of metrics, of labels, of units (otel-environment F.2, F.3, F.7). Inside sdk/encode/ only. */
#ifndef OA_SDK_ENCODE_PROMETHEUS_NAME_H
#define OA_SDK_ENCODE_PROMETHEUS_NAME_H

#include "sdk/encode/buf.h"
#include "sdk/encode/prometheus_text.h"

/* What UCUM's words are called; empty for "1", for what stands in braces, and for nothing. In buf, a buffer of
 * its own. */
void oa_prometheus_unit(struct oa_buf *buf, struct oa_slice unit);

/* Name and unit as one name, a legal one unless the name is to be kept: illegal characters are underscores, runs of
 * them one. */
void oa_prometheus_metric_name(struct oa_buf *buf, struct oa_slice name, struct oa_slice unit, bool keep);

/* A label's name likewise. */
void oa_prometheus_label_name(struct oa_buf *buf, struct oa_slice key);

/* Needs no quotes, as the name of a metric or of a label. */
bool oa_prometheus_is_legal(struct oa_slice name, bool label);

/* By the escaping scheme, of a name that may be any UTF-8. ALLOW_UTF8: as it stands. */
void oa_prometheus_escape(struct oa_buf *buf, struct oa_slice name, enum oa_prometheus_escaping escaping);

#endif
