#include "env/unix_target.h"

#include "env/text.h"

/* Takes a beginning off, in any case of letters. */
static bool take(struct oa_slice *text, struct oa_slice begin)
{
    if (text->len < begin.len || !oa_slice_ieq((struct oa_slice){ text->ptr, begin.len }, begin))
        return false;
    text->ptr += begin.len;
    text->len -= begin.len;
    return true;
}

/* The path as it stands; one that holds a zero byte or no byte is none. */
static bool copy(struct oa_slice text, const char *before, char *path)
{
    size_t at = 0;

    for (; *before; before++)
        path[at++] = *before;
    if (text.len == 0 || text.len >= OA_UNIX_PATH_MAX - at || memchr(text.ptr, '\0', text.len))
        return false;
    memcpy(path + at, text.ptr, text.len);
    path[at + text.len] = '\0';
    return true;
}

static bool decode(struct oa_slice text, char *path)
{
    size_t at = 0;

    while (text.len) {
        int byte = oa_text_percent_next(&text);

        if (byte <= 0 || at + 1 >= OA_UNIX_PATH_MAX)
            return false;
        path[at++] = (char)byte;
    }
    path[at] = '\0';
    return at > 0;
}

bool oa_unix_target_read(struct oa_slice text, bool grpc, char ret_path[OA_UNIX_PATH_MAX], struct oa_slice *ret_rest)
{
    size_t host = 0;

    *ret_rest = (struct oa_slice){ "", 0 };
    if (grpc) {
        if (take(&text, OA_SLICE("unix-abstract:")))
            return copy(text, "@", ret_path);
        return take(&text, OA_SLICE("unix:")) && (take(&text, OA_SLICE("//")), copy(text, "", ret_path));
    }
    if (!take(&text, OA_SLICE("http+unix://")))
        return false;
    while (host < text.len && !strchr("/?#", text.ptr[host]))
        host++;
    *ret_rest = (struct oa_slice){ text.ptr + host, text.len - host };
    return decode((struct oa_slice){ text.ptr, host }, ret_path);
}
