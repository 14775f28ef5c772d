/*
 * The configured propagators (OTEL_PROPAGATORS), resolved once: which fields they read and write, and what the
 * environment of this process holds of them. Constant after oa_carrier_init(); any thread.
 */
#ifndef OA_CARRIER_H
#define OA_CARRIER_H

#include "sdk/propagation/propagator.h"

void oa_carrier_init(void);

/* Bit sets of 1 << enum oa_field. */
uint32_t oa_carrier_reads(void);
uint32_t oa_carrier_writes(void);

/* The variable that this process was started with, "" if none, or if no configured propagator reads it. */
const char *oa_carrier_env_value(enum oa_field field);

#endif
