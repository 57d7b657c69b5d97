/*
 * The speed is an exponential mean: each new stretch of time counts dt / (dt + SMOOTH), which
 * needs no history and gives a stretch of three seconds half of the say. A phase starts with a
 * speed of its own; how long the whole takes goes by the speed of the whole.
 *
 * A bar is one write, and so is a line of the log, which begins by clearing what stands there: in
 * whatever order they come, neither leaves scraps of the other.
 */
#include "cli/progress.h"

#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "cli/output.h"
#include "codec/text_table.h"
#include "codec/words.h"

enum {
    RATE_STEP_US = 50000,
    BAR_EVERY_US = 100000,
    LINE_EVERY_US = 5000000,
    LOG_EVERY_US = 60000000,
    BAR_FROM = 50, /* columns, below which there is no bar */
    BAR_MIN = 10,
    BAR_MAX = 40,
    BAR_SHARE = 6,    /* of the columns is the bar's */
    NAME_MIN = 8,     /* places of a name that is shortened */
    LEFT_PLACES = 11, /* "59:59 left" and a space */
    SPEED_PLACES = 11,
    LINE_MAX_BYTES = 4096,
};

static const double SMOOTH_SECONDS = 3.0;
static const double LONGEST_SECONDS = 359999.0; /* 99:59:59 */
static const double SLOWEST = 1e-9;             /* a second: it will not end */

/* Clears from the cursor on: the line, and those below that it was folded into. */
static const char erase[] = "\r\033[J";

/* --- speed ---------------------------------------------------------------------------------------- */

void rs_progress_rate_add(struct rs_progress_rate *rate, int64_t now_us, double done)
{
    if (!rate->started) {
        *rate = (struct rs_progress_rate){.started = true, .at_us = now_us, .done = done};
        return;
    }
    int64_t passed_us = now_us - rate->at_us;
    if (passed_us < RATE_STEP_US) {
        return;
    }
    double seconds = (double)passed_us / 1e6;
    double more = done > rate->done ? done - rate->done : 0.0;
    double weight = rate->known ? seconds / (seconds + SMOOTH_SECONDS) : 1.0;
    rate->per_second += weight * (more / seconds - rate->per_second);
    rate->known = true;
    rate->at_us = now_us;
    rate->done = done;
}

double rs_progress_seconds_left(const struct rs_progress_rate *rate, double done, double all)
{
    if (!rate->known || all <= 0 || rate->per_second < SLOWEST * all) {
        return -1.0;
    }
    return done >= all ? 0.0 : (all - done) / rate->per_second;
}

/* --- the line ------------------------------------------------------------------------------------- */

static void append_clock(struct rs_strbuf *out, double seconds)
{
    unsigned whole = (unsigned)(seconds < LONGEST_SECONDS ? seconds + 0.5 : LONGEST_SECONDS);
    if (whole >= 3600) {
        rs_strbuf_printf(out, "%u:%02u:%02u", whole / 3600, whole / 60 % 60, whole % 60);
    } else {
        rs_strbuf_printf(out, "%u:%02u", whole / 60, whole % 60);
    }
}

/* "12.3 MB" or "1.2M rows". */
static void append_amount(struct rs_strbuf *out, const struct rs_meter_view *view, double amount)
{
    rs_words_short(out, amount, view->unit ? "" : " ");
    rs_strbuf_printf(out, "%s%s", view->unit ? " " : "B", view->unit ? view->unit : "");
}

static bool has_speed(const struct rs_meter_view *view, const struct rs_progress_rates *rates)
{
    return rates->amount.known && !(view->unit && *view->unit == '\0');
}

static void append_speed(struct rs_strbuf *out, const struct rs_meter_view *view,
                         const struct rs_progress_rates *rates)
{
    if (has_speed(view, rates)) {
        append_amount(out, view, rates->amount.per_second);
        rs_strbuf_append(out, "/s");
    }
}

/* "0:07 left", or since when it runs: "0:07". */
static void append_left(struct rs_strbuf *out, const struct rs_meter_view *view,
                        const struct rs_progress_rates *rates, double elapsed_seconds)
{
    double left = view->known ? rs_progress_seconds_left(&rates->part, view->part, 1.0) : -1.0;
    append_clock(out, left >= 0.0 ? left : elapsed_seconds);
    rs_strbuf_append(out, left >= 0.0 ? " left" : "");
}

static void append_percent(struct rs_strbuf *out, const struct rs_meter_view *view)
{
    if (view->known) {
        rs_strbuf_printf(out, "%3u%%", (unsigned)(view->part * 100.0));
    } else {
        append_amount(out, view, view->amount);
    }
}

/* "window 3 of 30: loading" */
static void append_phase(struct rs_strbuf *out, const struct rs_meter_view *view)
{
    if (view->rounds > 0) {
        rs_strbuf_printf(out, "%s %zu of %zu: ", view->round_noun, view->round, view->rounds);
    }
    rs_strbuf_append(out, view->phase);
}

/* ", 3 of 12 tables", or ", 1.2M events" */
static void append_counts(struct rs_strbuf *out, const struct rs_meter_view *view)
{
    if (view->pieces > 0 && view->rounds == 0) {
        size_t done = view->pieces_done < view->pieces ? view->pieces_done : view->pieces;
        rs_strbuf_printf(out, ", %zu of %zu %s", done, view->pieces, view->noun);
    } else if (view->pieces == 0 && !view->unit && view->events > 0) {
        rs_strbuf_append(out, ", ");
        rs_words_short(out, (double)view->events, "");
        rs_strbuf_append(out, view->events == 1 ? " event" : " events");
    }
    if (view->pieces == 0 && view->rejects > 0) {
        rs_strbuf_append(out, ", ");
        rs_words_short(out, (double)view->rejects, "");
        rs_strbuf_append(out, view->rejects == 1 ? " reject" : " rejects");
    }
}

/* What is done now. Where there is no room for all of it the name is shortened, then left out. */
static void append_label(struct rs_strbuf *out, const struct rs_meter_view *view, size_t places)
{
    struct rs_arena arena = RS_ARENA_INIT;
    struct rs_strbuf phase = RS_STRBUF_INIT(LINE_MAX_BYTES);
    struct rs_strbuf counts = RS_STRBUF_INIT(LINE_MAX_BYTES);
    struct rs_str name = rs_text_clean(&arena, rs_str_from(view->name));
    append_phase(&phase, view);
    append_counts(&counts, view);
    size_t taken = phase.length + counts.length + 1;
    size_t width = rs_text_width(name);
    bool fits = taken + width <= places;
    bool shortened = !fits && taken + NAME_MIN <= places;
    rs_strbuf_append_str(out, rs_strbuf_str(&phase));
    if (width > 0 && (fits || shortened)) {
        rs_strbuf_append_char(out, ' ');
        rs_strbuf_append_str(out, fits ? name : rs_text_cut(name, places - taken - 2));
        rs_strbuf_append(out, fits ? "" : "..");
    }
    if (phase.length + counts.length <= places) {
        rs_strbuf_append_str(out, rs_strbuf_str(&counts));
    }
    rs_strbuf_release(&phase);
    rs_strbuf_release(&counts);
    rs_arena_release(&arena);
}

static void append_bar(const struct rs_meter_view *view, size_t places, struct rs_strbuf *out)
{
    size_t filled = (size_t)(view->part * (double)places);
    rs_strbuf_append_char(out, '[');
    for (size_t i = 0; i < places; i++) {
        rs_strbuf_append_char(out, i < filled ? '#' : '-');
    }
    rs_strbuf_append(out, "] ");
}

/* Spaces up to a width, so that what follows stands still; two at least where there is room. */
static void pad(struct rs_strbuf *out, size_t from, size_t places)
{
    while (out->length - from < places) {
        rs_strbuf_append_char(out, ' ');
    }
    rs_strbuf_append_char(out, ' ');
}

static void format_bar(const struct rs_meter_view *view, const struct rs_progress_rates *rates,
                       double elapsed_seconds, size_t columns, struct rs_strbuf *out)
{
    struct rs_strbuf line = RS_STRBUF_INIT(LINE_MAX_BYTES);
    bool wide = columns >= BAR_FROM;
    if (wide && view->known) {
        size_t places = columns / BAR_SHARE;
        append_bar(view, places < BAR_MIN ? BAR_MIN : places > BAR_MAX ? BAR_MAX : places, &line);
    }
    append_percent(&line, view);
    rs_strbuf_append(&line, "  ");
    size_t from = line.length;
    append_left(&line, view, rates, elapsed_seconds);
    pad(&line, from, wide ? LEFT_PLACES : 0);
    from = line.length;
    if (wide) {
        append_speed(&line, view, rates);
        pad(&line, from, SPEED_PLACES);
    }
    if (line.length + 1 < columns) {
        append_label(&line, view, columns - 1 - line.length);
    }
    rs_strbuf_append_str(out, rs_text_cut(rs_strbuf_str(&line), columns - 1));
    rs_strbuf_release(&line);
}

void rs_progress_format(const struct rs_meter_view *view, const struct rs_progress_rates *rates,
                        double elapsed_seconds, size_t columns, struct rs_strbuf *out)
{
    if (columns > 0) {
        format_bar(view, rates, elapsed_seconds, columns, out);
        return;
    }
    append_label(out, view, SIZE_MAX);
    rs_strbuf_append_char(out, ' ');
    append_percent(out, view);
    rs_strbuf_append(out, has_speed(view, rates) ? "  " : "");
    append_speed(out, view, rates);
    rs_strbuf_append(out, "  ");
    append_left(out, view, rates, elapsed_seconds);
}

/* --- drawing -------------------------------------------------------------------------------------- */

void rs_progress_init(struct rs_progress *progress, const struct rs_env *env,
                      enum rs_progress_style style, size_t columns)
{
    pthread_condattr_t clock;
    *progress = (struct rs_progress){.env = env, .style = style, .columns = columns};
    rs_meter_init(&progress->meter, env);
    progress->started_us = env->monotonic_us(env);
    progress->drawn_us = progress->started_us;
    (void)pthread_condattr_init(&clock);
    (void)pthread_condattr_setclock(&clock, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&progress->mutex, NULL);
    (void)pthread_cond_init(&progress->changed, &clock);
    (void)pthread_condattr_destroy(&clock);
}

static void write_stderr(const struct rs_progress *progress, struct rs_str text)
{
    ssize_t ignored = write(progress->env->log.fd, text.data, text.length);
    (void)ignored; /* a progress line that is lost hurts nobody */
}

static void draw(struct rs_progress *progress, const struct rs_meter_view *view, int64_t now_us)
{
    struct rs_strbuf line = RS_STRBUF_INIT(LINE_MAX_BYTES);
    double elapsed = (double)(now_us - progress->started_us) / 1e6;
    size_t columns =
        progress->columns > 0 ? progress->columns : rs_output_columns(progress->env->log.fd);
    if (progress->style == RS_PROGRESS_BAR) {
        rs_strbuf_append_char(&line, '\r');
        rs_progress_format(view, &progress->rates, elapsed, columns, &line);
        rs_strbuf_append(&line, "\033[J\r");
        progress->visible = true;
    } else if (progress->style == RS_PROGRESS_LOG) {
        rs_progress_format(view, &progress->rates, elapsed, 0, &line);
        rs_log(&progress->env->log, RS_LOG_NOTICE, "%s", rs_strbuf_cstr(&line));
        rs_strbuf_reset(&line);
    } else {
        rs_strbuf_printf(&line, "%s: ", progress->env->log.tool);
        rs_progress_format(view, &progress->rates, elapsed, 0, &line);
        rs_strbuf_append_char(&line, '\n');
    }
    write_stderr(progress, rs_strbuf_str(&line));
    rs_strbuf_release(&line);
}

static int64_t interval_us(const struct rs_progress *progress)
{
    switch (progress->style) {
    case RS_PROGRESS_OFF:
    case RS_PROGRESS_LOG:
        break;
    case RS_PROGRESS_BAR:
        return BAR_EVERY_US;
    case RS_PROGRESS_LINES:
        return LINE_EVERY_US;
    }
    return LOG_EVERY_US;
}

/* With the mutex held. */
static void show(struct rs_progress *progress, bool now)
{
    struct rs_meter_view view;
    int64_t now_us = progress->env->monotonic_us(progress->env);
    rs_meter_read(&progress->meter, &view);
    if (!view.begun) {
        return;
    }
    if (!progress->phase || strcmp(progress->phase, view.phase) != 0) {
        progress->rates.amount = (struct rs_progress_rate){0};
    }
    progress->phase = view.phase;
    rs_progress_rate_add(&progress->rates.amount, now_us, view.amount);
    rs_progress_rate_add(&progress->rates.part, now_us, view.part);
    if (now || now_us - progress->drawn_us >= interval_us(progress)) {
        progress->drawn_us = now_us;
        draw(progress, &view, now_us);
    }
}

void rs_progress_tick(struct rs_progress *progress)
{
    (void)pthread_mutex_lock(&progress->mutex);
    if (progress->style != RS_PROGRESS_OFF && !progress->ended) {
        show(progress, false);
    }
    (void)pthread_mutex_unlock(&progress->mutex);
}

/* The speed is measured as often as a bar is drawn. */
static void *keep_showing(void *arg)
{
    struct rs_progress *progress = arg;
    (void)pthread_mutex_lock(&progress->mutex);
    while (!progress->ended) {
        struct timespec until = {0};
        (void)clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += (long)BAR_EVERY_US * 1000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
        (void)pthread_cond_timedwait(&progress->changed, &progress->mutex, &until);
        (void)pthread_mutex_unlock(&progress->mutex);
        rs_progress_tick(progress);
        (void)pthread_mutex_lock(&progress->mutex);
    }
    (void)pthread_mutex_unlock(&progress->mutex);
    return NULL;
}

struct rs_meter *rs_progress_begin(struct rs_progress *progress)
{
    sigset_t all;
    sigset_t before;
    if (progress->style == RS_PROGRESS_OFF || progress->started) {
        return progress->started ? &progress->meter : NULL;
    }
    progress->started_us = progress->env->monotonic_us(progress->env);
    progress->drawn_us = progress->started_us;
    (void)sigfillset(&all); /* signals are for those who do the work */
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    progress->started = pthread_create(&progress->thread, NULL, keep_showing, progress) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return progress->started ? &progress->meter : NULL;
}

static void take_off(struct rs_progress *progress)
{
    if (progress->visible) {
        write_stderr(progress, RS_STR(erase));
    }
    progress->visible = false;
}

void rs_progress_hold(struct rs_progress *progress)
{
    (void)pthread_mutex_lock(&progress->mutex);
    take_off(progress);
}

void rs_progress_release(struct rs_progress *progress)
{
    (void)pthread_mutex_unlock(&progress->mutex);
}

void rs_progress_end(struct rs_progress *progress, bool whole)
{
    if (progress->style == RS_PROGRESS_OFF) {
        return;
    }
    (void)pthread_mutex_lock(&progress->mutex);
    if (whole && progress->visible && !progress->ended) {
        rs_meter_finish(&progress->meter);
        show(progress, true);
    }
    take_off(progress);
    progress->ended = true;
    (void)pthread_cond_signal(&progress->changed);
    (void)pthread_mutex_unlock(&progress->mutex);
    if (progress->started) {
        (void)pthread_join(progress->thread, NULL);
        progress->started = false;
    }
}

const char *rs_progress_erase(void *arg)
{
    const struct rs_progress *progress = arg;
    return progress->style == RS_PROGRESS_BAR && progress->started ? erase : "";
}
