/* `rubric manual TOPIC`: the manuals that are printed from the program's own tables, as Markdown. */
#include <string.h>

#include "cli/command.h"
#include "cli/manuals.h"
#include "vm/limits.h"

/* ---- opcodes
 * ---------------------------------------------------------------------------------------------------------------- */

static const char *operand_name(enum operand_kind kind)
{
    static const char *const names[OPERAND_COUNT + 1] = {
        [OPERAND_NONE] = "",
        [OPERAND_COND] = "condition",
        [OPERAND_NUM] = "number",
        [OPERAND_LEAD_COND] = "condition over leads",
        [OPERAND_LEAD_NUM] = "number over leads",
        [OPERAND_CONSTANT] = "constant",
        [OPERAND_FIELD] = "field",
        [OPERAND_TEXT] = "text source",
        [OPERAND_CLOCK] = "clock",
        [OPERAND_UNIT] = "unit of time",
        [OPERAND_SET] = "set",
        [OPERAND_TERMS] = "list of terms",
        [OPERAND_EACH] = "selection of events",
        [OPERAND_DECAY] = "decay",
        [OPERAND_BAND] = "band",
        [OPERAND_MODE] = "mode",
        [OPERAND_COUNT] = "count",
    };
    return names[kind];
}

static const char *place_name(enum place_kind place)
{
    switch (place) {
    case PLACE_ANY: return "anywhere";
    case PLACE_LEADS: return "leads";
    case PLACE_EVENTS: return "events";
    case PLACE_REDUCE: return "events to leads";
    case PLACE_GATHER: return "leads to events";
    }
    return "";
}

static void manual_opcodes(struct buffer *out)
{
    buffer_text(out, "# Instructions\n\n"
                     "Printed by `rubric manual opcodes` from `vm/opcodes.def`.\n\n"
                     "A program is straight-line code: every register is written once, before it is read. A "
                     "*condition* is two bitmaps, where it\n"
                     "holds and where it fails; where neither is set it is unknown. A *number* is a column of 64-bit "
                     "integers and a bitmap of where\n"
                     "it is known: numbers and points are multiples of 0.0001, dates are microseconds. An instruction "
                     "works over *leads*, over the\n"
                     "*events* of one type, or brings one to the other.\n\n"
                     "| instruction | means | result | a | b | c | works over | in words |\n"
                     "|---|---|---|---|---|---|---|---|\n");
    for (unsigned opcode = 0; opcode < OPCODE_COUNT; opcode++) {
        const struct opcode_facts *facts = opcode_facts(opcode);
        buffer_format(out, "| `%s` | `%s` | %s | %s | %s | %s | %s | %s |\n", facts->name, facts->synopsis,
                      operand_name(facts->result), operand_name(facts->a), operand_name(facts->b),
                      operand_name(facts->c), place_name(facts->place), facts->description);
    }
}

/* ---- words
 * -------------------------------------------------------------------------------------------------------------------
 */

enum word_kind { WORD_RESERVED, WORD_SOFT, WORD_PAIR, WORD_UNIT };
static const struct word_row {
    enum word_kind kind;
    const char *text, *second, *meaning;
} words[] = {
#define WORD(token, text, meaning) { WORD_RESERVED, text, NULL, meaning },
#define SOFT(token, text, meaning) { WORD_SOFT, text, NULL, meaning },
#define PAIR(token, first, second, meaning) { WORD_PAIR, first, second, meaning },
#define UNIT(unit, text) { WORD_UNIT, text, NULL, "a unit of time" },
#include "grammar/keywords.def"
#undef WORD
#undef SOFT
#undef PAIR
#undef UNIT
};

static void words_of(enum word_kind kind, const char *title, const char *text, struct buffer *out)
{
    buffer_format(out, "\n## %s\n\n%s\n\n| word | meaning |\n|---|---|\n", title, text);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].kind == kind)
            buffer_format(out, "| `%s%s%s` | %s |\n", words[i].text, words[i].second ? " " : "",
                          words[i].second ? words[i].second : "", words[i].meaning);
}

static void manual_words(struct buffer *out)
{
    buffer_text(out, "# Words of the language\n\nPrinted by `rubric manual words` from `grammar/keywords.def`.\n");
    words_of(WORD_RESERVED, "Reserved words", "A name that is one of these is written in backquotes: `` `stage` ``.",
             out);
    words_of(WORD_PAIR, "Pairs",
             "Two words that are one where they stand together. Each alone is what it would be without the other.",
             out);
    words_of(WORD_SOFT, "Words that are also names",
             "These mean something only behind certain other words, and are names everywhere else.", out);
    words_of(WORD_UNIT, "Units of time", "Behind a number, and before `since`; names everywhere else.", out);
}

/* ---- messages
 * ------------------------------------------------------------------------------------------------------------------ */

static const char *family_name(const char *code)
{
    static const struct {
        const char *start, *name;
    } families[] = {
        { "E01", "Characters and tokens" },
        { "E02", "Syntax" },
        { "E03", "Names" },
        { "E04", "Kinds of values" },
        { "E05", "The scoring model" },
        { "E06", "Limits" },
        { "E07", "Data" },
        { "E08", "Compiled rubrics" },
        { "W09", "Warnings" },
        { "C10", "Conflicts" },
    };
    for (size_t i = 0; i < sizeof families / sizeof *families; i++)
        if (strncmp(code, families[i].start, 3) == 0) return families[i].name;
    return "Others";
}

static void manual_messages(struct buffer *out)
{
    enum diagnostic_code codes[DIAGNOSTIC_COUNT];
    diagnostic_codes_in_order(codes);
    const char *family = "";
    buffer_text(out, "# Messages\n\nPrinted by `rubric manual messages` from `compiler/diagnostics.def`. `rubric "
                     "explain-code E0301` shows one.\n"
                     "The examples are whole rubrics: the wrong one gives exactly this message, the right one none.\n");
    for (size_t i = 0; i < DIAGNOSTIC_COUNT; i++) {
        const struct diagnostic_facts *facts = diagnostic_facts(codes[i]);
        if (strcmp(family, family_name(facts->code)) != 0) {
            family = family_name(facts->code);
            buffer_format(out, "\n## %s\n", family);
        }
        buffer_format(out, "\n### %s: %s (%s)\n\n%s\n", facts->code, facts->title, severity_name(facts->severity),
                      facts->explanation);
        if (facts->wrong[0])
            buffer_format(out, "\nWrong:\n\n```\n%s%s```\n", facts->wrong,
                          facts->wrong[strlen(facts->wrong) - 1] == '\n' ? "" : "\n");
        if (facts->right[0])
            buffer_format(out, "\nRight:\n\n```\n%s%s```\n", facts->right,
                          facts->right[strlen(facts->right) - 1] == '\n' ? "" : "\n");
    }
}

/* ---- limits
 * ----------------------------------------------------------------------------------------------------------------------
 */

static void manual_limits(struct buffer *out)
{
    buffer_text(out, "# Limits\n\nPrinted by `rubric manual limits` from `vm/limits.h`. What is larger is refused, and "
                     "the message says so.\n\n"
                     "| limit | value | of what |\n|---|---:|---|\n");
#define LIMIT(name, value, meaning) buffer_format(out, "| `%s` | %d | %s |\n", #name, name, meaning);
    RUBRIC_LIMITS(LIMIT)
#undef LIMIT
}

/* ---- the fuzz dictionary
 * -------------------------------------------------------------------------------------------------------- */

static void dictionary_word(const char *first, const char *second, struct buffer *out)
{
    buffer_format(out, "\"%s%s%s\"\n", first, second ? " " : "", second ? second : "");
}

/* What libFuzzer and AFL++ put into their inputs: the words of the language, and what leads are made of. */
static void manual_dictionary(struct buffer *out)
{
    static const char *const signs[] = {
        "(",
        ")",
        ",",
        ":",
        "+",
        "-",
        "*",
        "/",
        "=",
        "!=",
        "<=",
        ">=",
        "%",
        "`",
        "#",
        "{title}",
        "{{",
        "2026-11-22",
        "2026-11-22T10:30:00+01:00",
        "22.11.2026",
        "1_000_000",
        "0.0001",
        "922337203685477.5807",
        "1.234,50",
        "std.email",
        "std.titles",
        "std.countries",
        "\\\"",
        "\\\\u{e9}",
        "\\\\n",
        "true",
        "false",
        "null",
        "\\\"id\\\":",
        "\\\"events\\\":",
        "\\\"type\\\":",
        "\\\"at\\\":",
        "\\\"title\\\":",
        "\\\\ud83d\\\\ude00",
        "1e308",
        "-0",
        "\\xef\\xbb\\xbf",
        "\\xff\\xfe",
        "\\x1f\\x8b\\x08",
        "\\x28\\xb5\\x2f\\xfd",
        "\\x0d\\x0a",
        "\\xed\\xa0\\x80",
        "sep=;",
        "\\\"\\\"",
        "ja",
        "nein",
    };
    buffer_text(out, "# Printed by `rubric manual fuzz-dictionary`.\n");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) dictionary_word(words[i].text, words[i].second, out);
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) dictionary_word(signs[i], NULL, out);
}

/* ---- the command
 * ------------------------------------------------------------------------------------------------------------------ */

static const struct topic {
    const char *name;
    void (*print)(struct buffer *out);
} topics[] = {
    { "opcodes", manual_opcodes },
    { "words", manual_words },
    { "messages", manual_messages },
    { "limits", manual_limits },
    { "fuzz-dictionary", manual_dictionary },
    { "completion-bash", manual_completion_bash },
    { "completion-zsh", manual_completion_zsh },
    { "completion-fish", manual_completion_fish },
    { "man", manual_man },
};

/* `man-score`: the page of one command. */
static bool print_topic(const char *wanted, struct buffer *out)
{
    for (size_t i = 0; i < sizeof topics / sizeof *topics; i++)
        if (strcmp(topics[i].name, wanted) == 0) {
            topics[i].print(out);
            return true;
        }
    return strncmp(wanted, "man-", 4) == 0 && manual_man_command(wanted + 4, out);
}

int command_manual(const struct options *options)
{
    size_t count = sizeof topics / sizeof *topics;
    const char *wanted = options->arguments[0], *names[sizeof topics / sizeof *topics];
    for (size_t i = 0; i < count; i++) names[i] = topics[i].name;
    struct buffer text = { 0 };
    if (print_topic(wanted, &text)) {
        struct output output;
        int status = output_open(&output, options->value[OPTION_OUTPUT]);
        if (status == EXIT_FINE) {
            if (output_write(&output, &text)) status = output_commit(&output);
            else {
                status = output_problem(&output);
                output_abandon(&output);
            }
        }
        buffer_free(&text);
        return status;
    }
    const char *nearest = suggest_nearest(wanted, names, count);
    say("rubric manual: there is no manual `%s`%s%s%s\n", wanted, nearest ? "; did you mean `" : "",
            nearest ? nearest : "", nearest ? "`?" : "");
    say("the manuals are opcodes, words, messages, limits, fuzz-dictionary, completion-bash, -zsh and "
                    "-fish, man and man-COMMAND\n");
    return EXIT_USAGE;
}
