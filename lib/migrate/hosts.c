/* Both hosts are opened the same way, each by its own options. */
#include "migrate/hosts.h"

#include <string.h>

#include "base/map.h"
#include "ledger/ledger_tables.h"
#include "rs/name.h"
#include "warehouse/table_definition_read.h"

enum { SCHEMA_MAX = 64 << 10, ADDRESS_MAX = 4096 };

static struct rs_session *open_host(struct rs_connect *connect, const char *name, const char *which,
                                    struct rs_strbuf *schema, struct rs_error *err)
{
    struct rs_session *session = rs_connect_open(connect, err);
    if (!session) {
        rs_error_prefix(err, "the %s host", which);
        return NULL;
    }
    rs_name_schema(rs_str_from(name), rs_session_facts(session)->name_max_bytes, schema);
    return session;
}

static bool same(const char *left, const char *right)
{
    return strcmp(left ? left : "", right ? right : "") == 0;
}

/* The two databases are one, and so is the schema: what is copied would come back to itself. */
static bool are_one(const struct rs_hosts *hosts)
{
    struct rs_endpoint from = {0};
    struct rs_endpoint to = {0};
    rs_connect_place(hosts->from, &from);
    rs_connect_place(hosts->to, &to);
    bool one = same(from.host, to.host) && same(from.port, to.port) &&
               same(from.dbname, to.dbname) &&
               rs_str_equal(rs_strbuf_str(&hosts->from_schema), rs_strbuf_str(&hosts->to_schema));
    rs_endpoint_release(&from);
    rs_endpoint_release(&to);
    return one;
}

bool rs_hosts_open(const struct rs_env *env, const struct rs_hosts_options *options,
                   struct rs_hosts *out, struct rs_error *err)
{
    const char *to_schema = options->to_schema ? options->to_schema : options->schema;
    *out = (struct rs_hosts){.env = env,
                             .from = rs_connect_new(env, &options->from),
                             .to = rs_connect_new(env, &options->to),
                             .from_schema = RS_STRBUF_INIT(SCHEMA_MAX),
                             .to_schema = RS_STRBUF_INIT(SCHEMA_MAX)};
    out->from_session = open_host(out->from, options->schema, "old", &out->from_schema, err);
    out->to_session =
        out->from_session ? open_host(out->to, to_schema, "new", &out->to_schema, err) : NULL;
    bool ok = out->to_session != NULL;
    if (ok && are_one(out)) {
        ok = rs_error_set(err, RS_E_USAGE, "--from and --to lead to the same schema");
    }
    if (!ok) {
        rs_hosts_close(out);
    }
    return ok;
}

void rs_hosts_close(struct rs_hosts *hosts)
{
    rs_session_close(hosts->from_session);
    rs_session_close(hosts->to_session);
    rs_connect_free(hosts->from);
    rs_connect_free(hosts->to);
    rs_strbuf_release(&hosts->from_schema);
    rs_strbuf_release(&hosts->to_schema);
    *hosts = (struct rs_hosts){.env = hosts->env};
}

struct rs_table_definition_place rs_hosts_place(const struct rs_hosts *hosts)
{
    return (struct rs_table_definition_place){.from = rs_session_dialect(hosts->from_session),
                                              .to = rs_session_dialect(hosts->to_session),
                                              .schema = rs_strbuf_str(&hosts->to_schema)};
}

bool rs_hosts_read_tables(const struct rs_hosts *hosts, const char *verb,
                          struct rs_table_definitions *old, struct rs_table_definitions *new,
                          struct rs_error *err)
{
    struct rs_str from = rs_strbuf_str(&hosts->from_schema);
    return rs_table_definitions_read(hosts->from_session, from, old, err) &&
           rs_table_definitions_read(hosts->to_session, rs_strbuf_str(&hosts->to_schema), new,
                                     err) &&
           (old->exists ||
            rs_error_set(err, RS_E_DATABASE, "could not %s: the old host has no schema \"%s\"",
                         verb, rs_strbuf_cstr(&hosts->from_schema)));
}

void rs_hosts_append_folder(const struct rs_hosts *hosts, struct rs_strbuf *out)
{
    struct rs_endpoint to = {0};
    struct rs_strbuf address = RS_STRBUF_INIT(ADDRESS_MAX);
    rs_connect_place(hosts->to, &to);
    rs_strbuf_printf(&address, "%s:%s/%s/%s", to.host ? to.host : "", to.port ? to.port : "",
                     to.dbname ? to.dbname : "", rs_strbuf_cstr(&hosts->to_schema));
    rs_strbuf_printf(out, "%016llx", (unsigned long long)rs_hash64(rs_strbuf_str(&address), 0));
    rs_strbuf_release(&address);
    rs_endpoint_release(&to);
}

bool rs_hosts_is_listed(const char *list, struct rs_str table)
{
    struct rs_str rest = rs_str_from(list);
    if (rest.length == 0) {
        return true;
    }
    while (rest.length > 0) {
        size_t end = rs_str_find_byte(rest, ',');
        end = end == SIZE_MAX ? rest.length : end;
        if (rs_str_equal(rs_str_trim(rs_str_slice(rest, 0, end)), table)) {
            return true;
        }
        rest = rs_str_slice(rest, end + 1, rest.length);
    }
    return false;
}

bool rs_hosts_check_list(const char *option, const char *list,
                         const struct rs_table_definitions *old, struct rs_error *err)
{
    struct rs_str rest = rs_str_from(list);
    while (rest.length > 0) {
        size_t end = rs_str_find_byte(rest, ',');
        end = end == SIZE_MAX ? rest.length : end;
        struct rs_str name = rs_str_trim(rs_str_slice(rest, 0, end));
        if (!rs_table_definitions_find(old, name) || rs_ledger_is_table(name)) {
            return rs_error_set(err, RS_E_USAGE,
                                "option \"%s\": schema \"%.*s\" has no table \"%.*s\"%s", option,
                                RS_STR_ARG(old->schema), RS_STR_ARG(name),
                                rs_ledger_is_table(name) ? " but that of our own" : "");
        }
        rest = rs_str_slice(rest, end + 1, rest.length);
    }
    return true;
}
