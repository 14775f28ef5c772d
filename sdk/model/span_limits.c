#include "env/env.h"
#include "sdk/model/log_view.h"

/* The table of variables already lets the particular limits of attributes follow the general one (FOLLOWS). */
void oa_span_limits_init(struct oa_span_limits *limits, const struct oa_env *env)
{
    limits->attr_count_max = env->span_attribute_count_limit;
    limits->value_chars_max = env->span_attribute_value_length_limit;
    limits->event_count_max = env->span_event_count_limit;
    limits->link_count_max = env->span_link_count_limit;
    limits->event_attr_count_max = env->event_attribute_count_limit;
    limits->link_attr_count_max = env->link_attribute_count_limit;
}

/* Log records have neither events nor links. */
void oa_log_limits_init(struct oa_span_limits *limits, const struct oa_env *env)
{
    *limits = (struct oa_span_limits){
        .attr_count_max = env->logrecord_attribute_count_limit,
        .value_chars_max = env->logrecord_attribute_value_length_limit,
    };
}
