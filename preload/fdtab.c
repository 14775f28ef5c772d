#include "preload/fdtab.h"

_Atomic uint32_t oa_fd_words[OA_FD_MAX];
uint32_t oa_fd_limit;
_Atomic uint32_t oa_fd_high;
