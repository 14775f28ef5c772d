/*
 * The two ends of a run. One of them lives in a process under the library: a client (its requests get
 * a header), a server (what it reads gets a tag) or a proxy that copies bytes from the one kind of
 * connection to the other. The bare end is whatever it takes to talk to that.
 */
#ifndef EXACT_ENDS_H
#define EXACT_ENDS_H

#include "tests/exact/live.h"

/* Both return the tally of this end; the control socket leads to the other one. */
struct tally end_bare(const struct run *run, int control);
struct tally end_observed(const struct run *run, int control);
/* Copies between accepted and opened connections until all are through. */
struct tally end_proxy(const struct run *run, int control);

#define END_STUCK_S 20 /* nothing moves for so long: the run has failed */

#endif
