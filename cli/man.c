/* Man pages from the tables of commands and options. */
#include <string.h>

#include "cli/manuals.h"

/* A text for roff: backslashes and hyphens escaped; no line may begin with a dot or an apostrophe. */
static void put(const char *text, struct buffer *out)
{
    for (const char *at = text; *at != 0; at++) {
        if ((*at == '.' || *at == '\'') && (at == text || at[-1] == '\n'))
            buffer_text(out, "\\&");
        if (*at == '\\')
            buffer_text(out, "\\\\");
        else if (*at == '-')
            buffer_text(out, "\\-");
        else
            buffer_char(out, *at);
    }
}

static void put_status(struct buffer *out)
{
    static const char *const rows[][2] = {
        { "0", "fine" }, { "1", "the rubric, the tests or the data are at fault" }, { "2", "the call is" },
        { "3", "the machine is: disk full, out of memory" },
    };
    buffer_text(out, ".SH EXIT STATUS\n");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        buffer_format(out, ".TP\n.B %s\n%s\n", rows[i][0], rows[i][1]);
}

static void put_environment(struct buffer *out)
{
    buffer_text(out, ".SH ENVIRONMENT\n.TP\n.B NO_COLOR\nno colour, whatever the terminal\n");
}

void manual_man(struct buffer *out)
{
    buffer_text(out,
                ".\\\" Printed by `rubric manual man`.\n.TH RUBRIC 1 \"\" \"rubric\" \"User commands\"\n"
                ".SH NAME\nrubric \\- lead\\-scoring rules as text\n.SH SYNOPSIS\n.B rubric\n.I command\n.RI [ "
                "argument \" ...]\"\n"
                ".SH DESCRIPTION\nRubric is a small language for lead\\-scoring rules that reads like plain English. "
                "The program checks a rubric, runs its tests, scores leads with it, and explains every point.\n"
                "Each command has a page of its own, such as\n.BR rubric\\-score (1).\n"
                "A file may be\n.BR \\- ,\nstandard input or output. Results go to standard output, messages to "
                "standard error.\n"
                ".SH COMMANDS\n");
    for (size_t i = 0; i < command_count; i++) {
        buffer_text(out, ".TP\n.B ");
        put(commands[i].usage + strlen("rubric "), out);
        buffer_char(out, '\n');
        put(commands[i].summary, out);
        buffer_char(out, '\n');
    }
    put_status(out);
    put_environment(out);
    buffer_text(out, ".SH SEE ALSO\n");
    for (size_t i = 0; i < command_count; i++) {
        buffer_text(out, ".BR rubric\\-");
        put(commands[i].name, out);
        buffer_text(out, i + 1 < command_count ? " (1),\n" : " (1)\n");
    }
}

bool manual_man_command(const char *name, struct buffer *out)
{
    const struct command *command = NULL;
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i].name, name) == 0)
            command = &commands[i];
    if (command == NULL)
        return false;
    buffer_text(out, ".\\\" Printed by `rubric manual man-");
    buffer_format(out, "%s`.\n.TH \"RUBRIC\\-", name);
    for (const char *at = name; *at != 0; at++)
        buffer_format(out, *at == '-' ? "\\-" : "%c", *at >= 'a' && *at <= 'z' ? *at - 32 : *at);
    buffer_text(out, "\" 1 \"\" \"rubric\" \"User commands\"\n.SH NAME\nrubric\\-");
    put(name, out);
    buffer_text(out, " \\- ");
    put(command->summary, out);
    buffer_text(out, "\n.SH SYNOPSIS\n.B ");
    put(command->usage, out);
    if (command->takes != 0)
        buffer_text(out, " [options]");
    buffer_text(out, "\n.SH OPTIONS\n");
    for (int option = 0; option < OPTION_COUNT; option++) {
        if (!(command->takes & TAKES(option)))
            continue;
        const char *argument, *help = option_help((enum option)option, &argument);
        const char *values = option == OPTION_FORMAT ? option_values(command, OPTION_FORMAT) : NULL;
        buffer_text(out, ".TP\n.B ");
        put(argument, out);
        buffer_char(out, '\n');
        put(help, out);
        if (values != NULL) {
            buffer_text(out, "; one of ");
            put(values, out);
        }
        buffer_char(out, '\n');
    }
    buffer_text(out, ".TP\n.B \\-\\-help\nwhat the command does\n.SH EXAMPLE\n.nf\n");
    put(command->example, out);
    buffer_text(out, "\n.fi\n");
    put_status(out);
    buffer_text(out, ".SH SEE ALSO\n.BR rubric (1)\n");
    return true;
}
