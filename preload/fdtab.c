#include "preload/fdtab.h"

OA_BIG _Atomic uint32_t oa_fd_words[OA_FD_MAX];
_Atomic uint32_t oa_fd_limit;
_Atomic uint32_t oa_fd_high;
uint32_t oa_fd_outputs;
