/* What the parts of the generator share: its random numbers and pools (pools.c), expressions (make_expression.c),
   declarations (make_rubric.c) and leads (make_lead.c).  All of it writes text into `out`. */
#ifndef RUBRIC_TESTS_ORACLE_MAKING_H
#define RUBRIC_TESTS_ORACLE_MAKING_H

#include "tests/oracle/generate.h"
#include "vm/calendar.h"

enum made { MADE_CONDITION, MADE_NUMBER, MADE_TEXT, MADE_DATE };
struct made_define { char name[32]; enum made kind; int parameter_count; enum made parameters[2]; };
struct made_score { const char *name; bool has_from, has_to, combined; };
struct made_band { const char *name; const char *score; int label_count; };

struct maker {
    uint64_t state;
    int64_t as_of;
    bool uses_titles, large;                            /* large: many rules, so that tables grow */
    struct buffer *out;
    struct made_define defines[8]; int define_count;
    struct made_score scores[6]; int score_count;
    const char *groups[4]; int group_count; bool group_takes_first[4];
    struct made_band bands[3]; int band_count;
    bool has_matrix;
    int stage_count; bool titled[6];
};

/* What an expression may look at. */
struct view {
    int event; /* inside a `where`: index of the event's type; ACTIVITY_TYPE; else NO_EVENT */
    bool results, stage, disqualified;
    const struct made_define *define;                   /* inside a define: for its parameters */
};
#define NO_EVENT (-1)
#define ACTIVITY_TYPE 5

/* ---- pools.c */
uint64_t roll(struct maker *maker);
int below(struct maker *maker, int limit);              /* 0 … limit - 1 */
bool chance(struct maker *maker, int percent);
void say(struct maker *maker, const char *format, ...) __attribute__((format(printf, 2, 3)));
void say_quoted(struct maker *maker, const char *text); /* as the language quotes */
const char *any_text(struct maker *maker);              /* raw, as data: may be white space only */
const char *any_word(struct maker *maker);              /* never empty: for constants */
const char *any_number(struct maker *maker);            /* as a literal, without a sign */
const char *any_percent(struct maker *maker);
const char *any_glob(struct maker *maker);
const char *any_option(struct maker *maker);            /* of industry and kind */
const char *any_address(struct maker *maker);
const char *any_path(struct maker *maker);
const char *any_tag(struct maker *maker);
struct span_of_time { int64_t count; enum time_unit unit; };
struct span_of_time any_span(struct maker *maker);
void say_span(struct maker *maker, struct span_of_time span);
void say_duration(struct maker *maker);                 /* a literal or the setting `recently` */
const char *any_date(struct maker *maker);              /* a literal */
int64_t any_instant(struct maker *maker); /* near an edge: now minus a span, a literal, the end of a month, ± 1 us */
extern const char *const stage_names[6], *const stage_titles[6];
extern const char *const event_names[5];

/* ---- make_expression.c */
void say_condition(struct maker *maker, const struct view *view, int depth);
void say_number(struct maker *maker, const struct view *view, int depth);
void say_date(struct maker *maker, const struct view *view);
void say_text(struct maker *maker, const struct view *view);
void say_set(struct maker *maker, const struct view *view, bool bare_where, bool window);
void say_bound(struct maker *maker);                    /* a whole number or a setting, without a sign */
void say_points(struct maker *maker);

/* ---- make_rubric.c, and with it make_rules.c and make_stages.c (bands, a matrix, stages, actions) */
/* Takes what was said since the last time as one declaration. */
void chunk_end(struct maker *maker, struct sample *sample, bool movable);
const char *any_plain_score(struct maker *maker);
void make_rules(struct maker *maker, struct sample *sample);
void make_bands(struct maker *maker, struct sample *sample);
void make_stages(struct maker *maker, struct sample *sample);
void make_reactions(struct maker *maker, struct sample *sample);
void make_rubric(struct maker *maker, struct sample *sample);

/* ---- make_lead.c */
void make_leads(struct maker *maker, struct sample *sample);

#endif
