/*
 * The propagators themselves, one constant per row of propagators.def, each defined in the file of
 * its format. Only the registry (propagator.c) and tests need these names: everybody else goes
 * through oa_propagators[] or the composite functions of propagator.h.
 */
#ifndef OA_PROPAGATION_FORMATS_H
#define OA_PROPAGATION_FORMATS_H

#include "sdk/propagation/propagator.h"

#define PROPAGATOR(id, word) extern const struct oa_propagator oa_propagator_##id;
#include "sdk/propagation/propagators.def"
#undef PROPAGATOR

#endif
