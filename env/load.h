/*
 * The work of oa_env_load() between its three parts: env.c finds and reads, rules.c applies what
 * depends on several rows, message.c says what was wrong. Private to this room; lives on the
 * constructor's stack, where the environment is still what the program was started with.
 */
#ifndef OA_ENV_LOAD_H
#define OA_ENV_LOAD_H

#include "env/table.h"

/* At most one per row: "one line per variable" follows from that. */
enum oa_env_fault {
    OA_ENV_FAULT_NONE,
    /* The value is not used. */
    OA_ENV_FAULT_VALUE, /* not of the row's type, or out of its range */
    OA_ENV_FAULT_ROOM,  /* the text area is full */
    OA_ENV_FAULT_UTF8,
    OA_ENV_FAULT_RESOURCE,
    OA_ENV_FAULT_ENDPOINT,
    OA_ENV_FAULT_RATIO,
    OA_ENV_FAULT_JAEGER, /* argument of jaeger_remote */
    OA_ENV_FAULT_BATCH,  /* larger than the queue */
    OA_ENV_FAULT_LONELY, /* what is recorded for plug-ins, of which there is none */
    /* The value, or what is good of it, is used. */
    OA_ENV_FAULT_SKIPPED,  /* a list with unknown words */
    OA_ENV_FAULT_MIXED,    /* a list with `none` and others */
    OA_ENV_FAULT_HEADERS,  /* a list with headers that cannot be sent */
    OA_ENV_FAULT_PEERS,    /* a list with items that are none */
    OA_ENV_FAULT_ENTITIES, /* a list with parts that are passed over */
    OA_ENV_FAULT_PORT,     /* the other protocol's usual port */
    OA_ENV_FAULT_BESIDE,   /* another variable is used for OTLP */
    OA_ENV_FAULT_REMOTE,   /* a sampler (xray) whose server is not asked */
    OA_ENV_FAULT_COUNT
};
#define OA_ENV_FAULT_FIRST_USED OA_ENV_FAULT_SKIPPED

struct oa_env_load {
    struct oa_env *env;
    uint8_t *source;                   /* enum oa_env_source per row */
    const char *raw[OA_ENV_ROW_COUNT]; /* value in the environment, NULL if absent */
    uint8_t fault[OA_ENV_ROW_COUNT];   /* enum oa_env_fault */
};

/* Notes a fault and, if the value cannot be used, puts the default back. */
void oa_env_load_fault(struct oa_env_load *load, enum oa_env_row row, enum oa_env_fault fault);

/* FOLLOWS rows, batch size against queue size, sampler and its argument, endpoints against protocols. */
void oa_env_rules_apply(struct oa_env_load *load);

/* One line for a row with a fault. */
void oa_env_message(const struct oa_env_load *load, enum oa_env_row row);

#endif
