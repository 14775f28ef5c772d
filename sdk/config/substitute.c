#include "sdk/config/substitute.h"

#include "preload/base/err.h"

struct out {
    char *text;
    size_t cap, len;
};

static int put(struct out *out, struct oa_slice text)
{
    if (text.len >= out->cap - out->len)
        return OA_EFULL;
    if (text.len)
        memcpy(out->text + out->len, text.ptr, text.len);
    out->len += text.len;
    out->text[out->len] = '\0';
    return OA_OK;
}

static bool is_name(struct oa_slice name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = oa_ascii_lower(name.ptr[i]);

        if (!(c >= 'a' && c <= 'z') && c != '_' && !(i > 0 && c >= '0' && c <= '9'))
            return false;
    }
    return name.len > 0;
}

static struct oa_slice look_up(struct oa_slice name, char *const *envp)
{
    for (; *envp; envp++)
        if (strncmp(*envp, name.ptr, name.len) == 0 && (*envp)[name.len] == '=')
            return oa_slice_of(*envp + name.len + 1);
    return (struct oa_slice){ NULL, 0 };
}

/* What stands between "${" and "}". */
static int put_reference(struct out *out, struct oa_slice inside, char *const *envp)
{
    struct oa_slice name = inside, fallback = { NULL, 0 }, value;
    const char *minus;

    if (oa_slice_starts(name, OA_SLICE("env:")))
        name = (struct oa_slice){ name.ptr + 4, name.len - 4 };
    minus = name.len ? memchr(name.ptr, ':', name.len) : NULL;
    if (minus) {
        fallback = (struct oa_slice){ minus, name.len - (size_t)(minus - name.ptr) };
        name.len = (size_t)(minus - name.ptr);
        if (!oa_slice_starts(fallback, OA_SLICE(":-")))
            return OA_EMALFORMED;
        fallback = (struct oa_slice){ fallback.ptr + 2, fallback.len - 2 };
    }
    if (!is_name(name))
        return OA_EMALFORMED;
    value = look_up(name, envp);
    return put(out, value.len ? value : fallback);
}

int oa_config_substitute(struct oa_slice value, char *const *envp, char *text, size_t cap)
{
    struct out out = { text, cap, 0 };
    int err = put(&out, (struct oa_slice){ NULL, 0 });

    while (err == OA_OK && value.len) {
        const char *dollar = memchr(value.ptr, '$', value.len), *end;
        size_t plain = dollar ? (size_t)(dollar - value.ptr) : value.len;

        err = put(&out, (struct oa_slice){ value.ptr, plain });
        value = (struct oa_slice){ value.ptr + plain, value.len - plain };
        if (err != OA_OK || value.len == 0)
            return err;
        if (oa_slice_starts(value, OA_SLICE("${"))) {
            end = memchr(value.ptr, '}', value.len);
            if (!end)
                return OA_EMALFORMED;
            err = put_reference(&out, (struct oa_slice){ value.ptr + 2, (size_t)(end - value.ptr) - 2 }, envp);
            value = (struct oa_slice){ end + 1, value.len - (size_t)(end + 1 - value.ptr) };
            continue;
        }
        err = put(&out, OA_SLICE("$"));
        plain = oa_slice_starts(value, OA_SLICE("$$")) ? 2 : 1;
        value = (struct oa_slice){ value.ptr + plain, value.len - plain };
    }
    return err;
}
