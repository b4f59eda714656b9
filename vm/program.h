/* A compiled rubric: straight-line code over registers, its constant tables, and what is needed to name things in results.
   Immutable once built; may be shared by threads.  Owns one arena: everything it points to lives there.
   Built by compiler/emit.c, or read from a file by vm/image.c; vm/verify.c must accept it before a machine runs it. */
#ifndef RUBRIC_VM_PROGRAM_H
#define RUBRIC_VM_PROGRAM_H

#include "vm/calendar.h"
#include "vm/memory.h"
#include "vm/text.h"
#include "vm/textclass.h"

enum field_type { FIELD_TEXT, FIELD_NUMBER, FIELD_YESNO, FIELD_DATE, FIELD_LIST, FIELD_ONEOF };
enum take { TAKE_SUM, TAKE_HIGHEST, TAKE_LOWEST, TAKE_FIRST, TAKE_EXCLUSIVE };      /* EXCLUSIVE adds up like SUM */
enum once { ONCE_NONE, ONCE_DAY, ONCE_WEEK, ONCE_MONTH };
enum action_kind { ACTION_ASSIGN, ACTION_NOTIFY, ACTION_TAG };

enum opcode {
#define OP(name, result, a, b, c, place, synopsis, description) OP_##name,
#include "vm/opcodes.def"
#undef OP
    OPCODE_COUNT
};
enum operand_kind {
    OPERAND_NONE, OPERAND_COND, OPERAND_NUM, OPERAND_LEAD_COND, OPERAND_LEAD_NUM, OPERAND_CONSTANT, OPERAND_FIELD, OPERAND_TEXT,
    OPERAND_CLOCK, OPERAND_UNIT, OPERAND_SET, OPERAND_TERMS, OPERAND_EACH, OPERAND_DECAY, OPERAND_BAND, OPERAND_MODE, OPERAND_COUNT
};
enum place_kind { PLACE_ANY, PLACE_LEADS, PLACE_EVENTS, PLACE_REDUCE, PLACE_GATHER };
struct opcode_facts { const char *name; enum operand_kind result, a, b, c; enum place_kind place; const char *synopsis, *description; };
const struct opcode_facts *opcode_facts(unsigned opcode);       /* vm/opcode.c */

#define NO_REGISTER UINT32_MAX
#define NO_INDEX UINT32_MAX
/* Places: 0 is the leads; 1 + e the rows of event type e; 1 + event_count the rows of all activity. */
struct instruction { uint16_t opcode, place; uint32_t result, a, b, c; uint32_t line; /* index into program.lines, or NO_INDEX */ };
enum register_kind { REGISTER_COND, REGISTER_NUM };
struct register_facts { uint8_t kind; uint16_t place; };
struct source_line { uint32_t file; uint32_t line; };           /* file: index into program.files */

struct clock { int64_t count; uint32_t unit; };                 /* now minus count units */
struct range { uint32_t start, count; };
/* A term: points where condition `reg` holds (is_number false), or the value of number register `reg` where it is known. */
struct term { uint32_t reg; bool is_number; int64_t points; };
struct each {
    int64_t points; uint32_t once; int64_t most_times;          /* most_times 0: no bound */
    uint32_t fading;                                            /* 0 none, 1 by percent, 2 by points */
    int64_t fading_ppm, fading_points; int64_t every_count; uint32_t every_unit;
    bool capped; int64_t most_points;                           /* bound on the size of the sum */
};
struct decay { bool by_points; int64_t ppm, points; int64_t every_count; uint32_t every_unit; };
struct band_label { const char *label; int64_t from, below; };  /* INT64_MIN / INT64_MAX when open */
struct program_band { const char *name; uint32_t score; uint32_t reg; struct range labels; };   /* into program.band_labels */
struct program_matrix { const char *name; uint32_t rows, columns; uint32_t reg; uint32_t first_cell; };   /* into program.cells */

struct pattern { uint32_t bit; uint32_t predicate; struct text text; };     /* text folded, raw where the predicate is */
/* A source of texts: a text or one-of field of a place (or its domain), a list field, or (constant) one fixed text. */
struct text_source {
    uint16_t place; uint32_t field; bool domain, list, constant; struct text fixed; uint32_t bits; struct range patterns;
    struct textclass *classifier;                               /* made when the program is built or loaded; NULL without bits */
};

struct program_field {
    const char *name; uint8_t type; bool key, current_stage;
    struct range from;                                          /* into program.strings: names to read it from, in order; at least 1 */
    struct range missing;                                       /* into program.strings: placeholders, folded */
    struct range options;                                       /* into program.strings: one of, as written */
};
/* `used` fields are bound by readers; others are declared and skipped (they keep their place in the dictionary). */
struct program_event { const char *name; bool activity; bool used; struct range fields; };     /* into program.event_fields */

struct program_score {
    const char *name; struct range groups, rules;               /* ungrouped rules, see program.score_rules; groups contiguous */
    uint32_t sum;                                               /* rules and groups, with base */
    int64_t base; uint32_t decay;                               /* index or NO_INDEX */
    uint32_t last, after_decay, after_round, after_clamp;       /* registers; equal to the one before without the step; after_clamp is the score */
    bool has_least, has_most; int64_t least, most;
    struct range terms;                                         /* combined scores: into program.score_terms */
    bool combined, implicit;                                    /* implicit: the `total` nobody declared */
    uint32_t line;
};
struct score_term { uint32_t score; /* NO_INDEX: a constant */ uint32_t reg; int64_t constant; const char *text; /* "fit * 2" */ };
struct program_group {
    const char *name; uint32_t score; enum take take; struct range rules;    /* into program.group_rules (rule indices) */
    uint32_t sum, after_weight, after_most, after_least;        /* registers; equal to the one before when not given */
    int64_t weight_ppm, most, least; bool has_weight, has_most, has_least; uint32_t line;
};
/* What a rule looks at, for the trace: a field, or a set of events. */
enum input_kind { INPUT_FIELD, INPUT_EVENTS, INPUT_SCORE };
struct program_input { enum input_kind kind; uint32_t field; uint16_t place; uint32_t selected; /* COND over events */ uint32_t points; /* NUM or NO_REGISTER */ };
/* One predicate of a condition as the author wrote it, for explanations. `score`/`limit` when it compares a score with a constant. */
struct program_atom { uint32_t reg; const char *text; uint32_t line; struct range inputs; uint32_t score; uint32_t comparison; /* OP_LT … */ int64_t limit; };
struct program_row { const char *text; uint32_t reg; int64_t points; uint32_t line; };          /* rows of by and choose */

struct program_rule {
    const char *name, *title, *because;                         /* title, because may be NULL */
    bool disqualifies;
    uint32_t score, group;                                      /* NO_INDEX for a disqualification / when not in a group */
    uint32_t fires;                                             /* COND: fires, silent, or (unknown) undecided */
    uint32_t passed;                                            /* COND or NO_REGISTER: a choose that passed over an unknown row */
    uint32_t points;                                            /* NUM after weight, or NO_REGISTER: constant */
    int64_t constant;
    uint32_t active, when;                                      /* COND or NO_REGISTER */
    bool has_active_from, has_active_until; int64_t active_from, active_until;
    const char *points_text;                                    /* "+10 for each webinar within 90 days" */
    uint32_t unweighted;                                        /* NUM before the weight, or NO_REGISTER */
    int64_t weight_ppm;                                         /* 1000000 without */
    struct range inputs, atoms, rows;
    uint32_t line;
};
struct program_stage {
    const char *name, *title; uint32_t when, stay;              /* COND or NO_REGISTER (first stage: none; stay NO_REGISTER: as when) */
    bool forever, limited; struct range only_from;              /* into program.indices: stage indices */
    struct range atoms, stay_atoms; uint32_t line;
};
enum piece_kind { PIECE_TEXT, PIECE_FIELD, PIECE_SCORE, PIECE_BAND, PIECE_MATRIX, PIECE_STAGE };
struct piece { enum piece_kind kind; const char *text; uint32_t index; };
struct program_action {
    enum action_kind kind; uint32_t stage;                      /* stage index, or stage_count for Disqualified */
    bool leaving, otherwise; uint32_t when;                     /* COND or NO_REGISTER */
    struct range pieces; uint32_t line;
};
struct program_setting { const char *name, *value; };           /* value as written, for people */

struct program {
    struct arena arena;
    const char *name, *version, *owner, *because;               /* version, owner, because may be NULL */
    char hash[65];
    struct instruction *code; uint32_t code_count;
    struct register_facts *registers; uint32_t register_count;
    int64_t *constants; uint32_t constant_count;
    struct clock *clocks; uint32_t clock_count;
    int64_t *set_values; uint32_t set_value_count; struct range *sets; uint32_t set_count;
    struct term *terms; uint32_t term_count; struct range *term_lists; uint32_t term_list_count;
    struct each *eaches; uint32_t each_count;
    struct decay *decays; uint32_t decay_count;
    struct band_label *band_labels; uint32_t band_label_count;
    struct program_band *bands; uint32_t band_count;
    struct program_matrix *matrices; uint32_t matrix_count; const char **cells; uint32_t cell_count;
    struct text_source *texts; uint32_t text_count; struct pattern *patterns; uint32_t pattern_count;
    const char **strings; uint32_t string_count;
    struct program_field *fields; uint32_t field_count; uint32_t key_field, stage_field;       /* NO_INDEX when there is none */
    struct program_event *events; uint32_t event_count; struct program_field *event_fields; uint32_t event_field_count;
    bool uses_activity;
    struct program_score *scores; uint32_t score_count;
    struct score_term *score_terms; uint32_t score_term_count;
    struct program_group *groups; uint32_t group_count;
    uint32_t *indices; uint32_t index_count;                    /* score_rules, group_rules and only_from point here */
    struct program_rule *rules; uint32_t rule_count;            /* rules and disqualifications in file order */
    struct program_input *inputs; uint32_t input_count;
    struct program_atom *atoms; uint32_t atom_count;
    struct program_row *rows; uint32_t row_count;
    struct program_stage *stages; uint32_t stage_count;
    uint32_t disqualified, stage_reg, stage_before_reg;         /* COND; NUM raw index; NUM raw index (NO_REGISTER without stages) */
    struct program_action *actions; uint32_t action_count; struct piece *pieces; uint32_t piece_count;
    struct program_setting *settings; uint32_t setting_count;
    uint32_t outcome;                                           /* COND or NO_REGISTER */
    const char **files; uint32_t file_count; struct source_line *lines; uint32_t line_count;
};

struct program *program_new(void);                              /* empty, all registers NO_… where there is such a thing */
void program_free(struct program *program);
/* Makes the classifiers of all text sources; after building or loading, before running. */
void program_prepare(struct program *program);
/* A line for people: "b2b.rubric:52"; "" for NO_INDEX. */
const char *program_place_text(const struct program *program, uint32_t line, char *out, size_t capacity);

/* vm/verify.c: refuses a malformed program in words.  Everything the machine relies on is checked here and nowhere else. */
bool program_verify(const struct program *program, char *problem, size_t capacity);
/* vm/image.c: the file form (.rbc). */
void image_write(const struct program *program, struct buffer *out);
struct program *image_read(const void *bytes, size_t length, char *problem, size_t capacity);   /* verified and prepared, or NULL */
bool image_is(const void *bytes, size_t length);                /* begins like one */
/* vm/disassemble.c: instructions beside source lines.  `source_text(context, file, line)` may return the line or NULL. */
void program_disassemble(const struct program *program, const char *(*source_text)(void *context, uint32_t file, uint32_t line),
                         void *context, struct buffer *out);

#endif
