/* What the program writes to stdout and stderr, for the wrappers that write. */
#ifndef OA_OUTPUT_H
#define OA_OUTPUT_H

#include "hooks/instrumentation/conn.h"

/* A write on a descriptor that is not ignored. */
ssize_t oa_output_write(const struct oa_outgoing *out);

#endif
