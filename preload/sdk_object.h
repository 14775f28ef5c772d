/*
 * The file of the SDK object: libotel-auto-sdk.so, which lies beside this one. It binds to its own libraries first
 * (RTLD_DEEPBIND), unless a sanitizer's runtime is in the process, which refuses that.
 */
#ifndef OA_SDK_OBJECT_H
#define OA_SDK_OBJECT_H

/* The handle of the opened object; NULL: it cannot be opened, and why was said. */
void *oa_sdk_object_open(void);

#endif
