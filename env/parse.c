#include "env/parse.h"

#include "preload/base/err.h"

/* Digits beyond this many do not change a double. */
#define RATIO_DIGITS 18
#define RATIO_EXPONENT 400

int oa_parse_bool(struct oa_slice text, bool *ret_value)
{
    bool is_true = oa_slice_ieq(text, OA_SLICE("true"));

    if (!is_true && !oa_slice_ieq(text, OA_SLICE("false")))
        return OA_EINVAL;
    *ret_value = is_true;
    return OA_OK;
}

int oa_parse_u32(struct oa_slice text, uint32_t *ret_value)
{
    uint64_t value = 0;

    text = oa_slice_trim(text);
    if (text.len == 0)
        return OA_EMALFORMED;
    for (size_t i = 0; i < text.len; i++) {
        if (!oa_ascii_is_digit(text.ptr[i]))
            return OA_EMALFORMED;
        value = value * 10 + (uint64_t)(text.ptr[i] - '0');
        if (value > UINT32_MAX)
            value = UINT32_MAX;
    }
    if (value == UINT32_MAX)
        return OA_EINVAL;
    *ret_value = (uint32_t)value;
    return OA_OK;
}

struct decimal {
    uint64_t mantissa;
    int exponent; /* of ten; bounded by the length of the text */
    unsigned kept;
    unsigned seen;
};

static void take_digit(struct decimal *d, char c, bool behind_point)
{
    d->seen++;
    if (d->kept >= RATIO_DIGITS) {
        d->exponent += behind_point ? 0 : 1;
        return;
    }
    d->mantissa = d->mantissa * 10 + (uint64_t)(c - '0');
    d->kept += d->mantissa != 0;
    d->exponent -= behind_point ? 1 : 0;
}

static void take_digits(struct oa_slice *text, struct decimal *d, bool behind_point)
{
    for (; text->len && oa_ascii_is_digit(*text->ptr); text->ptr++, text->len--)
        take_digit(d, *text->ptr, behind_point);
}

/* [eE][+-]?digits up to the end of the text. */
static int take_exponent(struct oa_slice text, int *ret_exponent)
{
    bool negative;
    int value = 0;

    if (text.len == 0)
        return OA_OK;
    if (oa_ascii_lower(*text.ptr) != 'e')
        return OA_EMALFORMED;
    text.ptr++, text.len--;
    negative = text.len && *text.ptr == '-';
    if (text.len && (negative || *text.ptr == '+'))
        text.ptr++, text.len--;
    if (text.len == 0)
        return OA_EMALFORMED;
    for (; text.len; text.ptr++, text.len--) {
        if (!oa_ascii_is_digit(*text.ptr))
            return OA_EMALFORMED;
        if (value <= RATIO_EXPONENT)
            value = value * 10 + (*text.ptr - '0');
    }
    *ret_exponent = negative ? -value : value;
    return OA_OK;
}

/* mantissa * 10^exponent; powers up to 22 are exact, so that ordinary ratios are correctly rounded. */
static double scale(uint64_t mantissa, int exponent)
{
    double value = (double)mantissa, power = 1;
    int steps = exponent < 0 ? -exponent : exponent;

    for (int i = 0; i < steps && i < RATIO_EXPONENT && value != 0; i++) {
        power *= 10;
        if (i % 22 == 21 || i + 1 == steps) {
            value = exponent < 0 ? value / power : value * power;
            power = 1;
        }
    }
    return value;
}

int oa_parse_decimal(struct oa_slice text, double *ret_value)
{
    struct decimal d = { 0 };
    int exponent = 0;

    text = oa_slice_trim(text);
    take_digits(&text, &d, false);
    if (text.len && *text.ptr == '.') {
        text.ptr++, text.len--;
        take_digits(&text, &d, true);
    }
    if (d.seen == 0 || take_exponent(text, &exponent) != OA_OK)
        return OA_EMALFORMED;
    *ret_value = scale(d.mantissa, d.exponent + exponent);
    return OA_OK;
}

int oa_parse_ratio(struct oa_slice text, double *ret_value)
{
    double value;
    int err = oa_parse_decimal(text, &value);

    if (err)
        return err;
    if (!(value <= 1))
        return OA_EINVAL;
    *ret_value = value;
    return OA_OK;
}

int oa_parse_word(const struct oa_words *set, struct oa_slice text, uint8_t *ret_id)
{
    return oa_words_find(set, oa_slice_trim(text), ret_id) ? OA_OK : OA_EINVAL;
}

static void list_add(struct oa_env_list *list, uint8_t id, bool several)
{
    for (size_t i = 0; i < list->count && !several; i++)
        if (list->ids[i] == id)
            return;
    if (list->count < OA_ENV_LIST_MAX)
        list->ids[list->count++] = id;
}

int oa_parse_list(const struct oa_words *set, struct oa_slice text, struct oa_env_list *ret_list,
                  struct oa_list_faults *faults)
{
    struct oa_env_list list = { 0 };
    const char *whole = text.ptr;
    uint32_t items = 0, nones = 0;
    struct oa_slice item;

    *faults = (struct oa_list_faults){ 0 };
    while ((item = oa_slice_item(&text, ',')).len) {
        uint8_t id;

        items++;
        if (oa_slice_ieq(item, OA_SLICE("none")))
            nones++;
        else if (oa_words_find(set, item, &id) && oa_words_takes_argument(set, id))
            list_add(&list, id, true), list.text = whole;
        else if (oa_words_find(set, item, &id))
            list_add(&list, id, false);
        else if (faults->unknown++ == 0)
            faults->first = item;
    }
    faults->mixed = nones && nones != items;
    if (items == 0)
        return OA_EAGAIN;
    if (nones == 0 && list.count == 0)
        return OA_EINVAL;
    *ret_list = nones ? (struct oa_env_list){ 0 } : list;
    return OA_OK;
}

struct oa_slice oa_list_argument(const struct oa_words *set, const struct oa_env_list *list, uint32_t index)
{
    struct oa_slice text = oa_slice_of(list->text);
    uint32_t left = 0;

    if (index >= list->count || !oa_words_takes_argument(set, list->ids[index]))
        return (struct oa_slice){ NULL, 0 };
    for (uint32_t i = 0; i < index; i++)
        left += oa_words_takes_argument(set, list->ids[i]);
    while (text.len) {
        struct oa_slice item = oa_slice_trim(oa_slice_next(&text, ','));
        uint8_t id;

        if (!oa_words_find(set, item, &id) || !oa_words_takes_argument(set, id) || left--)
            continue;
        (void)oa_slice_next(&item, ':');
        return item;
    }
    return (struct oa_slice){ NULL, 0 };
}
