#include "hooks/instrumentation/protocol.h"

static const struct oa_protocol *const protocols[] = {
#define PROTOCOL(id, word, doc) &oa_protocol_##id,
#include "hooks/protocols.def"
#undef PROTOCOL
};
_Static_assert(OA_COUNT(protocols) == OA_PROTOCOL_COUNT, "one table a row");

const struct oa_protocol *oa_protocol_find(struct oa_slice first, bool outgoing, enum oa_role *ret_role)
{
    for (size_t i = 0; i < OA_COUNT(protocols); i++) {
        enum oa_role role = protocols[i]->detect(first, outgoing);

        if (role != OA_ROLE_UNKNOWN) {
            *ret_role = role;
            return protocols[i];
        }
    }
    return NULL;
}
