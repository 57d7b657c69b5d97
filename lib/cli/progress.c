/*
 * The speed is an exponential mean: each new stretch of time counts dt / (dt + SMOOTH), which
 * needs no history and gives a stretch of three seconds half of the say. A phase starts with a
 * speed of its own. Whether a bar is on the terminal is one atomic flag, because a worker's log
 * line takes it off while the main thread goes on drawing.
 */
#include "cli/progress.h"

#include <string.h>
#include <unistd.h>

enum {
    RATE_STEP_US = 50000,
    BAR_EVERY_US = 100000,
    LINE_EVERY_US = 5000000,
    LOG_EVERY_US = 60000000,
    BAR_MIN = 10,
    BAR_MAX = 40,
    LINE_MAX_BYTES = 1024,
};

static const double SMOOTH_SECONDS = 3.0;
static const double LONGEST_SECONDS = 359999.0; /* 99:59:59 */

void rs_progress_rate_add(struct rs_progress_rate *rate, int64_t now_us, uint64_t bytes)
{
    if (!rate->started) {
        *rate = (struct rs_progress_rate){.started = true, .at_us = now_us, .bytes = bytes};
        return;
    }
    int64_t passed_us = now_us - rate->at_us;
    if (passed_us < RATE_STEP_US) {
        return;
    }
    double seconds = (double)passed_us / 1e6;
    double done = bytes > rate->bytes ? (double)(bytes - rate->bytes) : 0.0;
    double weight = rate->known ? seconds / (seconds + SMOOTH_SECONDS) : 1.0;
    rate->bytes_per_second += weight * (done / seconds - rate->bytes_per_second);
    rate->known = true;
    rate->at_us = now_us;
    rate->bytes = bytes;
}

double rs_progress_seconds_left(const struct rs_progress_rate *rate, uint64_t done_bytes,
                                uint64_t total_bytes)
{
    if (!rate->known || total_bytes == 0 || rate->bytes_per_second < 1.0) {
        return -1.0;
    }
    if (done_bytes >= total_bytes) {
        return 0.0;
    }
    return (double)(total_bytes - done_bytes) / rate->bytes_per_second;
}

/* 950, 12.3K, 1.2M, 340G: at most three digits and a letter. */
static void append_count(struct rs_strbuf *out, double number, const char *space)
{
    static const char *const units[] = {"", "K", "M", "G", "T"};
    size_t unit = 0;
    while (number >= 999.5 && unit + 1 < RS_COUNTOF(units)) {
        number /= 1000.0;
        unit++;
    }
    bool tenths = unit > 0 && number < 99.95;
    rs_strbuf_printf(out, "%.*f%s%s", tenths ? 1 : 0, number, space, units[unit]);
}

static void append_clock(struct rs_strbuf *out, double seconds)
{
    unsigned whole = (unsigned)(seconds < LONGEST_SECONDS ? seconds + 0.5 : LONGEST_SECONDS);
    if (whole >= 3600) {
        rs_strbuf_printf(out, "%u:%02u:%02u", whole / 3600, whole / 60 % 60, whole % 60);
    } else {
        rs_strbuf_printf(out, "%u:%02u", whole / 60, whole % 60);
    }
}

/* 12 MB/s  1.2M events; or 12K rows/s  1.2M rows  34 MB. */
static void append_speed(const struct rs_progress_now *now, const struct rs_progress_rate *rate,
                         struct rs_strbuf *out)
{
    if (rate->known) {
        rs_strbuf_append(out, "  ");
        append_count(out, rate->bytes_per_second, now->counted ? "" : " ");
        rs_strbuf_printf(out, "%s%s/s", now->counted ? " " : "B", now->counted ? now->counted : "");
    }
    rs_strbuf_append(out, "  ");
    append_count(out, (double)(now->counted ? now->done_bytes : now->events), "");
    if (now->counted) {
        rs_strbuf_printf(out, " %s  ", now->counted);
        append_count(out, (double)now->events, " ");
        rs_strbuf_append(out, "B  ");
    } else {
        rs_strbuf_append(out, now->events == 1 ? " event  " : " events  ");
    }
    if (now->rejects > 0) {
        append_count(out, (double)now->rejects, "");
        rs_strbuf_append(out, now->rejects == 1 ? " reject  " : " rejects  ");
    }
    if (now->rows > 0) {
        append_count(out, (double)now->rows, "");
        rs_strbuf_append(out, now->rows == 1 ? " row  " : " rows  ");
    }
}

/* What stands right of the bar. */
static void append_figures(const struct rs_progress_now *now, const struct rs_progress_rate *rate,
                           double elapsed_seconds, struct rs_strbuf *out)
{
    double left = rs_progress_seconds_left(rate, now->done_bytes, now->total_bytes);
    if (now->total_bytes > 0) {
        uint64_t done = now->done_bytes < now->total_bytes ? now->done_bytes : now->total_bytes;
        double percent = 100.0 * (double)done / (double)now->total_bytes;
        rs_strbuf_printf(out, "%3u%%", (unsigned)percent);
    } else if (!now->counted) {
        append_count(out, (double)now->done_bytes, " ");
        rs_strbuf_append(out, "B");
    }
    append_speed(now, rate, out);
    append_clock(out, left >= 0.0 ? left : elapsed_seconds);
    rs_strbuf_append(out, left >= 0.0 ? " left" : "");
}

static void append_bar(const struct rs_progress_now *now, size_t places, struct rs_strbuf *out)
{
    double part = (double)now->done_bytes / (double)now->total_bytes;
    size_t filled = (size_t)((part < 1.0 ? part : 1.0) * (double)places);
    rs_strbuf_append_char(out, '[');
    for (size_t i = 0; i < places; i++) {
        rs_strbuf_append_char(out, i < filled ? '#' : '-');
    }
    rs_strbuf_append(out, "] ");
}

void rs_progress_format(const struct rs_progress_now *now, const struct rs_progress_rate *rate,
                        double elapsed_seconds, size_t columns, struct rs_strbuf *out)
{
    struct rs_strbuf line = RS_STRBUF_INIT(LINE_MAX_BYTES);
    struct rs_strbuf figures = RS_STRBUF_INIT(LINE_MAX_BYTES);

    append_figures(now, rate, elapsed_seconds, &figures);
    rs_strbuf_printf(&line, "%s ", now->phase);
    size_t taken = line.length + figures.length + 4; /* brackets, a space, the last column */
    if (now->total_bytes > 0 && columns > taken && columns - taken >= BAR_MIN) {
        size_t places = columns - taken;
        append_bar(now, places < BAR_MAX ? places : BAR_MAX, &line);
    }
    rs_strbuf_append_str(&line, rs_strbuf_str(&figures));
    rs_strbuf_append_str(
        out, rs_str_slice(rs_strbuf_str(&line), 0, columns > 0 ? columns - 1 : line.length));
    rs_strbuf_release(&figures);
    rs_strbuf_release(&line);
}

void rs_progress_init(struct rs_progress *progress, const struct rs_env *env,
                      enum rs_progress_style style, size_t columns)
{
    *progress = (struct rs_progress){.env = env, .style = style, .columns = columns};
    progress->started_us = env->monotonic_us(env);
    progress->drawn_us = progress->started_us;
}

static void write_stderr(const struct rs_progress *progress, struct rs_str text)
{
    ssize_t ignored = write(progress->env->log.fd, text.data, text.length);
    (void)ignored; /* a progress line that is lost hurts nobody */
}

static void draw(struct rs_progress *progress, const struct rs_progress_now *now, int64_t now_us)
{
    struct rs_strbuf line = RS_STRBUF_INIT(LINE_MAX_BYTES);
    double elapsed = (double)(now_us - progress->started_us) / 1e6;
    if (progress->style == RS_PROGRESS_BAR) {
        rs_strbuf_append(&line, "\r\033[K");
        rs_progress_format(now, &progress->rate, elapsed, progress->columns, &line);
        atomic_store(&progress->visible, true);
    } else if (progress->style == RS_PROGRESS_LOG) {
        rs_progress_format(now, &progress->rate, elapsed, 0, &line);
        rs_log(&progress->env->log, RS_LOG_NOTICE, "%s", rs_strbuf_cstr(&line));
        rs_strbuf_reset(&line);
    } else {
        rs_strbuf_printf(&line, "%s: ", progress->env->log.tool);
        rs_progress_format(now, &progress->rate, elapsed, 0, &line);
        rs_strbuf_append_char(&line, '\n');
    }
    write_stderr(progress, rs_strbuf_str(&line));
    rs_strbuf_release(&line);
}

void rs_progress_update(struct rs_progress *progress, const struct rs_progress_now *now)
{
    if (progress->style == RS_PROGRESS_OFF) {
        return;
    }
    int64_t now_us = progress->env->monotonic_us(progress->env);
    bool new_phase = !progress->phase || strcmp(progress->phase, now->phase) != 0;
    if (new_phase) {
        progress->rate = (struct rs_progress_rate){0};
    }
    progress->phase = now->phase;
    rs_progress_rate_add(&progress->rate, now_us, now->done_bytes);
    int64_t every_us = progress->style == RS_PROGRESS_BAR   ? BAR_EVERY_US
                       : progress->style == RS_PROGRESS_LOG ? LOG_EVERY_US
                                                            : LINE_EVERY_US;
    if (now_us - progress->drawn_us >= every_us) {
        progress->drawn_us = now_us;
        draw(progress, now, now_us);
    }
}

void rs_progress_clear(void *arg)
{
    struct rs_progress *progress = arg;
    if (atomic_exchange(&progress->visible, false)) {
        write_stderr(progress, RS_STR("\r\033[K"));
    }
}
