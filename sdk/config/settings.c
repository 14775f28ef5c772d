#include "sdk/config/settings.h"

#include <stdio.h>
#include <string.h>

static const struct oa_setting *look(const struct oa_settings *settings, const char *name)
{
    for (uint32_t i = 0; i < settings->count; i++)
        if (strcmp(settings->items[i].name, name) == 0)
            return &settings->items[i];
    return NULL;
}

static struct oa_setting *find(struct oa_settings *settings, const char *name)
{
    return (struct oa_setting *)(uintptr_t)look(settings, name);
}

static struct oa_setting *take(struct oa_settings *settings, const char *name)
{
    struct oa_setting *item = find(settings, name);

    if (item)
        return item;
    if (settings->count == OA_SETTINGS_MAX || strlen(name) >= OA_SETTING_NAME) {
        settings->full = true;
        return NULL;
    }
    item = &settings->items[settings->count++];
    memcpy(item->name, name, strlen(name) + 1);
    item->value[0] = '\0';
    return item;
}

static void append(struct oa_settings *settings, struct oa_setting *item, const char *text, size_t len)
{
    size_t at = strlen(item->value);

    if (len >= sizeof(item->value) - at) {
        settings->full = true;
        return;
    }
    memcpy(item->value + at, text, len);
    item->value[at + len] = '\0';
}

bool oa_settings_set(struct oa_settings *settings, const char *name, const char *value)
{
    struct oa_setting *item = find(settings, name);

    if (item)
        return strcmp(item->value, value) == 0;
    item = take(settings, name);
    if (item)
        append(settings, item, value, strlen(value));
    return true;
}

bool oa_settings_has(const struct oa_settings *settings, const char *name)
{
    return look(settings, name) != NULL;
}

bool oa_settings_has_member(const struct oa_settings *settings, const char *name, const char *member)
{
    const struct oa_setting *item = look(settings, name);
    struct oa_slice list = oa_slice_of(item ? item->value : "");

    while (list.len)
        if (oa_slice_eq(oa_slice_next(&list, ','), oa_slice_of(member)))
            return true;
    return false;
}

static struct oa_setting *begin_member(struct oa_settings *settings, const char *name)
{
    struct oa_setting *item = take(settings, name);

    if (item && item->value[0])
        append(settings, item, ",", 1);
    return item;
}

void oa_settings_add(struct oa_settings *settings, const char *name, const char *member)
{
    struct oa_setting *item = begin_member(settings, name);

    if (item)
        append(settings, item, member, strlen(member));
}

static void append_encoded(struct oa_settings *settings, struct oa_setting *item, const char *text)
{
    for (; *text; text++) {
        char escape[4];

        if ((unsigned char)*text > ' ' && (unsigned char)*text < 0x7f && !strchr("%,;=\"\\", *text)) {
            append(settings, item, text, 1);
            continue;
        }
        snprintf(escape, sizeof(escape), "%%%02X", (unsigned char)*text);
        append(settings, item, escape, 3);
    }
}

void oa_settings_add_pair(struct oa_settings *settings, const char *name, const char *key, const char *value)
{
    struct oa_setting *item = begin_member(settings, name);

    if (!item)
        return;
    append_encoded(settings, item, key);
    append(settings, item, "=", 1);
    append_encoded(settings, item, value);
}

bool oa_settings_write(const struct oa_settings *settings, char *text, size_t bytes)
{
    size_t at = 0;

    for (uint32_t i = 0; i < settings->count; i++) {
        const struct oa_setting *item = &settings->items[i];
        int n = snprintf(text + at, bytes - at, "%s=%s", item->name, item->value);

        if (n < 0 || (size_t)n + 1 >= bytes - at)
            return false;
        at += (size_t)n + 1;
    }
    text[at] = '\0';
    return !settings->full;
}
