#include "preload/symbol.h"

#include <elf.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>

#define VERSION_HIDDEN 0x8000u /* of a version index: not what an unversioned look-up means */
#define OBJECTS_MAX 4096       /* a list that is longer is no list */

/* What a look-up needs of one object. */
struct tables {
    const ElfW(Sym) * symbols;
    const char *strings;
    const uint16_t *versions;
    const uint32_t *gnu_hash;
    ElfW(Addr) base;
};

/* Found once; racing threads find the same. */
static const struct link_map *_Atomic ours, *_Atomic last;

/* The program's own headers lead to the list of everything that is loaded (DT_DEBUG). */
static const struct link_map *list_of_objects(void)
{
    const ElfW(Phdr) *header = (const ElfW(Phdr) *)getauxval(AT_PHDR);
    const ElfW(Dyn) *dynamic = NULL;
    ElfW(Addr) base = 0;

    if (!header)
        return NULL;
    for (unsigned long i = 0, n = getauxval(AT_PHNUM); i < n; i++)
        if (header[i].p_type == PT_PHDR)
            base = (ElfW(Addr))header - header[i].p_vaddr;
        else if (header[i].p_type == PT_DYNAMIC)
            dynamic = (const ElfW(Dyn) *)header[i].p_vaddr;
    if (!dynamic)
        return NULL;
    for (dynamic = (const ElfW(Dyn) *)((ElfW(Addr))dynamic + base); dynamic->d_tag != DT_NULL; dynamic++)
        if (dynamic->d_tag == DT_DEBUG && dynamic->d_un.d_ptr)
            return ((const struct r_debug *)dynamic->d_un.d_ptr)->r_map;
    return NULL;
}

/* Objects that are loaded later may also go away under us: the search ends with the last one of the start. */
static const struct link_map *find_ours(void)
{
    const struct link_map *map = list_of_objects(), *self = NULL, *tail = NULL;

    for (int i = 0; map && i < OBJECTS_MAX; map = map->l_next, i++) {
        if (map->l_ld == _DYNAMIC)
            self = map;
        tail = map;
    }
    if (!self)
        return NULL;
    last = tail;
    ours = self;
    return self;
}

/* glibc has made addresses of these entries, but not where the table is read-only; musl never. */
static const void *address(const struct link_map *map, ElfW(Addr) value)
{
    return (const void *)(value < map->l_addr ? value + map->l_addr : value);
}

static bool tables_of(const struct link_map *map, struct tables *ret)
{
    *ret = (struct tables){ .base = map->l_addr };
    for (const ElfW(Dyn) *d = map->l_ld; d && d->d_tag != DT_NULL; d++)
        switch (d->d_tag) {
        case DT_SYMTAB:
            ret->symbols = address(map, d->d_un.d_ptr);
            break;
        case DT_STRTAB:
            ret->strings = address(map, d->d_un.d_ptr);
            break;
        case DT_VERSYM:
            ret->versions = address(map, d->d_un.d_ptr);
            break;
        case DT_GNU_HASH:
            ret->gnu_hash = address(map, d->d_un.d_ptr);
            break;
        default:
            break;
        }
    return ret->symbols && ret->strings && ret->gnu_hash;
}

static uint32_t hash_of(const char *name)
{
    uint32_t hash = 5381;

    for (; *name; name++)
        hash = hash * 33 + (unsigned char)*name;
    return hash;
}

enum answer { ABSENT, FOUND, UNCLEAR };

static enum answer judge(const struct tables *t, uint32_t index, void **ret_found)
{
    const ElfW(Sym) *symbol = &t->symbols[index];
    unsigned type = symbol->st_info & 0xf, binding = symbol->st_info >> 4;

    if (symbol->st_shndx == SHN_UNDEF || (binding != STB_GLOBAL && binding != STB_WEAK))
        return ABSENT;
    if (t->versions && (t->versions[index] & VERSION_HIDDEN))
        return UNCLEAR; /* unless a default version follows */
    if (type != STT_FUNC && type != STT_NOTYPE)
        return UNCLEAR;
    *ret_found = (void *)(t->base + symbol->st_value);
    return FOUND;
}

/* The GNU hash table: four numbers, a Bloom filter, the buckets, and a hash per symbol whose last bit ends a
 * chain. */
static enum answer search(const struct tables *t, const char *name, uint32_t hash, void **ret_found)
{
    uint32_t buckets = t->gnu_hash[0], first = t->gnu_hash[1], words = t->gnu_hash[2], shift = t->gnu_hash[3];
    const ElfW(Addr) *bloom = (const ElfW(Addr) *)(t->gnu_hash + 4);
    const uint32_t *bucket = (const uint32_t *)(bloom + words), *chain = bucket + buckets;
    const uint32_t bits = 8 * sizeof(*bloom);
    ElfW(Addr) word;
    enum answer best = ABSENT;
    uint32_t index;

    if (buckets == 0 || words == 0)
        return ABSENT;
    word = bloom[hash / bits & (words - 1)];
    if (!(word >> hash % bits & word >> (hash >> shift) % bits & 1))
        return ABSENT;
    index = bucket[hash % buckets];
    for (; index >= first; index++) {
        uint32_t entry = chain[index - first];

        if ((entry | 1) == (hash | 1) && strcmp(t->strings + t->symbols[index].st_name, name) == 0) {
            enum answer answer = judge(t, index, ret_found);

            if (answer == FOUND)
                return FOUND;
            best = answer == UNCLEAR ? UNCLEAR : best;
        }
        if (entry & 1)
            break;
    }
    return best;
}

enum oa_symbol_answer oa_symbol_precedes(const char *name)
{
    const struct link_map *self = ours ? ours : find_ours(), *map = self ? list_of_objects() : NULL;
    uint32_t hash = hash_of(name);
    void *found;

    if (!map)
        return OA_SYMBOL_UNKNOWN;
    for (; map && map != self; map = map->l_next) {
        struct tables t;

        /* What has no GNU hash table (the vDSO of some kernels) is none of ours. */
        if (tables_of(map, &t) && search(&t, name, hash, &found) != ABSENT)
            return OA_SYMBOL_YES;
    }
    return OA_SYMBOL_NO;
}

bool oa_symbol_from_start(void)
{
    if (!ours && !find_ours())
        return !list_of_objects(); /* of the program's namespace, where we are not */
    return oa_symbol_precedes("gnu_get_libc_version") != OA_SYMBOL_YES;
}

void *oa_symbol_next(const char *name)
{
    const struct link_map *self = ours ? ours : find_ours(), *map = self;
    uint32_t hash = hash_of(name);
    void *found = NULL;

    while (map && map != last) {
        struct tables t;

        map = map->l_next;
        if (!map)
            break;
        if (!tables_of(map, &t))
            return NULL;
        switch (search(&t, name, hash, &found)) {
        case FOUND:
            return found;
        case UNCLEAR:
            return NULL;
        case ABSENT:
            break;
        }
    }
    return NULL;
}
