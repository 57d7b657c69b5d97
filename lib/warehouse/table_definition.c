/*
 * A type of PostgreSQL that Redshift lacks becomes text, but for those that have a twin (json is SUPER,
 * bytea is VARBYTE, numeric gets a precision). A varchar of PostgreSQL counts characters and one of
 * Redshift bytes, so it becomes four times as long; on the way back its length is enough as it is.
 */
#include "warehouse/table_definition.h"

#include "base/mem.h"

enum { TEXT_BYTES = 65535, DECIMAL_DIGITS = 38, SEQUENCE_NAME_MAX = 1024 };

void rs_table_definitions_release(struct rs_table_definitions *definitions)
{
    for (size_t i = 0; i < definitions->count; i++) {
        rs_mem_free(definitions->definitions[i].columns);
        rs_mem_free(definitions->definitions[i].keys);
        rs_mem_free(definitions->definitions[i].grants);
        rs_mem_free(definitions->definitions[i].indexes);
        rs_mem_free(definitions->definitions[i].partitions);
        rs_mem_free(definitions->definitions[i].parents);
    }
    for (size_t i = 0; i < definitions->sequence_count; i++) {
        rs_mem_free(definitions->sequences[i].grants);
    }
    rs_mem_free(definitions->definitions);
    rs_mem_free(definitions->sequences);
    rs_mem_free(definitions->grants);
    rs_mem_free(definitions->views);
    rs_arena_release(&definitions->arena);
    *definitions = (struct rs_table_definitions){.arena = RS_ARENA_INIT};
}

static unsigned char lower(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* Redshift writes the letters of A to Z small in names, quoted ones too. */
static bool equal_folded(struct rs_str left, struct rs_str right)
{
    bool equal = left.length == right.length;
    for (size_t i = 0; i < left.length && equal; i++) {
        equal = lower(left.data[i]) == lower(right.data[i]);
    }
    return equal;
}

struct rs_table_definition *
rs_table_definitions_find(const struct rs_table_definitions *definitions, struct rs_str name)
{
    struct rs_table_definition *folded = NULL;
    for (size_t i = 0; i < definitions->count; i++) {
        struct rs_table_definition *definition = &definitions->definitions[i];
        if (rs_str_equal(definition->name, name)) {
            return definition;
        }
        folded = definition->folds && equal_folded(definition->name, name) ? definition : folded;
    }
    return folded;
}

struct rs_table_definition_column *
rs_table_definition_find_column(const struct rs_table_definition *definition, struct rs_str name)
{
    struct rs_table_definition_column *folded = NULL;
    for (size_t i = 0; i < definition->column_count; i++) {
        struct rs_table_definition_column *column = &definition->columns[i];
        if (rs_str_equal(column->name, name)) {
            return column;
        }
        folded = definition->folds && equal_folded(column->name, name) ? column : folded;
    }
    return folded;
}

struct rs_table_definition_sequence *
rs_table_definitions_find_sequence(const struct rs_table_definitions *definitions,
                                   struct rs_str name)
{
    for (size_t i = 0; i < definitions->sequence_count; i++) {
        if (rs_str_equal(definitions->sequences[i].name, name)) {
            return &definitions->sequences[i];
        }
    }
    return NULL;
}

const char *rs_table_definition_only(enum rs_dialect dialect,
                                     const struct rs_table_definition *definition)
{
    return rs_dialect_facts(dialect)->has_inheritance && !definition->partitioned ? "ONLY " : "";
}

struct rs_table_definition *rs_table_definitions_add(struct rs_table_definitions *definitions,
                                                     struct rs_str name)
{
    definitions->definitions =
        rs_mem_grow(definitions->definitions, &definitions->capacity, definitions->count + 1,
                    sizeof *definitions->definitions);
    struct rs_table_definition *definition = &definitions->definitions[definitions->count++];
    *definition =
        (struct rs_table_definition){.name = rs_arena_copy(&definitions->arena, name),
                                     .folds = rs_dialect_facts(definitions->dialect)->folds_names};
    return definition;
}

struct rs_table_definition_column *
rs_table_definition_add_column(struct rs_table_definition *definition)
{
    definition->columns = rs_mem_grow(definition->columns, &definition->column_capacity,
                                      definition->column_count + 1, sizeof *definition->columns);
    struct rs_table_definition_column *column = &definition->columns[definition->column_count++];
    *column = (struct rs_table_definition_column){.number = (int)definition->column_count};
    return column;
}

/* --- types ------------------------------------------------------------------------------------ */

/* The number in the brackets of "name(12)"; 0 without one, or when the type is another. */
static uint64_t length_of(struct rs_str type, struct rs_str name)
{
    uint64_t length = 0;
    if (!rs_str_starts(type, name) || !rs_str_ends(type, RS_STR(")"))) {
        return 0;
    }
    struct rs_str digits = rs_str_slice(type, name.length, type.length - 1);
    return rs_str_parse_u64(digits, 1, UINT32_MAX, &length) ? length : 0;
}

uint64_t rs_table_definition_varchar_bytes(struct rs_str type)
{
    return length_of(type, RS_STR("character varying("));
}

bool rs_table_definition_is(const struct rs_table_definition_column *column, const char *type)
{
    return rs_str_equal(column->type, rs_str_from(type));
}

bool rs_table_definition_is_bytes(const struct rs_table_definition_column *column)
{
    return rs_table_definition_is(column, "bytea") ||
           rs_str_starts(column->type, RS_STR("varbyte")) ||
           rs_str_starts(column->type, RS_STR("binary varying"));
}

bool rs_table_definition_is_timestamp(const struct rs_table_definition_column *column)
{
    return rs_str_starts(column->type, RS_STR("timestamp"));
}

bool rs_table_definition_is_zoned(const struct rs_table_definition_column *column)
{
    return rs_table_definition_is_timestamp(column) &&
           rs_str_ends(column->type, RS_STR(" with time zone"));
}

/* timestamp(3) without time zone: Redshift has no precision there, and always has microseconds. */
static bool append_precise_time(struct rs_strbuf *sql, struct rs_str type)
{
    size_t close = rs_str_find_byte(type, ')');
    bool stamp = rs_str_starts(type, RS_STR("timestamp("));
    if ((!stamp && !rs_str_starts(type, RS_STR("time("))) || close == SIZE_MAX) {
        return false;
    }
    rs_strbuf_append(sql, stamp ? "timestamp" : "time");
    rs_strbuf_append_str(sql, rs_str_slice(type, close + 1, type.length));
    return true;
}

/* Types that both dialects call so. */
static bool is_common(struct rs_str type)
{
    static const char *const common[] = {
        "smallint",
        "integer",
        "bigint",
        "real",
        "double precision",
        "boolean",
        "date",
        "timestamp without time zone",
        "timestamp with time zone",
        "time without time zone",
        "time with time zone",
    };
    for (size_t i = 0; i < RS_COUNTOF(common); i++) {
        if (rs_str_equal(type, rs_str_from(common[i]))) {
            return true;
        }
    }
    return false;
}

static void append_redshift_numeric(struct rs_strbuf *sql,
                                    const struct rs_table_definition_column *column)
{
    if (rs_str_starts(column->type, RS_STR("numeric("))) {
        rs_strbuf_append_str(sql, column->type);
    } else {
        rs_strbuf_printf(sql, "numeric(%d,%u)", DECIMAL_DIGITS, column->decimals);
    }
}

/* PostgreSQL's in Redshift's words. */
static void append_redshift_type(struct rs_strbuf *sql,
                                 const struct rs_table_definition_column *column)
{
    struct rs_str type = column->type;
    uint64_t characters = rs_table_definition_varchar_bytes(type);
    uint64_t fixed = length_of(type, RS_STR("character("));
    if (append_precise_time(sql, type)) {
        return;
    }
    if (is_common(type)) {
        rs_strbuf_append_str(sql, type);
    } else if (rs_str_starts(type, RS_STR("numeric"))) {
        append_redshift_numeric(sql, column);
    } else if (rs_str_equal(type, RS_STR("json")) || rs_str_equal(type, RS_STR("jsonb"))) {
        rs_strbuf_append(sql, "super");
    } else if (rs_str_equal(type, RS_STR("bytea"))) {
        rs_strbuf_append(sql, "varbyte(1024000)");
    } else if (rs_str_equal(type, RS_STR("uuid"))) {
        rs_strbuf_append(sql, "character varying(36)");
    } else if (characters > 0 || fixed > 0) {
        uint64_t bytes = 4 * (characters > 0 ? characters : fixed);
        rs_strbuf_printf(sql, "character varying(%u)",
                         (unsigned)(bytes < TEXT_BYTES ? bytes : TEXT_BYTES));
    } else {
        rs_strbuf_printf(sql, "character varying(%d)", TEXT_BYTES);
    }
}

/* Redshift's in PostgreSQL's words. */
static void append_postgresql_type(struct rs_strbuf *sql, struct rs_str type)
{
    if (rs_str_equal(type, RS_STR("super"))) {
        rs_strbuf_append(sql, "json");
    } else if (rs_str_starts(type, RS_STR("varbyte")) ||
               rs_str_starts(type, RS_STR("binary varying"))) {
        rs_strbuf_append(sql, "bytea");
    } else {
        rs_strbuf_append_str(sql, type);
    }
}

void rs_table_definition_append_type(struct rs_strbuf *sql,
                                     const struct rs_table_definition_place *place,
                                     const struct rs_table_definition_column *column)
{
    if (place->from == place->to) {
        rs_strbuf_append_str(sql, column->type);
        return;
    }
    switch (place->to) {
    case RS_DIALECT_POSTGRESQL:
        append_postgresql_type(sql, column->type);
        return;
    case RS_DIALECT_REDSHIFT:
        append_redshift_type(sql, column);
        return;
    }
}

/* --- CREATE TABLE ----------------------------------------------------------------------------- */

static void append_encoding(struct rs_strbuf *sql, struct rs_str encoding)
{
    rs_strbuf_append(sql, " ENCODE ");
    if (rs_str_equal(encoding, RS_STR("none"))) {
        rs_strbuf_append(sql, "raw");
    } else {
        rs_strbuf_append_str(sql, encoding);
    }
}

/* Between the dialects only constants are taken: an expression may mean another thing there. */
static bool keeps_default(const struct rs_table_definition_place *place,
                          const struct rs_table_definition_column *column)
{
    if (column->standard.length == 0) {
        return false;
    }
    if (place->from == place->to) {
        return true;
    }
    for (size_t i = 0; i < column->standard.length; i++) {
        char c = column->standard.data[i];
        if (!((c >= '0' && c <= '9') || c == '.' || c == '-')) {
            return rs_str_equal(column->standard, RS_STR("true")) ||
                   rs_str_equal(column->standard, RS_STR("false"));
        }
    }
    return true;
}

static void append_identity(struct rs_strbuf *sql, const struct rs_table_definition_place *place,
                            const struct rs_table_definition_column *column)
{
    const char *by_default = " GENERATED BY DEFAULT AS IDENTITY";
    switch (place->to) {
    case RS_DIALECT_POSTGRESQL:
        rs_strbuf_append(sql, column->by_default ? by_default : " GENERATED ALWAYS AS IDENTITY");
        if (column->sequence_options.length > 0) {
            rs_strbuf_append(sql, " (SEQUENCE NAME ");
            rs_sql_qualified(sql, place->schema, column->sequence);
            rs_strbuf_append_char(sql, ' ');
            rs_strbuf_append_str(sql, column->sequence_options);
            rs_strbuf_append_char(sql, ')');
        }
        return;
    case RS_DIALECT_REDSHIFT:
        rs_strbuf_append(sql, column->by_default ? by_default : " IDENTITY");
        rs_strbuf_append_char(sql, '(');
        rs_strbuf_append_str(sql, column->identity);
        rs_strbuf_append_char(sql, ')');
        return;
    }
}

/* The sequence as one of the new schema: its literal in the DEFAULT is written anew. */
static void append_default(struct rs_strbuf *sql, const struct rs_table_definition_place *place,
                           const struct rs_table_definition_column *column)
{
    struct rs_str text = column->standard;
    struct rs_str old = column->sequence_text;
    struct rs_strbuf name = RS_STRBUF_INIT(SEQUENCE_NAME_MAX);
    rs_sql_qualified(&name,
                     column->sequence_schema.length > 0 ? column->sequence_schema : place->schema,
                     column->sequence);
    rs_strbuf_append(sql, " DEFAULT ");
    for (size_t i = 0; i < text.length;) {
        if (old.length > 0 && rs_str_starts(rs_str_slice(text, i, text.length), old)) {
            rs_sql_literal(sql, place->to, rs_strbuf_str(&name));
            rs_strbuf_append(sql, "::regclass");
            i += old.length;
        } else {
            rs_strbuf_append_char(sql, text.data[i++]);
        }
    }
    rs_strbuf_release(&name);
}

static void append_column(struct rs_strbuf *sql, const struct rs_table_definition_place *place,
                          const struct rs_table_definition *definition,
                          const struct rs_table_definition_column *column)
{
    rs_sql_ident(sql, column->name);
    rs_strbuf_append_char(sql, ' ');
    rs_table_definition_append_type(sql, place, column);
    if (column->identity.length > 0 && place->from == place->to) {
        append_identity(sql, place, column);
    } else if (keeps_default(place, column)) {
        append_default(sql, place, column);
    }
    if (rs_dialect_facts(place->to)->has_layout && column->encoding.length > 0 &&
        !(definition && definition->encode_auto)) {
        append_encoding(sql, column->encoding);
    }
    rs_strbuf_append(sql, column->not_null ? " NOT NULL" : "");
}

/* The column of an attnum, or NULL. */
const struct rs_table_definition_column *
rs_table_definition_find_number(const struct rs_table_definition *definition, uint64_t number)
{
    for (size_t i = 0; i < definition->column_count; i++) {
        if ((uint64_t)definition->columns[i].number == number) {
            return &definition->columns[i];
        }
    }
    return NULL;
}

static void append_key(struct rs_strbuf *sql, const struct rs_table_definition *definition,
                       const struct rs_table_definition_key *key)
{
    struct rs_str rest = key->columns;
    rs_strbuf_append(sql, key->primary ? ",\n    PRIMARY KEY (" : ",\n    UNIQUE (");
    for (bool first = true; rest.length > 0; first = false) {
        size_t end = rs_str_find_byte(rest, ',');
        uint64_t number = 0;
        end = end == SIZE_MAX ? rest.length : end;
        bool read = rs_str_parse_u64(rs_str_slice(rest, 0, end), 1, UINT32_MAX, &number);
        const struct rs_table_definition_column *column =
            read ? rs_table_definition_find_number(definition, number) : NULL;
        rs_strbuf_append(sql, first ? "" : ", ");
        rs_sql_ident(sql, column ? column->name : RS_STR(""));
        rest = rs_str_slice(rest, end + 1, rest.length);
    }
    rs_strbuf_append_char(sql, ')');
}

static int64_t magnitude(int64_t number)
{
    return number < 0 ? -number : number;
}

static void append_sort(struct rs_strbuf *sql, const struct rs_table_definition *definition)
{
    bool any = false;
    bool interleaved = false;
    for (size_t i = 0; i < definition->column_count; i++) {
        any = any || definition->columns[i].sort_key != 0;
        interleaved = interleaved || definition->columns[i].sort_key < 0;
    }
    if (!any || definition->sort_auto) {
        rs_strbuf_append(sql, definition->sort_auto ? "\nSORTKEY AUTO" : "");
        return;
    }
    rs_strbuf_append(sql, interleaved ? "\nINTERLEAVED SORTKEY(" : "\nSORTKEY(");
    bool found = true;
    for (int64_t place = 1; found; place++) {
        found = false;
        for (size_t i = 0; i < definition->column_count && !found; i++) {
            if (magnitude(definition->columns[i].sort_key) == place) {
                rs_strbuf_append(sql, place > 1 ? ", " : "");
                rs_sql_ident(sql, definition->columns[i].name);
                found = true;
            }
        }
    }
    rs_strbuf_append_char(sql, ')');
}

/* DISTSTYLE, SORTKEY and ENCODE AUTO. */
static void append_attributes(struct rs_strbuf *sql, const struct rs_table_definition *definition)
{
    const struct rs_table_definition_column *key = NULL;
    for (size_t i = 0; i < definition->column_count; i++) {
        key = definition->columns[i].dist_key ? &definition->columns[i] : key;
    }
    bool by_key = key && (definition->dist_style.length == 0 ||
                          rs_str_equal(definition->dist_style, RS_STR("KEY")));
    if (by_key) {
        rs_strbuf_append(sql, "\nDISTKEY(");
        rs_sql_ident(sql, key->name);
        rs_strbuf_append_char(sql, ')');
    } else if (definition->dist_style.length > 0) {
        rs_strbuf_append(sql, "\nDISTSTYLE ");
        rs_strbuf_append_str(sql, definition->dist_style);
    }
    append_sort(sql, definition);
    rs_strbuf_append(sql, definition->encode_auto ? "\nENCODE AUTO" : "");
}

/* A table of events that comes from PostgreSQL is laid out as rs-sync would. */
static void append_usual_keys(struct rs_strbuf *sql, const struct rs_table_definition *definition)
{
    const struct rs_table_definition_column *id =
        rs_table_definition_find_column(definition, RS_STR("id"));
    const struct rs_table_definition_column *received =
        rs_table_definition_find_column(definition, RS_STR("received_at"));
    bool json = id && rs_str_starts(id->type, RS_STR("json"));
    if (id && received && !json && !rs_str_equal(id->type, RS_STR("bytea"))) {
        rs_strbuf_append(sql, "\nDISTKEY(\"id\")\nSORTKEY(\"received_at\")");
    }
}

/* PostgreSQL: what it inherits from, and how it is partitioned. */
static void append_kin(struct rs_strbuf *sql, const struct rs_table_definition_place *place,
                       const struct rs_table_definition *definition)
{
    bool any = false;
    for (size_t i = 0; i < definition->parent_count; i++) {
        if (definition->parents[i].there) {
            rs_strbuf_append(sql, any ? ", " : "\nINHERITS (");
            rs_sql_qualified(sql, place->schema, definition->parents[i].name);
            any = true;
        }
    }
    rs_strbuf_append(sql, any ? ")" : "");
    if (definition->partition_key.length > 0) {
        rs_strbuf_append(sql, "\nPARTITION BY ");
        rs_strbuf_append_str(sql, definition->partition_key);
    }
}

void rs_table_definition_append_table(struct rs_strbuf *sql,
                                      const struct rs_table_definition_place *place,
                                      const struct rs_table_definition *definition)
{
    rs_strbuf_append(sql, "CREATE TABLE ");
    rs_sql_qualified(sql, place->schema, definition->name);
    rs_strbuf_append(sql, " (");
    for (size_t i = 0; i < definition->column_count; i++) {
        rs_strbuf_append(sql, i > 0 ? ",\n    " : "\n    ");
        append_column(sql, place, definition, &definition->columns[i]);
    }
    for (size_t i = 0; i < definition->key_count; i++) {
        if (!definition->keys[i].index) {
            append_key(sql, definition, &definition->keys[i]);
        }
    }
    rs_strbuf_append(sql, "\n)");
    if (rs_dialect_facts(place->to)->has_layout) {
        (place->from == place->to ? append_attributes : append_usual_keys)(sql, definition);
    } else if (place->from == place->to) {
        append_kin(sql, place, definition);
    }
}

void rs_table_definition_append_partition(struct rs_strbuf *sql,
                                          const struct rs_table_definition_place *place,
                                          const struct rs_table_definition_partition *partition)
{
    rs_strbuf_append(sql, "CREATE TABLE ");
    rs_sql_qualified(sql, place->schema, partition->name);
    rs_strbuf_append(sql, " PARTITION OF ");
    rs_sql_qualified(sql, place->schema, partition->parent);
    rs_strbuf_append_char(sql, ' ');
    rs_strbuf_append_str(sql, partition->bound);
    if (partition->key.length > 0) {
        rs_strbuf_append(sql, " PARTITION BY ");
        rs_strbuf_append_str(sql, partition->key);
    }
}

void rs_table_definition_append_add(struct rs_strbuf *sql,
                                    const struct rs_table_definition_place *place,
                                    struct rs_str table,
                                    const struct rs_table_definition_column *column)
{
    struct rs_table_definition_column plain = *column;
    plain.identity = RS_STR("");
    plain.encoding = RS_STR("");
    plain.not_null = column->not_null && keeps_default(place, column);
    rs_strbuf_append(sql, "ALTER TABLE ");
    rs_sql_qualified(sql, place->schema, table);
    rs_strbuf_append(sql, " ADD COLUMN ");
    append_column(sql, place, NULL, &plain);
}

void rs_table_definition_append_comment(struct rs_strbuf *sql,
                                        const struct rs_table_definition_place *place,
                                        const struct rs_table_definition *definition,
                                        const struct rs_table_definition_column *column)
{
    rs_strbuf_append(sql, column ? "COMMENT ON COLUMN " : "COMMENT ON TABLE ");
    rs_sql_qualified(sql, place->schema, definition->name);
    if (column) {
        rs_strbuf_append_char(sql, '.');
        rs_sql_ident(sql, column->name);
    }
    rs_strbuf_append(sql, " IS ");
    rs_sql_literal(sql, place->to, column ? column->comment : definition->comment);
}

bool rs_table_definition_append_grant(struct rs_strbuf *sql,
                                      const struct rs_table_definition_place *place,
                                      struct rs_str table,
                                      const struct rs_table_definition_grant *grant)
{
    bool group = rs_str_equal(grant->kind, RS_STR("group"));
    bool role = rs_str_equal(grant->kind, RS_STR("role"));
    bool everybody = rs_str_equal(grant->kind, RS_STR("public"));
    static const char *const common[] = {"SELECT",     "INSERT", "UPDATE", "DELETE",
                                         "REFERENCES", "USAGE",  "CREATE"};
    bool known = place->from == place->to;
    for (size_t i = 0; i < RS_COUNTOF(common); i++) {
        known = known || rs_str_equal(grant->privilege, rs_str_from(common[i]));
    }
    if (!known) {
        return false;
    }
    rs_strbuf_append(sql, "GRANT ");
    rs_strbuf_append_str(sql, grant->privilege);
    rs_strbuf_append(sql, table.length > 0 ? " ON TABLE " : " ON SCHEMA ");
    if (table.length > 0) {
        rs_sql_qualified(sql, place->schema, table);
    } else {
        rs_sql_ident(sql, place->schema);
    }
    rs_strbuf_append(sql, " TO ");
    if (everybody) {
        rs_strbuf_append(sql, "PUBLIC");
        return true;
    }
    if (rs_dialect_facts(place->to)->tells_grantee_kind) {
        rs_strbuf_append(sql, group ? "GROUP " : role ? "ROLE " : "");
    }
    rs_sql_ident(sql, grant->grantee);
    rs_strbuf_append(sql, grant->grantable && !group && !role ? " WITH GRANT OPTION" : "");
    return true;
}
