/*
 * The command line is scanned before the configuration file is read, so that --help works with
 * a broken file, and stored after it, so that the command line wins. When scanning fails, what
 * was read until then is stored all the same: the message about it then comes as --log-json or
 * --color asked for.
 */
#include "cli/app.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cli/completion.h"
#include "cli/config.h"
#include "cli/output.h"

enum action { ACTION_RUN, ACTION_HELP, ACTION_VERSION, ACTION_COMPLETION };
enum shell { SHELL_BASH, SHELL_ZSH };
enum { TEXT_MAX_BYTES = 1 << 20 };

static const char *const shell_names[] = {[SHELL_BASH] = "bash", [SHELL_ZSH] = "zsh", NULL};

/* What --help takes, for completion. */
static const char *const *topic_names(struct rs_app *app)
{
    const struct rs_help_topic *topics = app->tool->topics;
    size_t count = 0;
    while (topics && topics[count].name) {
        count++;
    }
    const char **names = rs_arena_zalloc(&app->arena, count + 1, sizeof *names);
    for (size_t i = 0; i < count; i++) {
        names[i] = topics[i].name;
    }
    return count > 0 ? names : NULL;
}

/* The tool's rows and then the common ones, in the app's arena. */
static const struct rs_option *full_table(struct rs_app *app, const struct rs_option *table)
{
    const struct rs_option common[] = {
        {.name = "config",
         .kind = RS_OPTION_STRING,
         .to.string = &app->config_file,
         .operand = "FILE",
         .help = "options as JSON, see rs-config(5)",
         .command_only = true},
        RS_OPT_FLAG(0, "json", &app->json, NULL),
        RS_OPT_FLAG(0, "log-json", &app->log_json, "write the result, the messages as JSON"),
        RS_OPT_SET('q', "quiet", &app->verbosity, 0, NULL),
        RS_OPT_COUNT('v', "verbose", &app->verbosity, "fewer or more messages"),
        RS_OPT_ENUM(0, "progress", &app->progress_when, rs_when_names, "WHEN", NULL),
        RS_OPT_ENUM(0, "color", &app->color_when, rs_when_names, "WHEN", "auto, always, never"),
        {.letter = 'h',
         .name = "help",
         .kind = RS_OPTION_STRING,
         .to.string = &app->help_topic,
         .operand = "TOPIC",
         .names = topic_names(app),
         .optional = true,
         .command_only = true,
         .last = true},
        {.name = "version",
         .kind = RS_OPTION_SET,
         .to.number = &app->action,
         .value = ACTION_VERSION,
         .command_only = true,
         .last = true},
        {.name = "completion",
         .kind = RS_OPTION_ENUM,
         .to.number = &app->completion,
         .names = shell_names,
         .help = "",
         .command_only = true,
         .last = true},
    };
    size_t count = 0;
    while (table[count].name) {
        count++;
    }
    struct rs_option *all =
        rs_arena_zalloc(&app->arena, count + RS_COUNTOF(common) + 1, sizeof *all);
    for (size_t i = 0; i < count; i++) {
        all[i] = table[i];
    }
    for (size_t i = 0; i < RS_COUNTOF(common); i++) {
        all[count + i] = common[i];
    }
    return all;
}

static bool write_version(const struct rs_app *app, struct rs_error *err)
{
    struct rs_strbuf text = RS_STRBUF_INIT(TEXT_MAX_BYTES);
    const struct rs_app_library *library = app->libraries;
    rs_strbuf_printf(&text, "%s %s\n", app->tool->name, RS_VERSION);
    for (; library && library->version; library++) {
        rs_strbuf_printf(&text, "%s%s\n", library->name, library->version());
    }
    bool ok = rs_output_write(rs_strbuf_str(&text), err);
    rs_strbuf_release(&text);
    return ok;
}

/* The tool's text, its subcommands' as they write it themselves, and the tool's end. */
static bool write_completion(const struct rs_app *app, const struct rs_option *table,
                             struct rs_error *err)
{
    struct rs_strbuf text = RS_STRBUF_INIT(TEXT_MAX_BYTES);
    const struct rs_subcommand *row = app->tool->subcommands;
    bool zsh = app->completion == SHELL_ZSH;
    char option[] = "--completion=bash";
    char zsh_option[] = "--completion=zsh";
    char *argv[] = {option, zsh ? zsh_option : option, NULL};
    bool ok = false;

    if (zsh) {
        rs_completion_zsh(app->tool, table, &text);
    } else {
        rs_completion_bash(app->tool, table, &text);
    }
    ok = rs_output_write(rs_strbuf_str(&text), err);
    for (; ok && row && row->name; row++) {
        ok = row->run(2, argv) == 0; /* else it has said why */
    }
    rs_strbuf_reset(&text);
    if (ok && zsh) {
        rs_completion_zsh_end(app->tool, &text);
        ok = rs_output_write(rs_strbuf_str(&text), err);
    }
    rs_strbuf_release(&text);
    return ok;
}

static bool check_topic(const struct rs_app *app, struct rs_error *err)
{
    if (app->help_topic && !rs_help_find(app->tool, app->help_topic)) {
        (void)rs_error_set(err, RS_E_USAGE, "option \"--help\": there is no topic \"%s\"",
                           app->help_topic);
        return rs_error_hint(err, "--help names the topics that there are");
    }
    return true;
}

static bool write_help(const struct rs_app *app, const struct rs_option *table,
                       struct rs_error *err)
{
    struct rs_strbuf text = RS_STRBUF_INIT(TEXT_MAX_BYTES);
    const char *topic = app->help_topic;
    bool ok = check_topic(app, err);
    if (ok) {
        rs_help_format(app->tool, table, topic ? rs_help_find(app->tool, topic) : NULL, &text);
        ok = rs_output_write(rs_strbuf_str(&text), err);
    }
    rs_strbuf_release(&text);
    return ok;
}

/* Answer the option that ended the command line. */
static bool answer(struct rs_app *app, const struct rs_option *table,
                   const struct rs_option_use *use, struct rs_error *err)
{
    if (use->option->kind == RS_OPTION_ENUM) {
        app->action = ACTION_COMPLETION;
    } else if (use->option->kind == RS_OPTION_STRING) {
        app->action = ACTION_HELP;
    }
    if (!rs_option_store(use->option, use->value, "option \"--completion\"", RS_E_USAGE, err)) {
        return false;
    }
    switch ((enum action)app->action) {
    case ACTION_RUN:
        break;
    case ACTION_HELP:
        return write_help(app, table, err);
    case ACTION_VERSION:
        return write_version(app, err);
    case ACTION_COMPLETION:
        return write_completion(app, table, err);
    }
    return true;
}

static enum rs_log_level log_level(unsigned verbosity)
{
    static const enum rs_log_level levels[] = {RS_LOG_WARNING, RS_LOG_NOTICE, RS_LOG_INFO,
                                               RS_LOG_DEBUG};
    return levels[verbosity < RS_COUNTOF(levels) ? verbosity : RS_COUNTOF(levels) - 1];
}

static enum rs_progress_style progress_style(const struct rs_app *app, bool terminal,
                                             const char *term)
{
    enum rs_when when = (enum rs_when)app->progress_when;
    bool unwanted = app->verbosity == 0 || app->log_json;
    if (!rs_output_wants_progress(when, terminal, term) || (unwanted && when == RS_WHEN_AUTO)) {
        return RS_PROGRESS_OFF;
    }
    return terminal ? RS_PROGRESS_BAR : RS_PROGRESS_LINES;
}

/* Set up log, colour and progress as the options say. */
static void settle(struct rs_app *app)
{
    struct rs_env *env = &app->env;
    const char *term = env->getenv(env, "TERM");
    const char *no_color = env->getenv(env, "NO_COLOR");
    enum rs_when color = (enum rs_when)app->color_when;
    bool terminal = rs_output_is_terminal(STDERR_FILENO);

    env->log.level = log_level(app->verbosity);
    env->log.json = app->log_json;
    env->log.color = rs_output_wants_color(color, terminal, no_color, term);
    app->color = rs_output_wants_color(color, rs_output_is_terminal(STDOUT_FILENO), no_color, term);
    rs_progress_init(&app->progress, env, progress_style(app, terminal, term), 0);
    env->log.before = rs_progress_erase;
    env->log.before_arg = &app->progress;
}

static void find_config(struct rs_app *app)
{
    for (size_t i = 0; i < app->line.use_count; i++) {
        const struct rs_option *option = app->line.uses[i].option;
        if (option->kind == RS_OPTION_STRING && option->to.string == &app->config_file) {
            app->config_file = app->line.uses[i].value;
        }
    }
}

/* Store what was read, with the configuration file's values below the command line's. */
static bool store(struct rs_app *app, const struct rs_option *table, struct rs_error *err)
{
    struct rs_option_list inputs = {0};
    struct rs_error later = {0};
    find_config(app);
    bool configured =
        !app->config_file || rs_config_load(app->config_file, table, &app->arena, &inputs, err);
    bool applied = rs_options_apply(&app->line, configured ? err : &later);
    struct rs_option_list *source = app->line.operands.count > 0 ? &app->line.operands : &inputs;
    app->operands = *source;
    *source = (struct rs_option_list){0};
    rs_option_list_release(&inputs);
    return configured && applied;
}

/*
 * A descriptor that the caller closed would be the next file's or connection's, and what is
 * written to standard output or error would end up there. A stand-in that cannot be used that way
 * keeps the number: reading or writing it fails, as it should.
 */
static void fill_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF) {
            int stand_in = open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
            (void)stand_in; /* the lowest free number: fd */
        }
    }
}

void rs_app_begin(struct rs_app *app, const struct rs_tool *tool,
                  const struct rs_app_library *libraries)
{
    fill_standard_descriptors();
    *app = (struct rs_app){.tool = tool, .libraries = libraries, .verbosity = 1};
    app->arena = RS_ARENA_INIT;
    rs_env_init_system(&app->env, tool->name);
    rs_env_catch_signals();
}

bool rs_app_options(struct rs_app *app, const struct rs_option *table, int argc, char **argv,
                    struct rs_error *err)
{
    const struct rs_option *all = full_table(app, table);
    struct rs_error later = {0};
    bool scanned = rs_options_scan(all, argc, argv, &app->line, err);
    const struct rs_options_line *line = &app->line;
    if (scanned && line->use_count > 0 && line->uses[line->use_count - 1].option->last) {
        return answer(app, all, &line->uses[line->use_count - 1], err) && app->action == ACTION_RUN;
    }
    bool stored = scanned ? store(app, all, err) : rs_options_apply(&app->line, &later);
    settle(app);
    return scanned && stored;
}

int rs_app_end(struct rs_app *app, int status, struct rs_error *err)
{
    rs_progress_end(&app->progress, false);
    if (!rs_output_flush(err) || err->code != RS_OK) {
        rs_log_error(&app->env.log, err);
        status = rs_error_exit_status(err);
    }
    rs_option_list_release(&app->operands);
    rs_options_line_release(&app->line);
    rs_arena_release(&app->arena);
    return status;
}
