#include "sdk/encode/span_tree.h"

#include <stdlib.h>
#include <string.h>

struct node {
    const struct oa_span_view *span;
    struct node *parent; /* NULL: at the top */
    struct node *first_child;
    struct node *last_child;
    struct node *next; /* sibling; children are appended in order of start */
    uint64_t trace_start_unix_ns;
    bool visited;
};

static int compare_u64(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_trace(const struct node *a, const struct node *b)
{
    return memcmp(a->span->trace_id, b->span->trace_id, sizeof(a->span->trace_id));
}

/* By trace, then start: what a trace's first start is can then be seen at once. The address settles
 * what is equal: spans of one batch lie in the order in which they ended. */
static int by_trace_and_start(const void *left, const void *right)
{
    const struct node *a = left, *b = right;
    int order = compare_trace(a, b);

    if (!order)
        order = compare_u64(a->span->start_unix_ns, b->span->start_unix_ns);
    return order ? order : compare_u64((uintptr_t)a->span, (uintptr_t)b->span);
}

static int by_trace_start(const void *left, const void *right)
{
    const struct node *a = left, *b = right;
    int order = compare_u64(a->trace_start_unix_ns, b->trace_start_unix_ns);

    return order ? order : by_trace_and_start(left, right);
}

static int by_span_id(const void *left, const void *right)
{
    const struct node *a = *(struct node *const *)left, *b = *(struct node *const *)right;
    int order = compare_trace(a, b);

    return order ? order : memcmp(a->span->span_id, b->span->span_id, sizeof(a->span->span_id));
}

static void sort_nodes(struct node *nodes, uint32_t count)
{
    qsort(nodes, count, sizeof(*nodes), by_trace_and_start);
    for (uint32_t i = 0; i < count; i++) {
        bool first = i == 0 || compare_trace(&nodes[i - 1], &nodes[i]) != 0;

        nodes[i].trace_start_unix_ns = first ? nodes[i].span->start_unix_ns : nodes[i - 1].trace_start_unix_ns;
    }
    qsort(nodes, count, sizeof(*nodes), by_trace_start);
}

static struct node *find_parent(struct node *child, struct node **by_id, uint32_t count)
{
    struct oa_span_view wanted = *child->span;
    struct node key = { .span = &wanted }, *key_ptr = &key, **found;

    memcpy(wanted.span_id, child->span->parent_id, sizeof(wanted.span_id));
    found = bsearch(&key_ptr, by_id, count, sizeof(*by_id), by_span_id);
    return found && *found != child ? *found : NULL;
}

static void link_nodes(struct node *nodes, struct node **by_id, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        by_id[i] = &nodes[i];
    qsort(by_id, count, sizeof(*by_id), by_span_id);
    for (uint32_t i = 0; i < count; i++) {
        struct node *parent = nodes[i].span->has_parent ? find_parent(&nodes[i], by_id, count) : NULL;

        nodes[i].parent = parent;
        if (!parent)
            continue;
        if (parent->last_child)
            parent->last_child->next = &nodes[i];
        else
            parent->first_child = &nodes[i];
        parent->last_child = &nodes[i];
    }
}

struct line_sink {
    struct oa_span_line *lines;
    uint32_t count;
};

/* The node after this one below top, depth first; *depth follows. What was visited is not entered
 * again, which is what ends the walk of a ring. */
static struct node *next_node(struct node *node, const struct node *top, uint32_t *depth)
{
    struct node *child = node->first_child;

    while (child && child->visited)
        child = child->next;
    if (child) {
        ++*depth;
        return child;
    }
    for (; node != top; node = node->parent, --*depth) {
        struct node *next = node->next;

        while (next && next->visited)
            next = next->next;
        if (next)
            return next;
    }
    return NULL;
}

static void walk_from(struct node *top, struct line_sink *sink)
{
    uint32_t depth = 0;

    for (struct node *node = top; node; node = next_node(node, top, &depth)) {
        node->visited = true;
        sink->lines[sink->count++] = (struct oa_span_line){ .span = node->span, .depth = depth };
    }
}

/* The nodes of one trace: first those at the top, then whatever only a ring of parents holds. */
static void walk_trace(struct node *nodes, uint32_t count, struct line_sink *sink)
{
    uint32_t first = sink->count;

    for (uint32_t i = 0; i < count; i++)
        if (!nodes[i].parent)
            walk_from(&nodes[i], sink);
    for (uint32_t i = 0; i < count; i++)
        if (!nodes[i].visited)
            walk_from(&nodes[i], sink);
    sink->lines[first].first = true;
}

const struct oa_span_line *oa_span_tree_lines(const struct oa_batch *batch, struct oa_arena *arena)
{
    uint32_t count = batch->count, end;
    struct node *nodes = oa_arena_calloc(arena, count, sizeof(*nodes));
    struct node **by_id = oa_arena_calloc(arena, count, sizeof(*by_id));
    struct line_sink sink = { .lines = oa_arena_calloc(arena, count, sizeof(*sink.lines)) };

    if (!nodes || !by_id || !sink.lines)
        return NULL;
    for (uint32_t i = 0; i < count; i++)
        nodes[i].span = &batch->spans[i];
    sort_nodes(nodes, count);
    link_nodes(nodes, by_id, count);
    for (uint32_t start = 0; start < count; start = end) {
        for (end = start + 1; end < count && compare_trace(&nodes[start], &nodes[end]) == 0; end++)
            ;
        walk_trace(nodes + start, end - start, &sink);
    }
    return sink.lines;
}
