/*
 * The error vocabulary: fallible functions return 0 or a negative OA_E* value (house rule 19).
 * errno is never used to carry an error of ours: it belongs to the host program.
 */
#ifndef OA_BASE_ERR_H
#define OA_BASE_ERR_H

enum oa_err {
    OA_OK = 0,
    OA_EMALFORMED = -1, /* bytes that no grammar of ours accepts */
    OA_EAGAIN = -2,     /* more bytes, or a later try, are needed */
    OA_EFULL = -3,      /* a bound of limits.h was reached */
    OA_ENOMEM = -4,
    OA_EINVAL = -5, /* a value outside its documented range */
    OA_EIO = -6,    /* a system call or a peer failed */
    OA_ETIMEOUT = -7,
    OA_ENOTSUP = -8,
};

#endif
