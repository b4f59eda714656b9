/* Completion for bash, zsh and fish, from the tables of commands and options. */
#include <string.h>

#include "cli/manuals.h"
#include "stdlib/modules.h"

#define TOPICS "opcodes words messages limits fuzz-dictionary completion-bash completion-zsh completion-fish man"

const char *option_values(const struct command *command, enum option option)
{
    static const struct { const char *command; const char *values; } formats[] = {
        { "check", "text json sarif github line" }, { "score", "ndjson csv table" }, { "explain", "text json html" },
        { "doc", "markdown html" }, { "reach", "text html" },
    };
    switch (option) {
    case OPTION_FORMAT:
        for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
            if (strcmp(formats[i].command, command->name) == 0)
                return formats[i].values;
        return NULL;
    case OPTION_DATES: return "dmy mdy ymd";
    case OPTION_ENCODING: return "utf-8 windows-1252 latin-1 utf-16";
    case OPTION_COLOR: return "auto always never";
    case OPTION_FAIL_ON: return "error conflict warning note";
    default: return NULL;
    }
}

/* The parts of "-o, --output FILE". */
struct option_parts { char letter, name[40], argument[40]; const char *help; };

static struct option_parts parts_of(enum option option)
{
    struct option_parts parts = { 0 };
    const char *text;
    parts.help = option_help(option, &text);
    if (text[0] == '-' && text[1] != '-') {
        parts.letter = text[1];
        text += 4;
    }
    text += 2;
    size_t length = strcspn(text, " ");
    snprintf(parts.name, sizeof parts.name, "%.*s", (int)length, text);
    snprintf(parts.argument, sizeof parts.argument, "%s", text[length] == ' ' ? text + length + 1 : "");
    return parts;
}

static bool takes(const struct command *command, int option)
{
    return (command->takes & TAKES(option)) != 0;
}

/* ---- bash -------------------------------------------------------------------------------------------------------- */

void manual_completion_bash(struct buffer *out)
{
    buffer_text(
        out, "# bash completion for rubric; printed by `rubric manual completion-bash`\n"
             "_rubric() {\n    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} options values=\n"
             "    COMPREPLY=()\n    if [ \"$COMP_CWORD\" -eq 1 ]; then\n        COMPREPLY=($(compgen -W '");
    for (size_t i = 0; i < command_count; i++)
        buffer_format(out, "%s ", commands[i].name);
    buffer_text(out, "--help --version' -- \"$cur\"))\n        return\n    fi\n    case ${COMP_WORDS[1]} in\n");
    for (size_t i = 0; i < command_count; i++) {
        buffer_format(out, "    %s) options='", commands[i].name);
        for (int option = 0; option < OPTION_COUNT; option++)
            if (takes(&commands[i], option))
                buffer_format(out, "--%s ", parts_of((enum option)option).name);
        buffer_text(out, "--help'");
        for (int option = 0; option < OPTION_COUNT; option++) {
            const char *values = takes(&commands[i], option) ? option_values(&commands[i], (enum option)option) : NULL;
            if (values != NULL)
                buffer_format(out, "\n        [ \"$prev\" = --%s ] && values='%s'", parts_of((enum option)option).name,
                              values);
        }
        if (strcmp(commands[i].name, "manual") == 0)
            buffer_text(out, "\n        [ \"$COMP_CWORD\" -eq 2 ] && values='" TOPICS "'");
        buffer_text(out, " ;;\n");
    }
    buffer_text(out, "    *) options=--help ;;\n    esac\n"
                     "    if [ -n \"$values\" ]; then COMPREPLY=($(compgen -W \"$values\" -- \"$cur\"))\n"
                     "    elif [ \"${cur#-}\" != \"$cur\" ]; then COMPREPLY=($(compgen -W \"$options\" -- \"$cur\"))\n"
                     "    else COMPREPLY=($(compgen -f -- \"$cur\")); fi\n}\n"
                     "complete -o filenames -F _rubric rubric\n");
}

/* ---- zsh --------------------------------------------------------------------------------------------------------- */

/* Inside single quotes and brackets. */
static void put_zsh(const char *text, struct buffer *out)
{
    for (; *text != 0; text++) {
        if (*text == '\'')
            buffer_text(out, "'\\''");
        else if (*text == '[' || *text == ']' || *text == ':' || *text == '\\')
            buffer_format(out, "\\%c", *text);
        else
            buffer_char(out, *text);
    }
}

static void put_zsh_option(const struct command *command, enum option option, struct buffer *out)
{
    struct option_parts parts = parts_of(option);
    const char *values = option_values(command, option);
    bool again = option == OPTION_SET || option == OPTION_EVENTS;
    buffer_format(out, " \\\n            '%s--%s%s[", again ? "*" : "", parts.name, parts.argument[0] != 0 ? "=" : "");
    put_zsh(parts.help, out);
    buffer_char(out, ']');
    if (values != NULL)
        buffer_format(out, ":%s:(%s)", parts.argument, values);
    else if (strcmp(parts.argument, "FILE") == 0)
        buffer_text(out, ":file:_files");
    else if (parts.argument[0] != 0)
        buffer_format(out, ":%s: ", parts.argument);
    buffer_char(out, '\'');
}

void manual_completion_zsh(struct buffer *out)
{
    buffer_text(out, "#compdef rubric\n# zsh completion for rubric; printed by `rubric manual completion-zsh`\n"
                     "_rubric() {\n    local -a commands\n    commands=(\n");
    for (size_t i = 0; i < command_count; i++) {
        buffer_format(out, "        '%s:", commands[i].name);
        put_zsh(commands[i].summary, out);
        buffer_text(out, "'\n");
    }
    buffer_text(out, "    )\n    if (( CURRENT == 2 )); then _describe command commands; return; fi\n"
                     "    local command=$words[2]\n    shift words; (( CURRENT-- ))\n    case $command in\n");
    for (size_t i = 0; i < command_count; i++) {
        buffer_format(out, "        %s) _arguments", commands[i].name);
        for (int option = 0; option < OPTION_COUNT; option++)
            if (takes(&commands[i], option))
                put_zsh_option(&commands[i], (enum option)option, out);
        buffer_text(out, " \\\n            '--help[what the command does]'");
        buffer_text(out, strcmp(commands[i].name, "manual") == 0 ? " \\\n            ':topic:(" TOPICS ")' ;;\n"
                                                                 : " \\\n            '*:file:_files' ;;\n");
    }
    buffer_text(out, "    esac\n}\n_rubric \"$@\"\n");
}

/* ---- fish -------------------------------------------------------------------------------------------------------- */

static void put_fish(const char *text, struct buffer *out)
{
    for (; *text != 0; text++) {
        if (*text == '\'' || *text == '\\')
            buffer_char(out, '\\');
        buffer_char(out, *text);
    }
}

void manual_completion_fish(struct buffer *out)
{
    buffer_text(out, "# fish completion for rubric; printed by `rubric manual completion-fish`\n");
    for (size_t i = 0; i < command_count; i++) {
        buffer_format(out, "complete -c rubric -n __fish_use_subcommand -f -a %s -d '", commands[i].name);
        put_fish(commands[i].summary, out);
        buffer_text(out, "'\n");
        for (int option = 0; option < OPTION_COUNT; option++) {
            if (!takes(&commands[i], option))
                continue;
            struct option_parts parts = parts_of((enum option)option);
            const char *values = option_values(&commands[i], (enum option)option);
            buffer_format(out, "complete -c rubric -n '__fish_seen_subcommand_from %s' -l %s", commands[i].name,
                          parts.name);
            if (parts.letter != 0)
                buffer_format(out, " -s %c", parts.letter);
            if (values != NULL)
                buffer_format(out, " -x -a '%s'", values);
            else if (parts.argument[0] != 0)
                buffer_text(out, strcmp(parts.argument, "FILE") == 0 ? " -r -F" : " -x");
            buffer_text(out, " -d '");
            put_fish(parts.help, out);
            buffer_text(out, "'\n");
        }
    }
    buffer_text(out, "complete -c rubric -n '__fish_seen_subcommand_from manual' -f -a '" TOPICS "'\n");
    buffer_text(out, "complete -c rubric -n '__fish_seen_subcommand_from doc' -a '");
    for (size_t i = 0; i < stdlib_module_count; i++)
        buffer_format(out, "%s%s", i > 0 ? " " : "", stdlib_modules[i].name);
    buffer_text(out, "'\n");
}
