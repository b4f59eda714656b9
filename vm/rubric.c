#include "vm/rubric.h"

#include <stdlib.h>
#include <string.h>

#include "vm/actions.h"
#include "vm/batch.h"
#include "vm/limits.h"
#include "vm/machine.h"
#include "vm/output/results.h"

_Static_assert(RUBRIC_MOST_LEADS == LIMIT_BATCH_LEADS, "one batch, one run");

struct rubric_scorer {
    const struct program *program;
    struct machine *machine;
    struct batch *batch;
    struct results *plain, *traced;
    struct buffer json;
    bool ran;
};

/* A rubric_program is a program of the machine. */
static const struct program *inside(const struct rubric_program *program)
{
    return (const struct program *)(const void *)program;
}

const char *rubric_status_text(enum rubric_status status)
{
    switch (status) {
    case RUBRIC_OK: return "fine";
    case RUBRIC_NO_SUCH_FIELD: return "there is no such field or event";
    case RUBRIC_WRONG_TYPE: return "the field is of another type";
    case RUBRIC_BAD_VALUE: return "the value does not fit the field, which stays missing";
    case RUBRIC_FULL: return "no room for another lead before the next run";
    case RUBRIC_IN_FUTURE: return "the event lies after the instant of the run, and was left out";
    }
    return "unknown status";
}

void rubric_on_no_memory(void (*handler)(size_t bytes)) { memory_on_failure(handler); }

struct rubric_program *rubric_program_read(const void *bytes, size_t length, char *problem, size_t capacity)
{
    return (struct rubric_program *)(void *)image_read(bytes, length, problem, capacity);
}

void rubric_program_free(struct rubric_program *program) { program_free((struct program *)(void *)program); }
const char *rubric_program_hash(const struct rubric_program *program) { return inside(program)->hash; }

#define FIND(items, count, wanted) \
    do { \
        for (uint32_t i = 0; i < (count); i++) \
            if (strcmp((items)[i].name, (wanted)) == 0) return i; \
        return RUBRIC_NONE; \
    } while (0)

uint32_t rubric_program_field(const struct rubric_program *program, const char *name)
{
    FIND(inside(program)->fields, inside(program)->field_count, name);
}
uint32_t rubric_program_event(const struct rubric_program *program, const char *name)
{
    FIND(inside(program)->events, inside(program)->event_count, name);
}
uint32_t rubric_program_score(const struct rubric_program *program, const char *name)
{
    FIND(inside(program)->scores, inside(program)->score_count, name);
}
uint32_t rubric_program_band(const struct rubric_program *program, const char *name)
{
    FIND(inside(program)->bands, inside(program)->band_count, name);
}

uint32_t rubric_program_event_field(const struct rubric_program *program, uint32_t event, const char *name)
{
    const struct program *p = inside(program);
    if (event >= p->event_count) return RUBRIC_NONE;
    FIND(p->event_fields + p->events[event].fields.start, p->events[event].fields.count, name);
}

int64_t rubric_instant(int year, int month, int day) { return instant_from_civil(year, month, day); }

struct rubric_scorer *rubric_scorer_new(const struct rubric_program *program, int64_t as_of)
{
    struct rubric_scorer *scorer = memory_alloc(sizeof *scorer);
    scorer->program = inside(program);
    scorer->machine = machine_new(scorer->program, as_of);
    scorer->batch = batch_new(scorer->program, as_of, LIMIT_BATCH_LEADS);
    batch_clear(scorer->batch);
    return scorer;
}

void rubric_scorer_free(struct rubric_scorer *scorer)
{
    if (!scorer) return;
    machine_free(scorer->machine);
    batch_free(scorer->batch);
    if (scorer->plain) results_free(scorer->plain);
    if (scorer->traced) results_free(scorer->traced);
    buffer_free(&scorer->json);
    free(scorer);
}

enum rubric_status rubric_scorer_begin_lead(struct rubric_scorer *scorer)
{
    if (scorer->ran) {
        batch_clear(scorer->batch);
        scorer->ran = false;
    }
    if (batch_full(scorer->batch)) return RUBRIC_FULL;
    batch_begin_lead(scorer->batch, scorer->batch->leads + 1);
    return RUBRIC_OK;
}

/* Whether a text fits: UTF-8, not blank, one of the options. RUBRIC_OK with *blank for a text that counts as missing.
 */
static enum rubric_status check_text(const struct program *program, const struct program_field *field, struct text text,
                                     bool *blank)
{
    *blank = text_trim(text).length == 0;
    if (!utf8_valid(text.bytes, text.length)) return RUBRIC_BAD_VALUE;
    if (*blank || field->type != FIELD_ONEOF) return RUBRIC_OK;
    for (uint32_t i = 0; i < field->options.count; i++) {
        const char *option = program->strings[field->options.start + i];
        if (text_same(text, (struct text) { option, (uint32_t)strlen(option) })) return RUBRIC_OK;
    }
    return RUBRIC_BAD_VALUE;
}

static const struct program_field *typed(const struct program *program, uint32_t field, uint8_t type,
                                         enum rubric_status *status)
{
    *status = field >= program->field_count         ? RUBRIC_NO_SUCH_FIELD
              : program->fields[field].type != type ? RUBRIC_WRONG_TYPE
                                                    : RUBRIC_OK;
    return *status == RUBRIC_OK ? &program->fields[field] : NULL;
}

enum rubric_status rubric_scorer_set_text(struct rubric_scorer *scorer, uint32_t field, const char *bytes,
                                          size_t length)
{
    if (field >= scorer->program->field_count) return RUBRIC_NO_SUCH_FIELD;
    const struct program_field *facts = &scorer->program->fields[field];
    if (facts->type != FIELD_TEXT && facts->type != FIELD_ONEOF) return RUBRIC_WRONG_TYPE;
    struct text text = { bytes, (uint32_t)length };
    bool blank;
    enum rubric_status status = check_text(scorer->program, facts, text, &blank);
    if (status == RUBRIC_OK && !blank) batch_set_text(scorer->batch, field, text, true);
    return status;
}

enum rubric_status rubric_scorer_set_number(struct rubric_scorer *scorer, uint32_t field, int64_t units)
{
    enum rubric_status status;
    if (typed(scorer->program, field, FIELD_NUMBER, &status)) batch_set_number(scorer->batch, field, units);
    return status;
}

enum rubric_status rubric_scorer_set_date(struct rubric_scorer *scorer, uint32_t field, int64_t instant)
{
    enum rubric_status status;
    if (typed(scorer->program, field, FIELD_DATE, &status)) batch_set_number(scorer->batch, field, instant);
    return status;
}

enum rubric_status rubric_scorer_set_yesno(struct rubric_scorer *scorer, uint32_t field, bool yes)
{
    enum rubric_status status;
    if (typed(scorer->program, field, FIELD_YESNO, &status)) batch_set_yesno(scorer->batch, field, yes);
    return status;
}

enum rubric_status rubric_scorer_set_stage(struct rubric_scorer *scorer, const char *name)
{
    const struct program *program = scorer->program;
    struct text wanted = { name, (uint32_t)strlen(name) };
    for (uint32_t i = 0; i <= program->stage_count; i++) {
        const char *own = i < program->stage_count ? program->stages[i].name : "Disqualified",
                   *title = i < program->stage_count ? program->stages[i].title : NULL;
        if (!text_same(wanted, (struct text) { own, (uint32_t)strlen(own) }) &&
            !(title && text_same(wanted, (struct text) { title, (uint32_t)strlen(title) })))
            continue;
        batch_set_stage(scorer->batch, i);
        return RUBRIC_OK;
    }
    return RUBRIC_BAD_VALUE;
}

enum rubric_status rubric_scorer_add_event(struct rubric_scorer *scorer, uint32_t event, int64_t at)
{
    if (event >= scorer->program->event_count) return RUBRIC_NO_SUCH_FIELD;
    if (at > scorer->batch->as_of) return RUBRIC_IN_FUTURE;
    if (scorer->program->events[event].used) batch_add_event(scorer->batch, event, at);
    return RUBRIC_OK;
}

static enum rubric_status event_field(const struct program *program, uint32_t event, uint32_t field,
                                      const struct program_field **facts)
{
    if (event >= program->event_count || field >= program->events[event].fields.count) return RUBRIC_NO_SUCH_FIELD;
    *facts = &program->event_fields[program->events[event].fields.start + field];
    return RUBRIC_OK;
}

enum rubric_status rubric_scorer_event_text(struct rubric_scorer *scorer, uint32_t event, uint32_t field,
                                            const char *bytes, size_t length)
{
    const struct program_field *facts;
    enum rubric_status status = event_field(scorer->program, event, field, &facts);
    if (status != RUBRIC_OK) return status;
    if (facts->type != FIELD_TEXT && facts->type != FIELD_ONEOF) return RUBRIC_WRONG_TYPE;
    struct text text = { bytes, (uint32_t)length };
    bool blank;
    status = check_text(scorer->program, facts, text, &blank);
    if (status == RUBRIC_OK && !blank) batch_event_text(scorer->batch, event, field, text, true);
    return status;
}

enum rubric_status rubric_scorer_event_number(struct rubric_scorer *scorer, uint32_t event, uint32_t field,
                                              int64_t units)
{
    const struct program_field *facts;
    enum rubric_status status = event_field(scorer->program, event, field, &facts);
    if (status != RUBRIC_OK) return status;
    if (facts->type != FIELD_NUMBER) return RUBRIC_WRONG_TYPE;
    batch_event_number(scorer->batch, event, field, units);
    return RUBRIC_OK;
}

void rubric_scorer_end_lead(struct rubric_scorer *scorer) { batch_end_lead(scorer->batch); }

void rubric_scorer_run(struct rubric_scorer *scorer)
{
    batch_finish(scorer->batch);
    machine_run(scorer->machine, scorer->batch);
    scorer->ran = true;
}

uint32_t rubric_scorer_leads(const struct rubric_scorer *scorer) { return scorer->batch->leads; }
int64_t rubric_scorer_score(const struct rubric_scorer *scorer, uint32_t lead, uint32_t score)
{
    return lead_score(scorer->machine, score, lead);
}
const char *rubric_scorer_band(const struct rubric_scorer *scorer, uint32_t lead, uint32_t band)
{
    return lead_band(scorer->machine, band, lead);
}
const char *rubric_scorer_stage(const struct rubric_scorer *scorer, uint32_t lead)
{
    return stage_name(scorer->program, lead_stage(scorer->machine, lead));
}

bool rubric_scorer_disqualified(const struct rubric_scorer *scorer, uint32_t lead)
{
    return machine_condition(scorer->machine, scorer->program->disqualified, lead) == TRUTH_HOLDS;
}

const char *rubric_scorer_json(struct rubric_scorer *scorer, uint32_t lead, bool trace, size_t *length)
{
    struct results **writer = trace ? &scorer->traced : &scorer->plain;
    if (!*writer) *writer = results_new(scorer->program, RESULTS_NDJSON, &(struct results_options) { .trace = trace });
    uint64_t chosen[LIMIT_BATCH_LEADS / 64] = { 0 };
    bit_set(chosen, lead);
    buffer_reset(&scorer->json);
    results_batch(*writer, scorer->machine, chosen, &scorer->json);
    if (length) *length = scorer->json.length;
    return scorer->json.data;
}
