/*
 * Name look-ups through libc: a CLIENT span "DNS lookup" below whatever is being worked on, never a
 * root of its own; and a small memory of which name an address came from, so that a connection that
 * fails can be called by the name the application asked for. Literal addresses are not look-ups.
 */
#ifndef OA_DNS_H
#define OA_DNS_H

#include <netdb.h>

#include "hooks/instrumentation/address.h"
#include "hooks/instrumentation/op.h"

#define OA_DNS_NAME_MAX 256
#define OA_DNS_ANSWERS 8

struct oa_dns {
    struct oa_slice question; /* empty: nothing to tell */
    struct oa_when start;
    struct oa_slice error_type; /* empty: it went well */
    struct oa_address answers[OA_DNS_ANSWERS];
    uint32_t answer_count;
    uint32_t address_count;      /* different ones: more than answers has room for, maybe */
    struct oa_address last_seen; /* if address_count */
};

void oa_dns_begin(struct oa_dns *dns, const char *name);
void oa_dns_end(struct oa_dns *dns);

void oa_dns_add_addrinfo(struct oa_dns *dns, const struct addrinfo *list);
void oa_dns_add_hostent(struct oa_dns *dns, const struct hostent *host);

/* "EAI_NONAME" and so on; "_OTHER" for a number that libc does not document. */
struct oa_slice oa_dns_gai_error(int error);
/* The same for h_errno. */
struct oa_slice oa_dns_host_error(int error);

/* In a forked child, by the thread that forked: what another one was about to remember is forgotten. */
void oa_dns_forked(void);

/* The name that last resolved to this address, or empty. buf has OA_DNS_NAME_MAX bytes. */
struct oa_slice oa_dns_name_of(const struct oa_address *address, char *buf);

#endif
