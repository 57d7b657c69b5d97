/* Texts are as long as they have to be: a command that is cut would end within its quotes. */
#include "check/engine/check_result.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

const char *const rs_check_status_names[] = {
    [RS_CHECK_SKIP] = "skip", [RS_CHECK_PASS] = "pass", [RS_CHECK_UNKNOWN] = "unknown",
    [RS_CHECK_WARN] = "warn", [RS_CHECK_FAIL] = "fail",
};

static const char *copy(struct rs_check_result *result, const char *text)
{
    return rs_arena_copy(&result->arena, rs_str_from(text)).data;
}

static void add(struct rs_check_texts *texts, const char *text)
{
    if (texts->count == texts->capacity) {
        texts->capacity = texts->capacity ? texts->capacity * 2 : 4;
        texts->items = rs_mem_resize(texts->items, texts->capacity, sizeof *texts->items);
    }
    texts->items[texts->count++] = text;
}

const char *rs_check_text_of(struct rs_check_result *result, const char *fmt, va_list args)
{
    va_list again;
    va_copy(again, args);
    const int length = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    if (length < 0) {
        return "";
    }
    char *text = rs_arena_alloc(&result->arena, (size_t)length + 1);
    (void)vsnprintf(text, (size_t)length + 1, fmt, args);
    return text;
}

const char *rs_check_text(struct rs_check_result *result, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *text = rs_check_text_of(result, fmt, args);
    va_end(args);
    return text;
}

/* Several subnets, groups or addresses may want the same. */
static void add_once(struct rs_check_texts *texts, const char *text)
{
    for (size_t i = 0; i < texts->count; i++) {
        if (strcmp(texts->items[i], text) == 0) {
            return;
        }
    }
    add(texts, text);
}

void rs_check_say(struct rs_check_result *result, enum rs_check_status status, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    const char *text = rs_check_text_of(result, fmt, args);
    va_end(args);
    if (!result->said) {
        result->status = status;
        result->seen = text;
    } else if (status > result->status) {
        add(&result->details, result->seen);
        result->status = status;
        result->seen = text;
    } else {
        add(&result->details, text);
    }
    result->said = true;
}

/* The codes that AWS's services give to what an identity may not do. */
static bool is_denied(const struct rs_error *err)
{
    static const char *const codes[] = {"AccessDenied", "AccessDeniedException",
                                        "UnauthorizedOperation", "AuthorizationError"};
    for (size_t i = 0; i < RS_COUNTOF(codes); i++) {
        if (strcmp(err->detail, codes[i]) == 0) {
            return true;
        }
    }
    return false;
}

void rs_check_say_error(struct rs_check_result *result, enum rs_check_status status,
                        const struct rs_error *err)
{
    rs_check_say(result, is_denied(err) ? RS_CHECK_UNKNOWN : status, "%s", err->message);
    if (err->hint[0] != '\0') {
        rs_check_step(result, "%s", err->hint);
    }
}

void rs_check_why(struct rs_check_result *result, const char *why)
{
    if (result->why[0] == '\0') {
        result->why = copy(result, why);
    }
}

void rs_check_detail(struct rs_check_result *result, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    add(&result->details, rs_check_text_of(result, fmt, args));
    va_end(args);
}

void rs_check_step(struct rs_check_result *result, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    add_once(&result->steps, rs_check_text_of(result, fmt, args));
    va_end(args);
}

void rs_check_command(struct rs_check_result *result, const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    add_once(&result->commands, rs_check_text_of(result, fmt, args));
    va_end(args);
}

void rs_check_answer(struct rs_check_result *result, const struct rs_check_answer *answer)
{
    result->answers =
        rs_mem_resize(result->answers, result->answer_count + 1, sizeof *result->answers);
    result->answers[result->answer_count++] = *answer;
}

void rs_check_result_release(struct rs_check_result *result)
{
    rs_mem_free(result->details.items);
    rs_mem_free(result->steps.items);
    rs_mem_free(result->commands.items);
    rs_mem_free(result->answers);
    rs_arena_release(&result->arena);
    *result = RS_CHECK_RESULT_INIT;
}
