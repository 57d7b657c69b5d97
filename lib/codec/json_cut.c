/*
 * Three states: between values, in a value, and behind damage, where the next value is looked for.
 * What is not done with stands at run->at; a value's offsets count from there, so that they hold
 * when it is given again with more bytes behind it.
 *
 * A value whose damage shows only far behind its begin, in a later line, is cut at its first line's
 * end, and what was scanned is scanned again. Where that comes to many times the text, as no text
 * does that is not made for it, a value ends wherever another could begin, up to where the damage
 * showed (`strict`), so that the time stays linear.
 */
#include "codec/json_cut.h"

#include <string.h>

#include "base/mem.h"
#include "codec/json_token.h"

enum {
    LOOK_BACK = 64, /* from a brace to the one before it, in a damaged line */
    WASTE_ALLOWED = 8,
    BODY_MAX = 1 << 20, /* bytes of a body before its array, which are kept */
};

enum state { BETWEEN, IN_VALUE, BEHIND_VALUE, IN_DAMAGE, IN_DAMAGED_LINES, IN_ELEMENT };

enum step { GO, WAIT };

struct run {
    struct rs_json_cutter *cutter;
    const char *text;
    size_t length;
    bool ended;
    size_t at;   /* what is done with */
    size_t line; /* line ends before it */
    struct rs_json_cuts *cuts;
};

size_t rs_json_count_lines(const char *text, size_t length)
{
    enum { COUNTED = 128 }; /* a fixed size, counted in a byte: compilers make vector code of it */
    size_t total = 0;
    size_t i = 0;
    for (; length - i >= COUNTED; i += COUNTED) {
        unsigned char in_block = 0;
        for (size_t j = 0; j < COUNTED; j++) {
            in_block = (unsigned char)(in_block + (text[i + j] == '\n'));
        }
        total += in_block;
    }
    for (; i < length; i++) {
        total += text[i] == '\n';
    }
    return total;
}

static inline bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

static void add_cut(struct run *run, size_t offset, size_t length, enum rs_json_cut_kind kind)
{
    struct rs_json_cuts *cuts = run->cuts;
    if (RS_UNLIKELY(cuts->count == cuts->capacity)) {
        cuts->items =
            rs_mem_grow(cuts->items, &cuts->capacity, cuts->count + 1, sizeof *cuts->items);
    }
    cuts->items[cuts->count++] = (struct rs_json_cut){.offset = (uint32_t)offset,
                                                      .length = (uint32_t)length,
                                                      .line = (uint32_t)run->line,
                                                      .kind = (uint32_t)kind};
}

/* count more bytes are done with, whose line ends are counted. */
static void pass_counted(struct run *run, size_t count)
{
    run->at += count;
    run->cutter->passed_bytes += count;
    run->cutter->strict -= run->cutter->strict < count ? run->cutter->strict : count;
}

/* count more bytes are done with. */
static void pass(struct run *run, size_t count)
{
    run->line += rs_json_count_lines(run->text + run->at, count);
    pass_counted(run, count);
}

/* The first place from i on that is no blank, or end. */
static size_t pass_blanks(const char *text, size_t i, size_t end)
{
    while (i < end && is_blank(text[i])) {
        i++;
    }
    return i;
}

static size_t pass_spaces(const char *text, size_t i, size_t end)
{
    while (i < end && rs_json_is_space(text[i])) {
        i++;
    }
    return i;
}

/* --- lines as they are ------------------------------------------------------------------------- */

/* Whether the line that begins at a place stands alone; WAIT when that is not to be told yet. */
static inline enum step find_line(const struct run *run, size_t begin, size_t *end, size_t *next)
{
    const char *text = run->text;
    const size_t left = run->length - begin;
    const size_t window = run->cutter->window;
    const char *found = memchr(text + begin, '\n', left < window ? left : window);
    *next = begin;
    if (!found && (left >= window || !run->ended)) {
        return left >= window ? GO : WAIT;
    }
    size_t line_end = found ? (size_t)(found - text) : run->length;
    size_t after = line_end + (found ? 1 : 0);
    if (after == run->length && !run->ended) {
        return WAIT;
    }
    *end = line_end - (found && text[line_end - 1] == '\r' ? 1 : 0);
    if (text[*end - 1] == '}' && (after == run->length || text[after] == '{')) {
        *next = after;
    }
    return GO;
}

/* Arrays that are open at a place never end. */
static void end_arrays(struct run *run, size_t place)
{
    if (!run->cutter->at_damaged_end) {
        add_cut(run, place, 0, RS_JSON_CUT_UNCLOSED);
    }
    run->cutter->arrays = 0;
}

/* Cut lines that stand alone, from a brace that begins one on; no array is around them. */
static enum step cut_lines(struct run *run)
{
    struct rs_json_cutter *cutter = run->cutter;
    size_t begin = run->at;
    size_t end = begin;
    size_t next = begin;
    enum step step = GO;
    while (begin < run->length && run->text[begin] == '{') {
        if (begin >= RS_JSON_CUT_CALL) {
            step = WAIT;
            break;
        }
        step = find_line(run, begin, &end, &next);
        if (next == begin) {
            break;
        }
        add_cut(run, begin, end - begin, RS_JSON_CUT_LINE);
        run->line += next > end ? 1 : 0;
        begin = next;
        cutter->at_damaged_end = false;
    }
    pass_counted(run, begin - run->at);
    return step;
}

/* --- behind damage ------------------------------------------------------------------------------ */

/*
 * Whether the brace at a place begins an event, in the line of one that is damaged: behind a closing
 * brace, where no value has one, or in an array behind a closing brace and a comma.
 */
static bool restarts_at(const struct rs_json_cutter *cutter, const char *text, size_t place,
                        size_t length)
{
    const size_t far = place > LOOK_BACK ? place - LOOK_BACK : 0;
    const size_t first = cutter->value.start + 1 > far ? cutter->value.start + 1 : far;
    size_t i = place;
    while (i > first && is_blank(text[i - 1])) {
        i--;
    }
    if (i > first && text[i - 1] == ',' && cutter->arrays > 0 && !cutter->is_fresh) {
        i--;
        while (i > first && is_blank(text[i - 1])) {
            i--;
        }
    }
    if (i < first || text[i - 1] != '}') {
        return false;
    }
    i = pass_spaces(text, place + 1, length);
    return i == length || text[i] == '"' || text[i] == '}';
}

/*
 * Whether the line that begins at a place ends the lines of a damaged event: *restart is where reading
 * goes on in it. WAIT when the text ends too early to tell.
 */
static enum step ends_lines(const struct run *run, const char *text, size_t length, size_t line,
                            size_t *restart)
{
    const struct rs_json_cutter *cutter = run->cutter;
    size_t first = pass_blanks(text, line, length);
    size_t i = first;
    *restart = SIZE_MAX;
    if (first < length && first - line > cutter->value.indent) {
        return GO;
    }
    if (first < length && text[first] == '}') { /* "}, {" */
        i = pass_blanks(text, first + 1, length);
        i = i < length && text[i] == ',' ? pass_blanks(text, i + 1, length) : i;
    }
    if (i == length) {
        return run->ended ? GO : WAIT;
    }
    if (text[i] == '{' || (i == first && text[i] == ']')) {
        *restart = i == first ? line : i;
    }
    return GO;
}

/* The damaged text ends at a place; what follows is between values. */
static void end_damage(struct run *run, size_t end)
{
    struct rs_json_cutter *cutter = run->cutter;
    const char *text = run->text + run->at;
    bool as_line = cutter->state == IN_DAMAGE && cutter->is_fresh && cutter->arrays == 0;
    size_t begin = as_line ? 0 : cutter->value.start;
    size_t last = end;
    if (as_line) {
        last -=
            end < run->length - run->at && last > 0 && text[end] == '\n' && text[last - 1] == '\r';
    } else {
        while (last > begin && (rs_json_is_space(text[last - 1]) || text[last - 1] == ',')) {
            last--;
        }
    }
    if (!cutter->is_long) {
        const bool is_too_long = last - begin > cutter->value.max_bytes;
        add_cut(run, run->at + begin, last - begin,
                last == begin ? RS_JSON_CUT_UNCLOSED /* a body without its last brace */
                : is_too_long ? RS_JSON_CUT_LONG
                              : RS_JSON_CUT_DAMAGED);
    }
    pass(run, end);
    cutter->state = BETWEEN;
    cutter->in_body = cutter->in_body && !cutter->is_tail;
    cutter->is_tail = false;
    cutter->at_line_start = end > 0 && text[end - 1] == '\n';
    cutter->at_damaged_end = true;
}

/* Look for the next event in the line of one that is damaged, or in the lines behind it. */
static enum step skip_damage(struct run *run)
{
    struct rs_json_cutter *cutter = run->cutter;
    const char *text = run->text + run->at;
    const size_t length = run->length - run->at;
    const bool lines = cutter->state == IN_DAMAGED_LINES;
    for (size_t i = cutter->value.at; i < length; i++) {
        size_t restart = SIZE_MAX;
        cutter->value.at = i;
        if (text[i] == RS_JSON_RECORD_SEPARATOR || (text[i] == '\n' && !lines)) {
            restart = i;
        } else if (text[i] == '\n' && ends_lines(run, text, length, i + 1, &restart) == WAIT) {
            return WAIT;
        } else if (text[i] == '{' && !lines && i > cutter->value.start &&
                   restarts_at(cutter, text, i, length)) {
            if (!run->ended && pass_spaces(text, i + 1, length) == length) {
                return WAIT;
            }
            restart = i;
        }
        if (restart != SIZE_MAX) {
            end_damage(run, restart);
            return GO;
        }
    }
    cutter->value.at = length;
    if (run->ended) {
        end_damage(run, length);
        return GO;
    }
    return WAIT;
}

/* An array's element that is no object: up to what can follow it. */
static enum step skip_element(struct run *run)
{
    struct rs_json_cutter *cutter = run->cutter;
    const char *text = run->text + run->at;
    const size_t length = run->length - run->at;
    size_t i = cutter->value.at;
    for (; i < length; i++) {
        char byte = text[i];
        bool closed = cutter->value.in_string == 0 && strchr(",]{", byte) != NULL && byte != '\0';
        if (byte == '\n' || byte == RS_JSON_RECORD_SEPARATOR || closed) {
            end_damage(run, i);
            return GO;
        }
        cutter->value.in_string ^= byte == '"' && cutter->value.escaped == 0 ? 1 : 0;
        cutter->value.escaped = byte == '\\' && cutter->value.escaped == 0;
    }
    cutter->value.at = i;
    if (run->ended) {
        end_damage(run, length);
        return GO;
    }
    return WAIT;
}

/* The value has damage at a place, or behind it: choose where the next one is looked for. */
static void begin_damage(struct run *run, size_t fault)
{
    struct rs_json_cutter *cutter = run->cutter;
    const char *text = run->text + run->at;
    cutter->state = IN_DAMAGE;
    cutter->value.at = fault;
    if (cutter->is_long) {
        cutter->state = cutter->is_pretty ? IN_DAMAGED_LINES : IN_DAMAGE;
        return;
    }
    const char *line_end = memchr(text + cutter->value.start, '\n', fault - cutter->value.start);
    bool to_line_end = !line_end && (fault == run->length - run->at || text[fault] == '\n');
    if (!line_end && !to_line_end) {
        return;
    }
    size_t first_end = line_end ? (size_t)(line_end - text) : fault;
    cutter->wasted_bytes += fault - cutter->value.start;
    if (cutter->wasted_bytes / WASTE_ALLOWED > cutter->value.max_bytes + cutter->passed_bytes) {
        cutter->strict = fault > cutter->strict ? fault : cutter->strict;
    }
    if (!line_end || pass_blanks(text, cutter->value.start + 1, first_end) < first_end) {
        cutter->value.at = cutter->value.start + 1;
        return;
    }
    cutter->state = IN_DAMAGED_LINES;
    if (cutter->value.soft != 0) {
        cutter->value.at = cutter->value.soft - 1;
        return;
    }
    while (text[cutter->value.at] != '\n' || cutter->value.at == fault) {
        cutter->value.at--;
    }
}

/* --- a value's end ------------------------------------------------------------------------------- */

/* Whether the string at a place, behind a value, is the name of a member: the value ended too early. */
static bool is_name(const char *text, size_t place, size_t end)
{
    size_t i = place + 1;
    while (i < end && text[i] != '"' && text[i] != '\n') {
        i += text[i] == '\\' ? 2 : 1;
    }
    i = i < end ? pass_spaces(text, i + 1, end) : end;
    return i < end && text[i] == ':';
}

/* Whether what follows a value can follow one; WAIT when that is not to be told yet. */
static enum step look_behind(const struct run *run, const char *text, size_t length, bool *fits)
{
    const struct rs_json_cutter *cutter = run->cutter;
    const size_t end = cutter->value.at;
    const size_t near = length - end < RS_JSON_CUT_NEAR ? length : end + RS_JSON_CUT_NEAR;
    const bool all = run->ended || near < length;
    size_t i = pass_blanks(text, end, near);
    *fits = true;
    if (i == near) {
        return all ? GO : WAIT;
    }
    if (text[i] != ',') {
        *fits = text[i] == '\n' || text[i] == '{' || text[i] == '[' || text[i] == ']' ||
                text[i] == RS_JSON_RECORD_SEPARATOR;
        return GO;
    }
    size_t next = pass_spaces(text, i + 1, near);
    if (next == near || (text[next] == '"' && !all)) {
        return all ? GO : WAIT;
    }
    bool new_line = memchr(text + i, '\n', next - i) != NULL;
    switch (text[next]) {
    case '{':
    case '[':
    case ']':
    case ',':
    case RS_JSON_RECORD_SEPARATOR:
        break;
    case '"':
        *fits = !is_name(text, next, near) && (cutter->arrays > 0 || new_line);
        break;
    case '}':
        *fits = new_line;
        break;
    default:
        *fits = cutter->arrays > 0 || new_line;
    }
    return GO;
}

/* What follows a body's array ends with the body. */
static enum step end_tail(struct run *run)
{
    struct rs_json_cutter *cutter = run->cutter;
    if (!cutter->is_long) {
        add_cut(run, run->at, cutter->value.at, RS_JSON_CUT_TAIL);
    }
    pass(run, cutter->value.at);
    cutter->state = BETWEEN;
    cutter->is_tail = false;
    cutter->in_body = false;
    cutter->at_line_start = false;
    cutter->at_damaged_end = false;
    return GO;
}

static enum step end_value(struct run *run)
{
    struct rs_json_cutter *cutter = run->cutter;
    const char *text = run->text + run->at;
    const size_t length = run->length - run->at;
    bool fits = true;
    if (cutter->is_tail) {
        return end_tail(run);
    }
    if (!cutter->is_long && look_behind(run, text, length, &fits) == WAIT) {
        return WAIT;
    }
    if (!fits) {
        begin_damage(run, cutter->value.at);
        return GO;
    }
    if (cutter->lines && run->at > 0 && run->at + cutter->value.at > RS_JSON_CUT_CALL) {
        return WAIT;
    }
    size_t begin = cutter->value.start;
    size_t end = cutter->value.at;
    if (cutter->is_fresh && cutter->arrays == 0 && !cutter->is_long &&
        !memchr(text + begin, '\n', end - begin)) {
        size_t near = length - end < RS_JSON_CUT_NEAR ? length : end + RS_JSON_CUT_NEAR;
        size_t line_end = pass_blanks(text, end, near);
        if (line_end == length || (line_end < near && text[line_end] == '\n')) {
            begin = 0; /* the line is the event's own */
            end = line_end;
        }
    }
    if (!cutter->is_long) {
        bool line_end = end < length && text[end] == '\n' && text[end - 1] == '\r';
        size_t bytes = end - begin - (line_end ? 1 : 0);
        add_cut(run, run->at + begin, bytes,
                bytes > cutter->value.max_bytes ? RS_JSON_CUT_LONG : RS_JSON_CUT_VALUE);
    }
    pass(run, end);
    cutter->state = BETWEEN;
    cutter->at_line_start = false;
    cutter->at_damaged_end = false;
    cutter->is_behind_value = cutter->arrays > 0;
    return GO;
}

/* Where, in the bytes that are scanned again, the next event could begin: length if nowhere. */
static size_t find_bound(const struct run *run, const char *text, size_t length)
{
    const struct rs_json_cutter *cutter = run->cutter;
    const size_t strict = cutter->strict < length ? cutter->strict : length;
    for (size_t i = cutter->value.start + 1; i < strict; i++) {
        size_t restart = SIZE_MAX;
        if (text[i] == '{' && restarts_at(cutter, text, i, length)) {
            return i;
        }
        if (text[i] == '\n' && ends_lines(run, text, length, i + 1, &restart) == GO &&
            restart != SIZE_MAX && restart <= strict) {
            return restart;
        }
    }
    return length;
}

/* Whether a value is too long, but a body, whose elements need not be. */
static bool is_body(const struct run *run)
{
    const struct rs_json_cutter *cutter = run->cutter;
    const size_t most = cutter->value.max_bytes < BODY_MAX ? cutter->value.max_bytes : BODY_MAX;
    const char *value = run->text + run->at + cutter->value.start;
    size_t elements = 0;
    return cutter->state == IN_VALUE && cutter->arrays == 0 && !cutter->is_tail &&
           rs_json_find_batch((struct rs_str){value, most}, &elements);
}

/*
 * Take a value that goes on past the most: WAIT when it is given out as what it is, by give_too_long.
 * A line that could begin an event is believed more than a value that is too long.
 */
static enum step go_past_most(struct run *run)
{
    struct rs_json_cutter *cutter = run->cutter;
    if (is_body(run)) {
        return WAIT;
    }
    if (cutter->value.soft != 0 &&
        cutter->value.soft - cutter->value.start <= cutter->value.max_bytes) {
        begin_damage(run, cutter->value.start + cutter->value.max_bytes);
    }
    return GO;
}

static enum step go_on_in_value(struct run *run)
{
    struct rs_json_cutter *cutter = run->cutter;
    const char *text = run->text + run->at;
    const size_t length = run->length - run->at;
    const bool strict = cutter->strict > cutter->value.start;
    const size_t bound = strict ? find_bound(run, text, length) : length;
    const bool ended = run->ended || bound < length;
    enum rs_json_scan found = RS_JSON_SCAN_MORE;
    do {
        bool was_past =
            cutter->is_long || cutter->value.at - cutter->value.start > cutter->value.max_bytes;
        found = rs_json_value_scan(&cutter->value, text, bound, ended);
        if (!was_past && cutter->value.at - cutter->value.start > cutter->value.max_bytes) {
            enum step step = go_past_most(run);
            if (step == WAIT || cutter->state != IN_VALUE) {
                return step;
            }
        }
    } while (found == RS_JSON_SCAN_MORE && cutter->value.at < bound &&
             (ended || bound - cutter->value.at >= RS_JSON_VALUE_BLOCK));
    if (found == RS_JSON_SCAN_MORE) {
        return WAIT;
    }
    if (found == RS_JSON_SCAN_FAULT) {
        begin_damage(run, cutter->value.at);
    } else {
        cutter->state = BEHIND_VALUE;
    }
    return GO;
}

/* --- between values ------------------------------------------------------------------------------ */

/* What begins at run->at: a value, whose brace is at start, or something else. */
static void begin(struct run *run, enum state state, size_t start, bool is_fresh)
{
    struct rs_json_cutter *cutter = run->cutter;
    cutter->state = (int)state;
    cutter->value.start = start;
    cutter->value.at = start;
    cutter->is_fresh = is_fresh;
    cutter->value.soft = 0;
    cutter->value.in_string = 0;
    cutter->value.escaped = 0;
    cutter->value.depth = 0;
    cutter->value.before = '{';
    cutter->is_tail = false;
    cutter->is_behind_value = false;
}

/*
 * Whether the bracket at run->at begins an array of events: behind it stands an object, another
 * array, or nothing; or an object later on, behind a comma.
 */
static enum step opens_array(const struct run *run, bool *opens)
{
    const char *text = run->text + run->at;
    const size_t length = run->length - run->at;
    const size_t near = length < RS_JSON_CUT_NEAR ? length : RS_JSON_CUT_NEAR;
    size_t i = pass_spaces(text, 1, near);
    bool all = run->ended || near == RS_JSON_CUT_NEAR;
    *opens = true;
    if (i == near) {
        return all ? GO : WAIT;
    }
    if (text[i] == '{' || text[i] == '[' || text[i] == ']') {
        return GO;
    }
    for (; i < near && text[i] != '\n'; i++) {
        if (text[i] == ',') {
            size_t next = pass_spaces(text, i + 1, near);
            if (next == near ? !all : text[next] == '{') {
                return next == near ? WAIT : GO;
            }
        }
    }
    *opens = false;
    return all || i < near ? GO : WAIT;
}

/* At the begin of a line: pass blanks, and begin what stands behind them. */
static enum step begin_line(struct run *run)
{
    struct rs_json_cutter *cutter = run->cutter;
    const char *text = run->text + run->at;
    const size_t length = run->length - run->at;
    const size_t near = length < RS_JSON_CUT_NEAR ? length : RS_JSON_CUT_NEAR;
    size_t first = pass_blanks(text, 0, near);
    cutter->value.indent = first;
    if (first == length && !run->ended && length < RS_JSON_CUT_NEAR) {
        return WAIT;
    }
    if (first == near) {
        pass(run, first);
        cutter->at_line_start = false;
    } else if (text[first] == '\n') {
        pass(run, first + 1);
    } else if (text[first] == '{' && cutter->is_behind_value && !cutter->in_body) {
        end_arrays(run, run->at); /* there is no comma: the values are lines */
        cutter->is_behind_value = false;
    } else if (text[first] == '{') {
        begin(run, IN_VALUE, first, true);
    } else if (text[first] == ',' || text[first] == '[' || text[first] == ']' ||
               text[first] == RS_JSON_RECORD_SEPARATOR || cutter->arrays > 0) {
        pass(run, first);
        cutter->at_line_start = false;
    } else {
        begin(run, IN_DAMAGE, first, true);
    }
    return GO;
}

static enum step go_on_between(struct run *run)
{
    struct rs_json_cutter *cutter = run->cutter;
    const char *text = run->text + run->at;
    bool opens = false;
    if (cutter->at_line_start) {
        size_t before = run->at;
        if (cutter->lines && cutter->arrays == 0 && *text == '{' && cut_lines(run) == WAIT) {
            return WAIT;
        }
        return run->at > before ? GO : begin_line(run);
    }
    switch (*text) {
    case '{':
        begin(run, IN_VALUE, 0, false);
        return GO;
    case '[':
        if (opens_array(run, &opens) == WAIT) {
            return WAIT;
        }
        if (!opens) {
            begin(run, IN_DAMAGE, 0, false);
            return GO;
        }
        cutter->arrays++;
        cutter->is_behind_value = false;
        break;
    case ']':
        cutter->arrays -= cutter->arrays > 0 ? 1 : 0;
        cutter->is_behind_value = false;
        if (cutter->in_body && cutter->arrays == 0) {
            pass(run, 1);
            begin(run, IN_VALUE, 0, false);
            rs_json_value_open(&cutter->value, true);
            cutter->is_tail = true;
            return GO;
        }
        break;
    case '\n':
        cutter->at_line_start = true;
        break;
    case ' ':
    case '\t':
    case '\r':
        break;
    case ',':
    case RS_JSON_RECORD_SEPARATOR:
        cutter->is_behind_value = false;
        break;
    default:
        begin(run, cutter->arrays > 0 ? IN_ELEMENT : IN_DAMAGE, 0, false);
        return GO;
    }
    pass(run, 1);
    return GO;
}

static enum step go_on(struct run *run)
{
    switch ((enum state)run->cutter->state) {
    case BETWEEN:
        return go_on_between(run);
    case IN_VALUE:
        return go_on_in_value(run);
    case BEHIND_VALUE:
        return end_value(run);
    case IN_DAMAGE:
    case IN_DAMAGED_LINES:
        return skip_damage(run);
    case IN_ELEMENT:
        return skip_element(run);
    }
    return WAIT;
}

/* --- what is too long ----------------------------------------------------------------------------- */

/* The end of the value at a place of an object, as far as brackets and strings tell. */
static size_t pass_value(struct rs_str text, size_t i)
{
    unsigned depth = 0;
    bool in_string = false;
    for (; i < text.length; i++) {
        char byte = text.data[i];
        if (in_string) {
            i += byte == '\\' ? 1 : 0;
            in_string = byte != '"';
        } else if (byte == '"') {
            in_string = true;
        } else if (byte == '{' || byte == '[') {
            depth++;
        } else if (depth == 0 && (byte == ',' || byte == '}' || byte == ']')) {
            break;
        } else if (byte == '}' || byte == ']') {
            depth--;
        }
    }
    return i;
}

bool rs_json_find_batch(struct rs_str text, size_t *elements)
{
    static const char name[] = "\"batch\"";
    enum { NAME = sizeof name - 1 };
    size_t i = pass_spaces(text.data, 0, text.length);
    while (i < text.length && (text.data[i] == '{' || text.data[i] == ',')) {
        i = pass_spaces(text.data, i + 1, text.length);
        bool named = text.length - i > NAME && memcmp(text.data + i, name, NAME) == 0;
        size_t value = named ? pass_spaces(text.data, i + NAME, text.length) : text.length;
        if (value < text.length && text.data[value] == ':') {
            value = pass_spaces(text.data, value + 1, text.length);
            if (value < text.length && text.data[value] == '[') {
                *elements = value + 1;
                return true;
            }
        }
        i = pass_value(text, i);
    }
    return false;
}

/* A value that is too long and goes on: a body is gone into. */
static bool enter_body(struct run *run)
{
    struct rs_json_cutter *cutter = run->cutter;
    const struct rs_str seen = {run->text + cutter->value.start, cutter->value.max_bytes};
    size_t elements = 0;
    if (cutter->is_long || !is_body(run) || !rs_json_find_batch(seen, &elements)) {
        return false;
    }
    pass(run, cutter->value.start + elements);
    cutter->state = BETWEEN;
    cutter->at_line_start = false;
    cutter->in_body = true;
    cutter->arrays = 1;
    return true;
}

/* Give out what has been looked at of a value that is too long. */
static void give_part(struct run *run)
{
    struct rs_json_cutter *cutter = run->cutter;
    const bool in_damage = cutter->state == IN_DAMAGE || cutter->state == IN_DAMAGED_LINES;
    const size_t kept = in_damage ? LOOK_BACK : 0;
    const size_t count = cutter->value.at - kept;
    if (!cutter->is_long) {
        const char *end =
            memchr(run->text + cutter->value.start, '\n', count - cutter->value.start);
        size_t after = pass_blanks(run->text, cutter->value.start + 1, count);
        cutter->is_pretty = end && run->text + after == end;
    }
    for (size_t i = count; i > 0; i--) {
        if (!rs_json_is_space(run->text[i - 1])) {
            cutter->value.before = run->text[i - 1];
            break;
        }
    }
    pass(run, count);
    cutter->is_long = true;
    cutter->value.start = 0;
    cutter->value.at = kept;
    cutter->value.soft = 0;
}

/* What is at the begin of the text and takes more bytes is given out as it is, if it is too long. */
static enum rs_json_cut_status give_too_long(struct run *run)
{
    struct rs_json_cutter *cutter = run->cutter;
    const size_t looked = cutter->value.at - cutter->value.start;
    if (run->at > 0 || cutter->state == BETWEEN || cutter->state == BEHIND_VALUE ||
        looked <= (cutter->is_long ? LOOK_BACK : cutter->value.max_bytes)) {
        return RS_JSON_CUT_DONE;
    }
    if (enter_body(run)) {
        return RS_JSON_CUT_BODY;
    }
    give_part(run);
    return RS_JSON_CUT_PART;
}

/* --- all of it ------------------------------------------------------------------------------------ */

enum rs_json_cut_status rs_json_cut(struct rs_json_cutter *cutter, const char *text, size_t length,
                                    bool ended, struct rs_json_cuts *cuts)
{
    struct run run = {cutter, text, length, ended, 0, 0, cuts};
    enum rs_json_cut_status status = RS_JSON_CUT_DONE;
    const bool was_long = cutter->is_long;
    const bool was_body = cutter->in_body;
    enum step step = GO;
    cuts->count = 0;
    while (step == GO && (run.at < length || (cutter->state != BETWEEN && ended)) &&
           !(was_long && cutter->state == BETWEEN) && !(was_body && !cutter->in_body)) {
        step = go_on(&run);
    }
    if (was_long && cutter->state == BETWEEN) {
        cutter->is_long = false;
        status = RS_JSON_CUT_PART;
    } else if (step == WAIT) {
        status = give_too_long(&run);
    } else if (ended && run.at == length && cutter->arrays > 0) {
        end_arrays(&run, length);
    }
    cuts->used = run.at;
    cuts->line_ends = run.line;
    return status;
}

void rs_json_cuts_release(struct rs_json_cuts *cuts)
{
    rs_mem_free(cuts->items);
    *cuts = (struct rs_json_cuts){0};
}
