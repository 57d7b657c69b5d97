/* What is read of an archive, and what a part of its events is. */
#include "backfill_archive.h"

#include "transform/interval_filter.h"

void rs_backfill_archive_add_source(struct rs_backfill_archive *archive,
                                    struct rs_sync_options *sync, const char *dbname_help,
                                    struct rs_option *table, size_t *count)
{
    const struct rs_option rows[] = {
        RS_OPT_STRING('d', "dbname", &sync->dbname, "CONNINFO", dbname_help),
        RS_OPT_STRING('n', "schema", &sync->schema, "NAME",
                      "the source: the schema that holds its tables"),
        RS_OPT_STRING(0, "from", &archive->from, "TIME", NULL),
        RS_OPT_STRING(0, "to", &archive->to, "TIME", "received from the one on, before the other"),
    };
    rs_options_append(table, count, rows, RS_COUNTOF(rows));
}

void rs_backfill_archive_add_part(struct rs_backfill_archive *archive, struct rs_option *table,
                                  size_t *count)
{
    static const char *const calls[] = {"identify", "track", "page", "screen",
                                        "group",    "alias", NULL};
    const struct rs_option rows[] = {
        {.name = "types",
         .kind = RS_OPTION_STRING,
         .to.string = &archive->types,
         .operand = "LIST",
         .help = "only these calls: track,identify,...",
         .names = calls},
        RS_OPT_LIST(0, "events", &archive->events, "NAME",
                    "of track calls, only this event; again"),
    };
    rs_options_append(table, count, rows, RS_COUNTOF(rows));
}

bool rs_backfill_archive_check_part(const struct rs_backfill_archive *archive, unsigned *calls,
                                    struct rs_error *err)
{
    if (archive->types && !rs_interval_filter_add_calls(rs_str_from(archive->types), calls, err)) {
        rs_error_prefix(err, "option \"--types\"");
        return false;
    }
    for (size_t i = 0; i < archive->events.count; i++) {
        if (archive->events.items[i][0] == '\0') {
            (void)rs_error_set(err, RS_E_USAGE, "option \"--events\": an event has no name");
            return rs_error_hint(err, "write it as in the source: --events='Order Completed'");
        }
    }
    if (archive->events.count > 0 && !archive->types) {
        *calls = 1U << RS_CALL_TRACK;
    }
    if (archive->events.count > 0 && (*calls & 1U << RS_CALL_TRACK) == 0) {
        (void)rs_error_set(err, RS_E_USAGE,
                           "--events names events of track calls, and --types "
                           "leaves those out");
        return rs_error_hint(err, "add track to --types, or leave --events out");
    }
    return true;
}
