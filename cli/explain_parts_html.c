#include "cli/explain_parts_html.h"

#include <string.h>

#include "cli/html.h"
#include "vm/number.h"

#define EVENTS_SEEN 5

/* ---- members ----------------------------------------------------------------------------------------------------- */

const char *part_text(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsString(item) ? item->valuestring : NULL;
}

const char *part_raw(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsRaw(item) ? item->valuestring : NULL;
}

bool part_number(const cJSON *object, const char *name, int64_t *units)
{
    const char *digits = part_raw(object, name);
    return digits != NULL && number_parse(digits, strlen(digits), units, NULL);
}

const cJSON *part_first(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsArray(item) || cJSON_IsObject(item) ? item->child : NULL;
}

const char *part_instant(const char *instant, char out[INSTANT_TEXT])
{
    size_t length = strlen(instant);
    if (length < 16 || length >= INSTANT_TEXT)
        return instant;
    memcpy(out, instant, length + 1);
    out[10] = ' ';
    out[16] = 0;
    if (strcmp(out + 10, " 00:00") == 0)
        out[10] = 0;
    return out;
}

void part_time(struct buffer *out, const char *instant)
{
    char shown[INSTANT_TEXT];
    html_put(out, "<time datetime=\"%s\">%s</time>", instant, part_instant(instant, shown));
}

/* ---- values ------------------------------------------------------------------------------------------------------ */

void part_value(struct buffer *out, const cJSON *value)
{
    int64_t instant;
    if (cJSON_IsNull(value))
        buffer_text(out, "<span class=\"soft\">not known</span>");
    else if (cJSON_IsBool(value))
        buffer_text(out, cJSON_IsTrue(value) ? "yes" : "no");
    else if (cJSON_IsRaw(value))
        html_number(out, value->valuestring, 0);
    else if (cJSON_IsArray(value))
        for (const cJSON *element = value->child; element != NULL; element = element->next)
            html_put(out, "\xE2\x80\x9C%s\xE2\x80\x9D%s", element->valuestring, element->next != NULL ? ", " : "");
    else if (strlen(value->valuestring) >= 20 && value->valuestring[10] == 'T'
             && instant_parse(value->valuestring, strlen(value->valuestring), DATES_ISO_ONLY, &instant))
        part_time(out, value->valuestring);
    else
        html_put(out, "\xE2\x80\x9C%s\xE2\x80\x9D", value->valuestring);
}

static bool same_event(const cJSON *a, const cJSON *b)
{
    const char *one = part_text(a, "event"), *two = part_text(b, "event");
    return one != NULL && two != NULL && strcmp(one, two) == 0;
}

/* A run of events of one type, the newest first: "2 webinar: 2026-11-12 09:00 (+10), 2026-10-22 09:00 (+5)". */
static const cJSON *add_events(struct buffer *out, const cJSON *first)
{
    const char *name = part_text(first, "event");
    const cJSON *last = first;
    int count = 1, shown = 0;
    while (last->next != NULL && same_event(first, last->next)) {
        last = last->next;
        count++;
    }
    html_put(out, "%d %s: ", count, name);
    for (const cJSON *event = last; shown < EVENTS_SEEN && shown < count; event = event->prev, shown++) {
        buffer_text(out, shown > 0 ? ", " : "");
        part_time(out, part_text(event, "at"));
        if (part_raw(event, "points") == NULL)
            continue;
        buffer_text(out, " (");
        html_number(out, part_raw(event, "points"), 1);
        buffer_text(out, ")");
    }
    if (count > shown)
        html_put(out, " and %d older", count - shown);
    return last->next;
}

static void add_inputs(struct buffer *out, const cJSON *inputs)
{
    const cJSON *input = inputs != NULL ? inputs->child : NULL;
    bool first = true;
    while (input != NULL) {
        if (!first)
            buffer_text(out, "; ");
        first = false;
        const char *event = part_text(input, "event");
        int64_t counted;
        if (event != NULL && part_number(input, "counted", &counted)) {
            if (counted > 0)
                html_put(out, "%s %s", part_raw(input, "counted"), event);
            else if (strcmp(part_raw(input, "of"), "0") != 0)
                html_put(out, "no %s that counts, of %s", event, part_raw(input, "of"));
            else
                html_put(out, "no %s", event);
            input = input->next;
        } else if (event != NULL) {
            input = add_events(out, input);
        } else {
            const char *field = part_text(input, "field");
            html_put(out, "%s ", field != NULL ? field : part_text(input, "score"));
            part_value(out, cJSON_GetObjectItemCaseSensitive(input, "value"));
            input = input->next;
        }
    }
}

void part_saw(struct buffer *out, const cJSON *inputs)
{
    if (inputs == NULL || inputs->child == NULL)
        return;
    buffer_text(out, "<div class=\"saw\">saw ");
    add_inputs(out, inputs);
    buffer_text(out, "</div>");
}

/* ---- rules ------------------------------------------------------------------------------------------------------- */

static const char *title_of(const cJSON *rule)
{
    const char *title = part_text(rule, "title");
    return title != NULL ? title : part_text(rule, "rule");
}

void part_rule_head(struct buffer *out, const cJSON *rule, const char *gives)
{
    const char *score = part_text(rule, "score"), *at = part_text(rule, "at");
    html_put(out, "<li><div class=\"head\"><span><strong>%s</strong>", title_of(rule));
    buffer_text(out, "<span class=\"soft\">");
    if (cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(rule, "disqualifies")))
        buffer_text(out, ", would disqualify");
    else if (cJSON_HasObjectItem(rule, "to"))
        html_put(out, ", %s", gives);           /* the caller names the score */
    else if (score != NULL) {
        buffer_text(out, ", ");
        if (gives != NULL)
            html_number(out, gives, 0);                 /* its minus is a true one */
        html_put(out, "%s%s", gives != NULL ? " in " : "in ", score);
    }
    buffer_text(out, "</span></span>");
    if (at != NULL)
        html_put(out, "<span class=\"place\">%s</span>", at);
    buffer_text(out, "</div>\n");
}

void part_because(struct buffer *out, const cJSON *rule)
{
    if (part_text(rule, "because") != NULL)
        html_put(out, "<div class=\"because\">%s</div>", part_text(rule, "because"));
}

static void add_distance(struct buffer *out, const cJSON *distance)
{
    const char *lacking = part_raw(distance, "short"), *over = part_raw(distance, "over");
    html_put(out, "%s is ", part_text(distance, "score"));
    html_number(out, part_raw(distance, "value"), 0);
    if (lacking == NULL && over == NULL)
        return;
    html_put(out, ", needs %s ", part_text(distance, "needs"));
    html_number(out, part_raw(distance, "limit"), 0);
    html_put(out, ": <strong>%s %s</strong>", lacking != NULL ? lacking : over, lacking != NULL ? "short" : "too much");
}

void part_conditions(struct buffer *out, const cJSON *conditions)
{
    if (conditions == NULL || conditions->child == NULL)
        return;
    buffer_text(out, "<ul class=\"conditions\">\n");
    for (const cJSON *condition = conditions->child; condition != NULL; condition = condition->next) {
        const char *answer = part_text(condition, "answer");
        const cJSON *distance = cJSON_GetObjectItemCaseSensitive(condition, "distance");
        html_put(out,
                 "<li><span class=\"answer %s\">%s</span><span><span class=\"code\">%s</span> <span class=\"saw\">",
                 answer, strcmp(answer, "unknown") == 0 ? "unknown" : answer, part_text(condition, "condition"));
        if (distance != NULL)
            add_distance(out, distance);
        else
            add_inputs(out, cJSON_GetObjectItemCaseSensitive(condition, "saw"));
        buffer_text(out, "</span></span></li>\n");
    }
    buffer_text(out, "</ul>\n");
}

void part_open_conditions(struct buffer *out, const cJSON *rule)
{
    bool first = true;
    for (const cJSON *condition = part_first(rule, "conditions"); condition != NULL; condition = condition->next) {
        if (strcmp(part_text(condition, "answer"), "yes") == 0)
            continue;
        buffer_text(out, first ? "<div class=\"saw\">takes " : "; ");
        html_put(out, "<span class=\"code\">%s</span>", part_text(condition, "condition"));
        first = false;
    }
    if (!first)
        buffer_text(out, "</div>");
}

void part_why_not(struct buffer *out, const cJSON *rule)
{
    const char *reason = part_text(rule, "reason"), *from = part_text(rule, "active_from"),
               *until = part_text(rule, "active_until");
    char day[INSTANT_TEXT];
    if (strcmp(reason, "condition") == 0) {
        part_conditions(out, cJSON_GetObjectItemCaseSensitive(rule, "conditions"));
        return;
    }
    if (strcmp(reason, "not active") == 0) {
        buffer_text(out, "<div>is only active");
        if (from != NULL)
            html_put(out, " from %s", part_instant(from, day));
        if (until != NULL)
            html_put(out, " until %s", part_instant(until, day));
        buffer_text(out, "</div>");
        return;
    }
    html_put(out, "<div>%s</div>", strcmp(reason, "nothing to count") == 0 ? reason : "no row takes what it saw");
    part_saw(out, cJSON_GetObjectItemCaseSensitive(rule, "inputs"));
}

/* ---- a line of the ledger ---------------------------------------------------------------------------------------- */

static void add_limit(struct buffer *out, const cJSON *line, const char *name, const char *words)
{
    html_put(out, "%s %s ", name, words);
    html_number(out, part_raw(line, "limit"), 0);
}

static void add_step(struct buffer *out, const cJSON *line, const char *step)
{
    const char *group = part_text(line, "group"), *score = part_text(line, "score");
    int64_t points = 0;
    part_number(line, "points", &points);
    if (strcmp(step, "base") == 0) {
        buffer_text(out, "what everybody starts with");
    } else if (strcmp(step, "term") == 0) {
        html_put(out, "%s", part_text(line, "term"));
    } else if (strcmp(step, "weight") == 0) {
        html_put(out, "%s is weighted with %s%%", group, part_raw(line, "weight_percent"));
    } else if (strcmp(step, "at most") == 0 || strcmp(step, "at least") == 0) {
        add_limit(out, line, group, points < 0 ? "gives at most" : "gives at least");
    } else if (strcmp(step, "clamp") == 0) {
        add_limit(out, line, score, points < 0 ? "is at most" : "is at least");
    } else if (strcmp(step, "decay") == 0) {
        const char *percent = part_raw(line, "loses_percent"), *each = part_raw(line, "loses_points");
        if (percent == NULL && each == NULL)
            buffer_text(out, "lost with time");
        else
            html_put(out, "nothing happened for %s times %s: loses %s%s each time", part_raw(line, "periods"),
                     part_text(line, "every"), percent != NULL ? percent : each, percent != NULL ? "%" : " points");
    } else {
        buffer_text(out, "takes one of its rules");
    }
}

void part_ledger_words(struct buffer *out, const cJSON *line)
{
    const char *step = part_text(line, "step"), *at = part_text(line, "at"), *group = part_text(line, "group");
    bool beaten = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(line, "beaten"));
    buffer_text(out, beaten ? "<div class=\"what\"><span class=\"beaten\">" : "<div class=\"what\"><span>");
    if (step != NULL) {
        add_step(out, line, step);
    } else {
        html_put(out, "<strong>%s</strong>", title_of(line));
        if (group != NULL)
            html_put(out, "<span class=\"soft\">, in %s</span>", group);
    }
    buffer_text(out, "</span>");
    if (at != NULL)
        html_put(out, "<span class=\"place\">%s</span>", at);
    buffer_text(out, "</div>");
    if (step != NULL)
        return;
    part_because(out, line);
    if (part_text(line, "row") != NULL)
        html_put(out, "<div class=\"saw\">row %s</div>", part_text(line, "row"));
    if (part_text(line, "gives") != NULL)
        html_put(out, "<div class=\"saw\">%s</div>", part_text(line, "gives"));
    if (beaten)
        html_put(out, "<div class=\"saw\">counts for nothing: another rule of %s was taken</div>", group);
    if (part_raw(line, "weight_percent") != NULL)
        html_put(out, "<div class=\"saw\">weighted with %s%%</div>", part_raw(line, "weight_percent"));
    part_saw(out, cJSON_GetObjectItemCaseSensitive(line, "inputs"));
}
