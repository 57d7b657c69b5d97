/*
 * Redshift tells of its tables in several places: pg_table_def has encodings and keys, but of schemas
 * on the search_path alone, and does not order its columns; svv_columns has defaults, identities among
 * them; svv_table_info tells what is AUTO, to superusers alone and of tables with rows alone;
 * pg_class_info has the DISTSTYLE for all. Where nobody tells, encodings that are those of a table
 * for which none was named are taken for just that.
 */
#include "warehouse/table_definition_read.h"

#include <string.h>

#include "base/mem.h"

static const char redshift_columns[] =
    "SELECT c.relname, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), "
    "rtrim(d.encoding),"
    " d.distkey, d.sortkey, a.attnotnull, a.attnum, pg_catalog.col_description(c.oid, a.attnum),"
    " '', '', pg_catalog.obj_description(c.oid, 'pg_class')"
    " FROM pg_catalog.pg_namespace n"
    " JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relkind = 'r'"
    " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
    " JOIN pg_catalog.pg_table_def d ON d.schemaname = n.nspname AND d.tablename = c.relname"
    " AND d.\"column\" = a.attname"
    " WHERE n.nspname = $1 ORDER BY c.relname, a.attnum";

static const char table_query[] = "SELECT c.relname FROM pg_catalog.pg_class c"
                                  " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                                  " WHERE n.nspname = $1 AND c.relkind = 'r' ORDER BY c.relname";

static const char postgresql_columns[] =
    "SELECT c.relname, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), '', false, 0,"
    " a.attnotnull, a.attnum, pg_catalog.col_description(c.oid, a.attnum),"
    " CASE WHEN a.attgenerated = '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) END,"
    " a.attidentity, pg_catalog.obj_description(c.oid, 'pg_class')"
    " FROM pg_catalog.pg_namespace n"
    " JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relkind IN ('r', 'p')"
    " AND NOT c.relispartition"
    " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
    " LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum"
    " WHERE n.nspname = $1 ORDER BY c.relname COLLATE \"C\", a.attnum";

static const char postgresql_tables[] =
    "SELECT c.relname, c.relkind = 'p', c.relrowsecurity,"
    " CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END FROM "
    "pg_catalog.pg_class c"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition";

static const char partition_query[] =
    "WITH RECURSIVE tree AS (SELECT c.oid AS root, i.inhrelid, i.inhparent, 1 AS depth"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_catalog.pg_inherits i ON i.inhparent = c.oid"
    " WHERE n.nspname = $1 AND c.relkind = 'p' AND NOT c.relispartition"
    " UNION ALL SELECT t.root, i.inhrelid, i.inhparent, t.depth + 1"
    " FROM tree t JOIN pg_catalog.pg_inherits i ON i.inhparent = t.inhrelid)"
    " SELECT r.relname, c.relname, p.relname, pg_catalog.pg_get_expr(c.relpartbound, c.oid),"
    " CASE WHEN c.relkind = 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END,"
    " c.relkind IN ('r', 'p') AND c.relnamespace = r.relnamespace"
    " FROM tree t JOIN pg_catalog.pg_class r ON r.oid = t.root"
    " JOIN pg_catalog.pg_class c ON c.oid = t.inhrelid"
    " JOIN pg_catalog.pg_class p ON p.oid = t.inhparent ORDER BY r.relname, t.depth, c.relname";

static const char parent_query[] =
    "SELECT c.relname, p.relname, CASE WHEN p.relnamespace <> c.relnamespace THEN m.nspname END"
    " FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_catalog.pg_class p ON p.oid = i.inhparent"
    " JOIN pg_catalog.pg_namespace m ON m.oid = p.relnamespace"
    " WHERE n.nspname = $1 AND c.relkind = 'r' AND NOT c.relispartition"
    " ORDER BY c.relname, i.inhseqno";

static const char sequence_query[] =
    "SELECT c.relname, pg_catalog.format_type(s.seqtypid, NULL), pg_catalog.format("
    "'START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s %s', s.seqstart,"
    " s.seqincrement, s.seqmin, s.seqmax, s.seqcache,"
    " CASE WHEN s.seqcycle THEN 'CYCLE' ELSE 'NO CYCLE' END), t.relname, a.attname, d.deptype = 'i'"
    " FROM pg_catalog.pg_sequence s JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::regclass"
    " AND d.objid = c.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass"
    " AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')"
    " LEFT JOIN pg_catalog.pg_class t ON t.oid = d.refobjid"
    " LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid"
    " WHERE n.nspname = $1 ORDER BY c.relname COLLATE \"C\"";

/* Which DEFAULT asks which sequence, that may be of another schema. */
static const char nextval_query[] =
    "SELECT t.relname, a.attname, c.relname, CASE WHEN c.relnamespace <> t.relnamespace"
    " THEN m.nspname END, pg_catalog.quote_literal(CAST(CAST(c.oid AS regclass) AS text))"
    " || '::regclass'"
    " FROM pg_catalog.pg_attrdef f"
    " JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_attrdef'::regclass"
    " AND d.objid = f.oid AND d.refclassid = 'pg_catalog.pg_class'::regclass"
    " JOIN pg_catalog.pg_class c ON c.oid = d.refobjid AND c.relkind = 'S'"
    " JOIN pg_catalog.pg_namespace m ON m.oid = c.relnamespace"
    " JOIN pg_catalog.pg_class t ON t.oid = f.adrelid"
    " JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace"
    " JOIN pg_catalog.pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum"
    " WHERE n.nspname = $1";

static const char key_query[] =
    "SELECT c.relname, k.contype, pg_catalog.array_to_string(k.conkey, ',')"
    " FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = $1 AND k.contype IN ('p', 'u') ORDER BY c.relname, k.conname";

static const char view_query[] =
    "SELECT c.relname FROM pg_catalog.pg_class c"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = $1 AND c.relkind IN ('v', 'm') ORDER BY c.relname";

static const char default_query[] =
    "SELECT table_name, column_name, column_default FROM pg_catalog.svv_columns"
    " WHERE table_schema = $1 AND column_default IS NOT NULL";

static const char style_query[] =
    "SELECT i.relname, i.releffectivediststyle FROM pg_catalog.pg_class_info i"
    " JOIN pg_catalog.pg_namespace n ON n.oid = i.relnamespace WHERE n.nspname = $1";

static const char info_query[] =
    "SELECT \"table\", encoded, diststyle, sortkey1 FROM pg_catalog.svv_table_info"
    " WHERE \"schema\" = $1";

static const char security_query[] =
    "SELECT relname, false, is_rls_on, '' FROM pg_catalog.svv_rls_relation"
    " WHERE datname = current_database() AND relschema = $1";

static const char redshift_grants[] =
    "SELECT relation_name, privilege_type, identity_name, identity_type, admin_option"
    " FROM pg_catalog.svv_relation_privileges WHERE namespace_name = $1"
    " UNION ALL SELECT '', privilege_type, identity_name, identity_type, admin_option"
    " FROM pg_catalog.svv_schema_privileges WHERE namespace_name = $1"
    " ORDER BY 1, 4, 3, 2";

static const char postgresql_grants[] =
    "SELECT c.relname, a.privilege_type, r.rolname,"
    " CASE WHEN r.oid IS NULL THEN 'public' ELSE 'user' END, a.is_grantable"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) a"
    " LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee"
    " WHERE n.nspname = $1 AND a.grantee <> c.relowner AND c.relkind IN ('r', 'p', 'S')"
    " UNION ALL SELECT '', a.privilege_type, r.rolname,"
    " CASE WHEN r.oid IS NULL THEN 'public' ELSE 'user' END, a.is_grantable"
    " FROM pg_catalog.pg_namespace n CROSS JOIN LATERAL pg_catalog.aclexplode(n.nspacl) a"
    " LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee"
    " WHERE n.nspname = $1 AND a.grantee <> n.nspowner ORDER BY 1, 4, 3, 2";

/* A unique one over whole columns and all rows is a key, too; indoption is as long as the key. */
static const char index_query[] =
    "SELECT c.relname, CASE WHEN c.relkind = 'p'" /* without ONLY: with those of its partitions */
    " THEN pg_catalog.regexp_replace(pg_catalog.pg_get_indexdef(x.indexrelid),"
    " '^(CREATE (UNIQUE )?INDEX (\"([^\"]|\"\")*\"|[^\" ]+) ON )ONLY ', '\\1')"
    " ELSE pg_catalog.pg_get_indexdef(x.indexrelid) END,"
    " CASE WHEN x.indisunique AND x.indisvalid AND x.indpred IS NULL AND x.indexprs IS NULL"
    " AND pg_catalog.array_upper(x.indkey, 1) = pg_catalog.array_upper(x.indoption, 1)"
    " THEN pg_catalog.array_to_string(x.indkey, ',') END FROM pg_catalog.pg_index x"
    " JOIN pg_catalog.pg_class c ON c.oid = x.indrelid"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = $1 AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k"
    " WHERE k.conindid = x.indexrelid) ORDER BY 1, 2";

/* One query whose rows are taken into definitions. */
struct reading {
    struct rs_session *session;
    struct rs_table_definitions *out;
    const struct rs_result *result;
    struct rs_str hidden; /* a table of which pg_table_def tells this user nothing */
};

static struct rs_str copy_of(const struct reading *reading, size_t row, size_t column)
{
    return rs_arena_copy(&reading->out->arena, rs_result_text(reading->result, row, column));
}

static bool is_true(const struct reading *reading, size_t row, size_t column)
{
    return rs_str_equal(rs_result_text(reading->result, row, column), RS_STR("t"));
}

static int64_t number_of(const struct reading *reading, size_t row, size_t column)
{
    struct rs_str text = rs_result_text(reading->result, row, column);
    bool negative = rs_str_starts(text, RS_STR("-"));
    uint64_t number = 0;
    if (!rs_str_parse_u64(rs_str_slice(text, negative ? 1 : 0, text.length), 0, INT32_MAX,
                          &number)) {
        return 0;
    }
    return negative ? -(int64_t)number : (int64_t)number;
}

static struct rs_table_definition_column *column_of(const struct reading *reading,
                                                    struct rs_str table, struct rs_str column)
{
    struct rs_table_definition *definition = rs_table_definitions_find(reading->out, table);
    return definition ? rs_table_definition_find_column(definition, column) : NULL;
}

static void take_column(struct reading *reading, size_t row)
{
    struct rs_table_definitions *out = reading->out;
    struct rs_str name = rs_result_text(reading->result, row, 0);
    struct rs_table_definition *definition =
        out->count > 0 ? &out->definitions[out->count - 1] : NULL;
    if (!definition || !rs_str_equal(definition->name, name)) {
        definition = rs_table_definitions_add(out, name);
        definition->comment = copy_of(reading, row, 11);
    }
    struct rs_table_definition_column *column = rs_table_definition_add_column(definition);
    column->name = copy_of(reading, row, 1);
    column->type = copy_of(reading, row, 2);
    column->encoding = copy_of(reading, row, 3);
    column->dist_key = is_true(reading, row, 4);
    column->sort_key = number_of(reading, row, 5);
    column->not_null = is_true(reading, row, 6);
    column->number = (int)number_of(reading, row, 7);
    column->comment = copy_of(reading, row, 8);
    column->standard = copy_of(reading, row, 9);
    struct rs_str identity = rs_result_text(reading->result, row, 10);
    column->by_default = rs_str_equal(identity, RS_STR("d"));
    column->identity = identity.length > 0 ? RS_STR("1,1") : RS_STR("");
}

/* "identity"(123, 0, '0,1'::text): seed and step; empty where it is another default. */
static struct rs_str seed_of(struct rs_str text)
{
    size_t open = rs_str_find_byte(text, '\'');
    if (!(rs_str_starts(text, RS_STR("\"identity\"(")) ||
          rs_str_starts(text, RS_STR("default_identity("))) ||
        open == SIZE_MAX) {
        return RS_STR("");
    }
    struct rs_str rest = rs_str_slice(text, open + 1, text.length);
    size_t close = rs_str_find_byte(rest, '\'');
    return close == SIZE_MAX ? RS_STR("") : rs_str_slice(rest, 0, close);
}

/* 'text'::character varying: without the cast, which Redshift would give a length of its own. */
static struct rs_str without_cast(struct rs_str text)
{
    static const char *const casts[] = {"'::character varying", "'::bpchar", "'::text"};
    for (size_t i = 0; i < RS_COUNTOF(casts); i++) {
        struct rs_str cast = rs_str_from(casts[i]);
        if (rs_str_starts(text, RS_STR("'")) && rs_str_ends(text, cast)) {
            return rs_str_slice(text, 0, text.length - cast.length + 1);
        }
    }
    return text;
}

static void take_default(struct reading *reading, size_t row)
{
    struct rs_table_definition_column *column = column_of(
        reading, rs_result_text(reading->result, row, 0), rs_result_text(reading->result, row, 1));
    if (!column) {
        return;
    }
    struct rs_str text = copy_of(reading, row, 2);
    column->identity = seed_of(text);
    column->by_default = rs_str_starts(text, RS_STR("default_identity("));
    column->standard = column->identity.length > 0 ? RS_STR("") : without_cast(text);
}

static void take_facts(struct reading *reading, size_t row)
{
    struct rs_table_definition *definition =
        rs_table_definitions_find(reading->out, rs_result_text(reading->result, row, 0));
    if (definition) {
        definition->partitioned = is_true(reading, row, 1);
        definition->row_security = is_true(reading, row, 2);
        definition->partition_key = copy_of(reading, row, 3);
    }
}

static void take_partition(struct reading *reading, size_t row)
{
    struct rs_table_definition *definition =
        rs_table_definitions_find(reading->out, rs_result_text(reading->result, row, 0));
    if (definition) {
        definition->partitions =
            rs_mem_grow(definition->partitions, &definition->partition_capacity,
                        definition->partition_count + 1, sizeof *definition->partitions);
        definition->partitions[definition->partition_count++] =
            (struct rs_table_definition_partition){.name = copy_of(reading, row, 1),
                                                   .parent = copy_of(reading, row, 2),
                                                   .bound = copy_of(reading, row, 3),
                                                   .key = copy_of(reading, row, 4),
                                                   .plain = is_true(reading, row, 5)};
    }
}

static void take_parent(struct reading *reading, size_t row)
{
    struct rs_table_definition *definition =
        rs_table_definitions_find(reading->out, rs_result_text(reading->result, row, 0));
    if (definition) {
        definition->parents =
            rs_mem_grow(definition->parents, &definition->parent_capacity,
                        definition->parent_count + 1, sizeof *definition->parents);
        definition->parents[definition->parent_count++] = (struct rs_table_definition_parent){
            .name = copy_of(reading, row, 1), .schema = copy_of(reading, row, 2)};
    }
}

static void take_sequence(struct reading *reading, size_t row)
{
    struct rs_table_definitions *out = reading->out;
    out->sequences = rs_mem_grow(out->sequences, &out->sequence_capacity, out->sequence_count + 1,
                                 sizeof *out->sequences);
    struct rs_table_definition_sequence *sequence = &out->sequences[out->sequence_count++];
    *sequence = (struct rs_table_definition_sequence){.name = copy_of(reading, row, 0),
                                                      .type = copy_of(reading, row, 1),
                                                      .options = copy_of(reading, row, 2),
                                                      .table = copy_of(reading, row, 3),
                                                      .column = copy_of(reading, row, 4),
                                                      .identity = is_true(reading, row, 5)};
    struct rs_table_definition_column *column =
        sequence->identity ? column_of(reading, sequence->table, sequence->column) : NULL;
    if (column) {
        column->sequence = sequence->name;
        column->sequence_options = sequence->options;
    }
}

static void take_nextval(struct reading *reading, size_t row)
{
    struct rs_table_definition_column *column = column_of(
        reading, rs_result_text(reading->result, row, 0), rs_result_text(reading->result, row, 1));
    if (column && column->standard.length > 0) {
        column->sequence = copy_of(reading, row, 2);
        column->sequence_schema = copy_of(reading, row, 3);
        column->sequence_text = copy_of(reading, row, 4);
    }
}

static void add_key(struct rs_table_definition *definition,
                    const struct rs_table_definition_key *key)
{
    definition->keys = rs_mem_grow(definition->keys, &definition->key_capacity,
                                   definition->key_count + 1, sizeof *definition->keys);
    definition->keys[definition->key_count++] = *key;
}

static void take_key(struct reading *reading, size_t row)
{
    struct rs_table_definition *definition =
        rs_table_definitions_find(reading->out, rs_result_text(reading->result, row, 0));
    if (definition) {
        add_key(definition,
                &(struct rs_table_definition_key){
                    .primary = rs_str_equal(rs_result_text(reading->result, row, 1), RS_STR("p")),
                    .columns = copy_of(reading, row, 2),
                });
    }
}

static void take_view(struct reading *reading, size_t row)
{
    struct rs_table_definitions *out = reading->out;
    out->views =
        rs_mem_grow(out->views, &out->view_capacity, out->view_count + 1, sizeof *out->views);
    out->views[out->view_count++] = copy_of(reading, row, 0);
}

static void take_index(struct reading *reading, size_t row)
{
    struct rs_table_definition *definition =
        rs_table_definitions_find(reading->out, rs_result_text(reading->result, row, 0));
    if (definition) {
        definition->indexes = rs_mem_grow(definition->indexes, &definition->index_capacity,
                                          definition->index_count + 1, sizeof *definition->indexes);
        definition->indexes[definition->index_count++] = copy_of(reading, row, 1);
        if (!rs_result_is_null(reading->result, row, 2)) {
            add_key(definition, &(struct rs_table_definition_key){
                                    .index = true, .columns = copy_of(reading, row, 2)});
        }
    }
}

static void take_grant(struct reading *reading, size_t row)
{
    struct rs_str table = rs_result_text(reading->result, row, 0);
    struct rs_table_definition *definition = rs_table_definitions_find(reading->out, table);
    struct rs_table_definition_grant grant = {
        .privilege = copy_of(reading, row, 1),
        .grantee = copy_of(reading, row, 2),
        .kind = copy_of(reading, row, 3),
        .grantable = is_true(reading, row, 4),
    };
    struct rs_table_definitions *out = reading->out;
    struct rs_table_definition_sequence *sequence = rs_table_definitions_find_sequence(out, table);
    if (sequence) {
        sequence->grants = rs_mem_grow(sequence->grants, &sequence->grant_capacity,
                                       sequence->grant_count + 1, sizeof *sequence->grants);
        sequence->grants[sequence->grant_count++] = grant;
    } else if (definition) {
        definition->grants = rs_mem_grow(definition->grants, &definition->grant_capacity,
                                         definition->grant_count + 1, sizeof *definition->grants);
        definition->grants[definition->grant_count++] = grant;
    } else if (table.length == 0) {
        out->grants = rs_mem_grow(out->grants, &out->grant_capacity, out->grant_count + 1,
                                  sizeof *out->grants);
        out->grants[out->grant_count++] = grant;
    }
}

/* 0 EVEN, 1 KEY, 8 ALL, 10 to 12 AUTO. */
static void take_style(struct reading *reading, size_t row)
{
    struct rs_table_definition *definition =
        rs_table_definitions_find(reading->out, rs_result_text(reading->result, row, 0));
    int64_t style = number_of(reading, row, 1);
    if (definition) {
        definition->dist_style = style == 0   ? RS_STR("EVEN")
                                 : style == 1 ? RS_STR("KEY")
                                 : style == 8 ? RS_STR("ALL")
                                              : RS_STR("AUTO");
    }
}

/* The encoding that a column gets when nobody names one. */
static const char *usual_encoding(const struct rs_table_definition_column *column)
{
    struct rs_str type = column->type;
    if (column->sort_key != 0 || rs_str_equal(type, RS_STR("boolean")) ||
        rs_str_equal(type, RS_STR("real")) || rs_str_equal(type, RS_STR("double precision"))) {
        return "none";
    }
    if (rs_str_equal(type, RS_STR("super"))) {
        return "zstd";
    }
    bool text = rs_str_starts(type, RS_STR("character")) || rs_str_starts(type, RS_STR("varbyte"));
    return text ? "lzo" : "az64";
}

/* What is to be thought of a table before svv_table_info has spoken of it. */
static void guess(struct rs_table_definition *definition)
{
    bool sorted = false;
    definition->encode_auto = true;
    for (size_t i = 0; i < definition->column_count; i++) {
        const struct rs_table_definition_column *column = &definition->columns[i];
        sorted = sorted || column->sort_key != 0;
        definition->encode_auto =
            definition->encode_auto &&
            rs_str_equal(column->encoding, rs_str_from(usual_encoding(column)));
    }
    definition->sort_auto = !sorted;
}

static bool holds(struct rs_str text, const char *word)
{
    struct rs_str wanted = rs_str_from(word);
    for (size_t i = 0; i + wanted.length <= text.length; i++) {
        if (memcmp(text.data + i, wanted.data, wanted.length) == 0) {
            return true;
        }
    }
    return false;
}

static void take_info(struct reading *reading, size_t row)
{
    struct rs_table_definition *definition =
        rs_table_definitions_find(reading->out, rs_result_text(reading->result, row, 0));
    if (definition) {
        definition->encode_auto = holds(rs_result_text(reading->result, row, 1), "AUTO(ENCODE)");
        definition->sort_auto = holds(rs_result_text(reading->result, row, 3), "AUTO(SORTKEY");
        if (holds(rs_result_text(reading->result, row, 2), "AUTO(")) {
            definition->dist_style = RS_STR("AUTO");
        }
    }
}

typedef void take_row(struct reading *reading, size_t row);

static bool read_rows(struct reading *reading, const char *sql, take_row *take,
                      struct rs_error *err)
{
    struct rs_result *result =
        rs_session_query_params(reading->session, sql, &reading->out->schema, 1, err);
    if (!result) {
        return false;
    }
    reading->result = result;
    for (size_t row = 0; row < rs_result_rows(result); row++) {
        take(reading, row);
    }
    rs_result_free(result);
    return true;
}

/* The same for what a user may be refused. */
static bool read_if_allowed(struct reading *reading, const char *sql, take_row *take,
                            struct rs_error *err)
{
    struct rs_error refusal = {0};
    if (read_rows(reading, sql, take, &refusal) || refusal.code == RS_E_DATABASE) {
        return true;
    }
    *err = refusal;
    return false;
}

static void take_table(struct reading *reading, size_t row)
{
    if (!rs_table_definitions_find(reading->out, rs_result_text(reading->result, row, 0))) {
        reading->hidden = copy_of(reading, row, 0);
    }
}

/* A table that this user may not see would be left out without a word. */
static bool check_hidden(const struct reading *reading, struct rs_error *err)
{
    if (reading->hidden.length == 0) {
        return true;
    }
    rs_error_set(err, RS_E_DATABASE, "table \"%.*s\" is hidden from this user",
                 RS_STR_ARG(reading->hidden));
    return rs_error_hint(err,
                         "GRANT USAGE ON the SCHEMA and SELECT ON ALL TABLES IN it to the user");
}

static bool read_redshift(struct reading *reading, struct rs_error *err)
{
    struct rs_strbuf sql = RS_STRBUF_INIT(1024);
    rs_strbuf_append(&sql, "SET search_path TO ");
    rs_sql_ident(&sql, reading->out->schema);
    bool ok = rs_session_exec(reading->session, &sql, NULL, err) &&
              read_rows(reading, redshift_columns, take_column, err) &&
              read_rows(reading, table_query, take_table, err) && check_hidden(reading, err) &&
              read_rows(reading, default_query, take_default, err);
    for (size_t i = 0; i < reading->out->count && ok; i++) {
        guess(&reading->out->definitions[i]);
    }
    ok = ok && read_rows(reading, style_query, take_style, err) &&
         read_if_allowed(reading, info_query, take_info, err) &&
         read_if_allowed(reading, security_query, take_facts, err) &&
         read_if_allowed(reading, redshift_grants, take_grant, err);
    rs_strbuf_release(&sql);
    return ok;
}

static bool read_postgresql(struct reading *reading, struct rs_error *err)
{
    return read_rows(reading, postgresql_columns, take_column, err) &&
           read_rows(reading, postgresql_tables, take_facts, err) &&
           read_rows(reading, partition_query, take_partition, err) &&
           read_rows(reading, parent_query, take_parent, err) &&
           read_rows(reading, sequence_query, take_sequence, err) &&
           read_rows(reading, nextval_query, take_nextval, err) &&
           read_rows(reading, postgresql_grants, take_grant, err) &&
           read_rows(reading, index_query, take_index, err);
}

static bool read_own(struct reading *reading, struct rs_error *err)
{
    switch (reading->out->dialect) {
    case RS_DIALECT_POSTGRESQL:
        return read_postgresql(reading, err);
    case RS_DIALECT_REDSHIFT:
        return read_redshift(reading, err);
    }
    return false;
}

static void note_exists(struct reading *reading, size_t row)
{
    (void)row;
    reading->out->exists = true;
}

bool rs_table_definitions_read(struct rs_session *session, struct rs_str schema,
                               struct rs_table_definitions *out, struct rs_error *err)
{
    *out = (struct rs_table_definitions){.dialect = rs_session_dialect(session),
                                         .arena = RS_ARENA_INIT};
    out->schema = rs_arena_copy(&out->arena, schema);
    struct reading reading = {.session = session, .out = out};
    bool ok = read_rows(&reading, "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1",
                        note_exists, err);
    if (ok && out->exists) {
        ok = read_own(&reading, err) && read_rows(&reading, key_query, take_key, err) &&
             read_rows(&reading, view_query, take_view, err);
    }
    if (!ok) {
        rs_error_prefix(err, "could not read the catalog of schema \"%.*s\"", RS_STR_ARG(schema));
        rs_table_definitions_release(out);
    }
    return ok;
}
