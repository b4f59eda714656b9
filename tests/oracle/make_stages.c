#include "tests/oracle/making.h"

static const char *const band_names[] = { "temperature", "grade" };

void make_bands(struct maker *maker, struct sample *sample)
{
    static const char *const edges[] = { "0", "5", "20", "25", "50", "80" };
    maker->band_count = below(maker, 3);
    for (int i = 0; i < maker->band_count; i++) {
        const struct made_score *score = &maker->scores[below(maker, maker->score_count)];
        struct made_band *band = &maker->bands[i];
        *band = (struct made_band){ .name = band_names[i], .score = score->name, .label_count = 2 + below(maker, 3) };
        say(maker, "band %s of %s\n", band->name, band->score);
        int edge = below(maker, 3);
        if (chance(maker, 15)) {
            band->label_count = 2;
            say(maker, "  L0 below limit\n  L1 from limit\n");
            chunk_end(maker, sample, true);
            continue;
        }
        say(maker, "  L0 below %s\n", edges[edge]);
        for (int label = 1; label < band->label_count; label++, edge++) {
            say(maker, "  L%d from %s", label, edges[edge]);
            if (label + 1 < band->label_count)
                say(maker, " below %s", edges[edge + 1]);
            say(maker, "\n");
        }
        chunk_end(maker, sample, true);
    }
    if (maker->band_count < 2 || chance(maker, 40))
        return;
    maker->has_matrix = true;
    say(maker, "matrix priority of temperature by grade\n      ");
    bool turned = chance(maker, 50);                    /* the labels of a matrix may stand in any order */
    for (int column = 0; column < maker->bands[1].label_count; column++)
        say(maker, " L%d", turned ? maker->bands[1].label_count - 1 - column : column);
    for (int row = 0; row < maker->bands[0].label_count; row++) {
        say(maker, "\n  L%d", row);
        for (int column = 0; column < maker->bands[1].label_count; column++)
            say(maker, " \"c%d%d\"", row, column);
    }
    say(maker, "\n");
    chunk_end(maker, sample, true);
}

void make_stages(struct maker *maker, struct sample *sample)
{
    struct view view = { .event = NO_EVENT, .results = true, .disqualified = true };
    maker->stage_count = chance(maker, 15) ? 0 : 2 + below(maker, 4);
    for (int i = 0; i < maker->stage_count; i++) {
        maker->titled[i] = chance(maker, 40);
        say(maker, "stage %s", stage_names[i]);
        if (maker->titled[i]) {
            say(maker, " ");
            say_quoted(maker, stage_titles[i]);
        }
        if (i > 0) {
            say(maker, "\n  when ");
            say_condition(maker, &view, 1);
            int way = below(maker, 10);
            if (way < 4) {
                say(maker, "\n  stay while ");
                say_condition(maker, &view, 1);
            } else if (way < 5) {
                say(maker, "\n  stay forever");
            }
            if (chance(maker, 30))
                say(maker, "\n  only from %s", stage_names[below(maker, i)]);
        }
        say(maker, "\n");
        chunk_end(maker, sample, false);
    }
}

static void make_text_with_names(struct maker *maker)
{
    static const char *const names[] = {
        "title", "employees", "created",  "tags",     "newsletter", "fit",   "total", "bonus",
        "share", "recently",  "buzzword", "industry", "email",      "größe", "id",    "stage",
    };
    struct buffer text = { 0 };
    for (int i = 0, count = 1 + below(maker, 3); i < count; i++) {
        int way = below(maker, 10);
        if (way < 1)
            buffer_text(&text, "{{x}} ");
        else if (way < 2)
            buffer_text(&text, "}} ß ");
        else if (way < 3 && maker->band_count)
            buffer_text(&text, "{temperature} ");
        else if (way < 4 && maker->has_matrix)
            buffer_text(&text, "{priority} ");
        else
            buffer_format(&text, "%s{%s}", i ? " " : "to ", names[below(maker, 16)]);
    }
    say_quoted(maker, text.data);
    buffer_free(&text);
}

void make_reactions(struct maker *maker, struct sample *sample)
{
    struct view view = { .event = NO_EVENT, .results = true, .disqualified = true, .stage = true };
    for (int stage = 0; maker->stage_count && stage <= maker->stage_count; stage++)
        for (int leaving = 0; leaving < 2; leaving++) {
            if (chance(maker, leaving ? 70 : 40))
                continue;
            say(maker, "on %s %s\n", leaving ? "leaving" : "entering",
                stage == maker->stage_count ? "Disqualified" : stage_names[stage]);
            bool otherwise = false;
            for (int i = 0, count = 1 + below(maker, 4); i < count; i++) {
                int kind = below(maker, otherwise ? 2 : 4);
                say(maker, "  %s ", kind == 0 ? "notify" : kind == 1 ? "tag" : "assign");
                make_text_with_names(maker);
                if (kind >= 2 && i + 1 == count && chance(maker, 50)) {
                    say(maker, " otherwise");
                    otherwise = true;
                } else if (chance(maker, 60)) {
                    say(maker, " when ");
                    say_condition(maker, &view, 1);
                } else if (kind >= 2) {
                    otherwise = true;
                }
                say(maker, "\n");
            }
            chunk_end(maker, sample, false);
            if (chance(maker, 10) && !otherwise) {      /* a second block goes on where the first ended */
                say(maker, "on %s %s\n  notify \"again\"\n  assign \"late\"\n", leaving ? "leaving" : "entering",
                    stage == maker->stage_count ? "Disqualified" : stage_names[stage]);
                chunk_end(maker, sample, false);
            }
        }
}
