/*
 * Properties' texts stand in the arena; a statement's stand alone, so that a secret can be wiped.
 */
#include "provision/user_changes.h"

#include "base/mem.h"
#include "warehouse/sqltext.h"

static char *copy_text(struct rs_user_changes *changes, const char *text)
{
    return (char *)rs_arena_copy(&changes->arena, rs_str_from(text)).data;
}

size_t rs_user_changes_add_property(struct rs_user_changes *changes, const char *what,
                                    const char *desired, const char *actual,
                                    enum rs_property_state state)
{
    changes->properties = rs_mem_grow(changes->properties, &changes->property_capacity,
                                      changes->property_count + 1, sizeof *changes->properties);
    changes->properties[changes->property_count] = (struct rs_user_property){
        .what = copy_text(changes, what),
        .desired = copy_text(changes, desired),
        .actual = copy_text(changes, actual),
        .state = state,
    };
    return changes->property_count++;
}

static struct rs_str keep_text(const struct rs_strbuf *text)
{
    struct rs_str from = rs_strbuf_str(text);
    return (struct rs_str){rs_mem_copy(rs_strbuf_cstr(text), from.length + 1), from.length};
}

bool rs_user_changes_add_statement(struct rs_user_changes *changes, size_t property,
                                   const char *dbname, const struct rs_strbuf *sql,
                                   const struct rs_strbuf *shown, struct rs_error *err)
{
    if (!rs_sql_ok(sql, err) || (shown && !rs_sql_ok(shown, err))) {
        return false;
    }
    changes->statements = rs_mem_grow(changes->statements, &changes->statement_capacity,
                                      changes->statement_count + 1, sizeof *changes->statements);
    changes->statements[changes->statement_count++] = (struct rs_user_statement){
        .sql = keep_text(sql),
        .shown = keep_text(shown ? shown : sql),
        .dbname = dbname ? copy_text(changes, dbname) : NULL,
        .property = property,
        .secret = shown != NULL,
    };
    return true;
}

bool rs_user_changes_lack(const struct rs_user_changes *changes)
{
    for (size_t i = 0; i < changes->property_count; i++) {
        const struct rs_user_property *property = &changes->properties[i];
        if (property->state != RS_PROPERTY_OK && property->state != RS_PROPERTY_UNKNOWN &&
            !property->mended) {
            return true;
        }
    }
    return false;
}

void rs_user_changes_release(struct rs_user_changes *changes)
{
    for (size_t i = 0; i < changes->statement_count; i++) {
        struct rs_user_statement *statement = &changes->statements[i];
        rs_mem_wipe((void *)(uintptr_t)statement->sql.data, statement->sql.length);
        rs_mem_free((void *)(uintptr_t)statement->sql.data);
        rs_mem_free((void *)(uintptr_t)statement->shown.data);
    }
    rs_mem_free(changes->statements);
    rs_mem_free(changes->properties);
    rs_arena_release(&changes->arena);
    *changes = RS_USER_CHANGES_INIT;
}
