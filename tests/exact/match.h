/*
 * Compares the bytes that arrived with those that were meant, as they come in. Where the library may
 * change something it takes that out again and judges it: one block of header lines in front of the
 * empty line of a head, or another parent id in a request's own traceparent. Anything else that
 * differs is corruption, and the connection is given up.
 */
#ifndef EXACT_MATCH_H
#define EXACT_MATCH_H

#include <stdio.h>

#include "tests/exact/script.h"

#define MATCH_LINE_MAX 12000

struct match {
    const struct script *script;
    struct bytes want; /* borrowed from the script */
    enum script_mode mode;
    bool plain;           /* nothing may differ at all */
    bool changed_nothing; /* no insert is expected either: the library is told to keep out */
    bool may_miss;        /* an insert may be missing */
    size_t pos;           /* meant bytes that have arrived */
    size_t seen;          /* bytes that have arrived */
    size_t mark;          /* the next head whose end has not arrived */
    bool in_line;         /* inside an inserted line */
    size_t line_len;
    unsigned lines[3]; /* inserted in front of the current empty line */
    bool id_changed;
    size_t id_at;        /* `seen` where the parent id of the current head began */
    size_t untagged_at;  /* `seen` at the last head of this feed that could have had a tag; SIZE_MAX = none */
    size_t unnamed_at;   /* the same for a traceparent of its own that kept its parent id: where the value began */
    size_t missed;       /* the last head that has no header and should */
    const char *trouble; /* NULL, or what is wrong; nothing is compared any more */
    unsigned long corrupted, doubled, missing, inserted, overwritten;
    char line[MATCH_LINE_MAX];
};

/* mode counts only for the client's bytes (client = true): the server's are never changed. */
void match_init(struct match *m, const struct script *script, bool client_bytes, enum script_mode mode);
/* False once something is wrong. */
bool match_feed(struct match *m, const char *bytes, size_t n);
/* The head has no header and should have one. */
void match_missed(struct match *m, size_t head);
/* Heads of which the end has arrived. */
size_t match_requests(const struct match *m);
void match_explain(const struct match *m, const char *bytes, size_t n, FILE *to);

#endif
