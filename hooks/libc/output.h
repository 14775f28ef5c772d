/* What the program writes to stdout and stderr, for the wrappers that write. */
#ifndef OA_OUTPUT_H
#define OA_OUTPUT_H

#include <stdio.h>

#include "hooks/instrumentation/conn.h"

/* A write on a descriptor that is not ignored. */
ssize_t oa_output_write(const struct oa_outgoing *out);

/* A stream is about to be closed, and its buffer written out. */
void oa_output_closing(const FILE *file);

#endif
