#include "hooks/instrumentation/method.h"

/* RFC 9110 section 9, RFC 5789 (PATCH) and QUERY; the frequent ones first, as they are compared in order. */
#define STANDARD "GET,POST,PUT,DELETE,HEAD,OPTIONS,PATCH,CONNECT,TRACE,QUERY"

static struct oa_slice known = { STANDARD, sizeof(STANDARD) - 1 };

void oa_method_init(const char *list)
{
    struct oa_slice all = oa_slice_of(list), rest = all;

    known = oa_slice_item(&rest, ',').len ? all : OA_SLICE(STANDARD);
}

bool oa_method_known(struct oa_slice method)
{
    struct oa_slice rest = known, name;

    if (method.len == 0)
        return false;
    while ((name = oa_slice_item(&rest, ',')).len)
        if (oa_slice_eq(name, method))
            return true;
    return false;
}
