/*
 * A map from table to its rule, and in it a map from column to yes or no. Values in the maps are
 * small structs, so that a name can also remember that the run had it: what nobody had is a
 * misspelling that the run can point out.
 */
#include "transform/filter.h"

#include "base/map.h"
#include "base/mem.h"
#include "codec/json_doc.h"

struct rule {
    bool allowed;
    bool used;
    bool columns_default;
    struct rs_map *columns; /* name -> struct rule; NULL when there are none */
};

struct rs_filter {
    bool tables_default;
    struct rs_map *tables; /* name -> struct rule */
};

static bool is_star(const char *name)
{
    return name[0] == '*' && name[1] == '\0';
}

static bool is_kept_always(struct rs_str name)
{
    return rs_str_equal(name, RS_STR("received_at")) || rs_str_equal(name, RS_STR("id"));
}

static void free_rule(struct rule *rule)
{
    for (size_t i = 0; rule->columns && i < rs_map_count(rule->columns); i++) {
        rs_mem_free(rs_map_at(rule->columns, i, NULL));
    }
    rs_map_free(rule->columns);
    rs_mem_free(rule);
}

void rs_filter_free(struct rs_filter *filter)
{
    if (!filter) {
        return;
    }
    for (size_t i = 0; i < rs_map_count(filter->tables); i++) {
        free_rule(rs_map_at(filter->tables, i, NULL));
    }
    rs_map_free(filter->tables);
    rs_mem_free(filter);
}

static bool read_column(struct rule *rule, const struct rs_json_node *node, const char *table,
                        const char *file, struct rs_error *err)
{
    bool allowed = false;
    const char *name = rs_json_node_name(node);
    if (!rs_json_node_bool(node, &allowed)) {
        return rs_error_set(err, RS_E_CONFIG,
                            "could not use \"%s\": property \"%s\" of \"%s\" is not true or false",
                            file, name, table);
    }
    if (is_star(name)) {
        rule->columns_default = allowed;
        return true;
    }
    if (!allowed && is_kept_always(rs_str_from(name))) {
        (void)rs_error_set(err, RS_E_CONFIG,
                           "could not use \"%s\": \"%s\" of \"%s\" cannot be left out", file, name,
                           table);
        return rs_error_hint(err, "duplicates and the order of rows are found by it");
    }
    struct rule *column = rs_mem_zalloc(1, sizeof *column);
    column->allowed = allowed;
    *rs_map_put(rule->columns, rs_str_from(name)) = column;
    return true;
}

static bool read_columns(struct rule *rule, const struct rs_json_node *node, const char *file,
                         struct rs_error *err)
{
    const char *table = rs_json_node_name(node);
    const struct rs_json_node *member = rs_json_node_first(node);
    for (; member; member = rs_json_node_next(member)) {
        const char *name = rs_json_node_name(member);
        if (!rs_str_equal(rs_str_from(name), RS_STR("properties")) ||
            rs_json_node_kind(member) != RS_JSON_OBJECT) {
            (void)rs_error_set(
                err, RS_E_CONFIG,
                "could not use \"%s\": \"%s\" of collection \"%s\" is not understood", file, name,
                table);
            return rs_error_hint(err, "a collection is true, false or {\"properties\": {...}}");
        }
        const struct rs_json_node *column = rs_json_node_first(member);
        for (; column; column = rs_json_node_next(column)) {
            if (!read_column(rule, column, table, file, err)) {
                return false;
            }
        }
    }
    return true;
}

static bool read_table(struct rs_filter *filter, const struct rs_json_node *node, const char *file,
                       struct rs_error *err)
{
    const char *name = rs_json_node_name(node);
    bool allowed = true;
    bool is_bool = rs_json_node_bool(node, &allowed);
    if (!is_bool && (rs_json_node_kind(node) != RS_JSON_OBJECT || is_star(name))) {
        (void)rs_error_set(err, RS_E_CONFIG, "could not use \"%s\": collection \"%s\" is a %s",
                           file, name, rs_json_node_kind_name(node));
        return rs_error_hint(err, "%s",
                             is_star(name) ? "\"*\" is true or false"
                                           : "a collection is true, false or "
                                             "{\"properties\": {...}}");
    }
    if (is_star(name)) {
        filter->tables_default = allowed;
        return true;
    }
    struct rule *rule = rs_mem_zalloc(1, sizeof *rule);
    rule->allowed = allowed;
    rule->columns_default = true;
    rule->columns = rs_map_new(0);
    *rs_map_put(filter->tables, rs_str_from(name)) = rule;
    return is_bool || read_columns(rule, node, file, err);
}

static bool read_filter(struct rs_filter *filter, const struct rs_json_node *root, const char *file,
                        struct rs_error *err)
{
    const struct rs_json_node *collections = rs_json_node_find(root, "collections");
    if (rs_json_node_kind(collections) != RS_JSON_OBJECT) {
        (void)rs_error_set(err, RS_E_CONFIG, "could not use \"%s\": it has no \"collections\"",
                           file);
        return rs_error_hint(err, "see rs-config(5): {\"collections\": {\"*\": true, ...}}");
    }
    for (const struct rs_json_node *i = rs_json_node_first(root); i; i = rs_json_node_next(i)) {
        if (i != collections) {
            (void)rs_error_set(err, RS_E_CONFIG, "could not use \"%s\": unknown key \"%s\"", file,
                               rs_json_node_name(i));
            return rs_error_hint(err, "the only key is \"collections\"");
        }
    }
    const struct rs_json_node *table = rs_json_node_first(collections);
    for (; table; table = rs_json_node_next(table)) {
        if (!read_table(filter, table, file, err)) {
            return false;
        }
    }
    return true;
}

struct rs_filter *rs_filter_parse(struct rs_str text, const char *name, struct rs_error *err)
{
    struct rs_json_doc *doc = rs_json_doc_parse(text, name, err);
    if (!doc) {
        return NULL;
    }
    struct rs_filter *filter = rs_mem_zalloc(1, sizeof *filter);
    filter->tables_default = true;
    filter->tables = rs_map_new(0);
    if (!read_filter(filter, rs_json_doc_root(doc), name, err)) {
        rs_filter_free(filter);
        filter = NULL;
    }
    rs_json_doc_free(doc);
    return filter;
}

bool rs_filter_allows_table(const struct rs_filter *filter, struct rs_str table)
{
    if (!filter) {
        return true;
    }
    const struct rule *rule = rs_map_find(filter->tables, table);
    return rule ? rule->allowed : filter->tables_default;
}

bool rs_filter_allows_column(const struct rs_filter *filter, struct rs_str table,
                             struct rs_str column)
{
    const struct rule *rule = filter ? rs_map_find(filter->tables, table) : NULL;
    if (!rule || !rule->columns || is_kept_always(column)) {
        return true;
    }
    const struct rule *own = rs_map_find(rule->columns, column);
    return own ? own->allowed : rule->columns_default;
}

void rs_filter_note_table(struct rs_filter *filter, struct rs_str table)
{
    struct rule *rule = rs_map_find(filter->tables, table);
    if (rule) {
        rule->used = true;
    }
}

void rs_filter_note_column(struct rs_filter *filter, struct rs_str table, struct rs_str column)
{
    struct rule *rule = rs_map_find(filter->tables, table);
    struct rule *own = rule ? rs_map_find(rule->columns, column) : NULL;
    if (own) {
        own->used = true;
    }
}

bool rs_filter_unused(const struct rs_filter *filter, size_t i, struct rs_strbuf *out)
{
    for (size_t t = 0; t < rs_map_count(filter->tables); t++) {
        struct rs_str table = {0};
        const struct rule *rule = rs_map_at(filter->tables, t, &table);
        if (!rule->used && i-- == 0) {
            rs_strbuf_append_str(out, table);
            return true;
        }
        for (size_t c = 0; rule->used && c < rs_map_count(rule->columns); c++) {
            struct rs_str column = {0};
            const struct rule *own = rs_map_at(rule->columns, c, &column);
            if (!own->used && i-- == 0) {
                rs_strbuf_append_str(out, table);
                rs_strbuf_append_char(out, '.');
                rs_strbuf_append_str(out, column);
                return true;
            }
        }
    }
    return false;
}
