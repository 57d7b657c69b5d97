/*
 * warehouse/dialect.h - the servers we speak to, and what is true of each.
 *
 *   rs_dialect_facts(RS_DIALECT_REDSHIFT)->name_max_bytes           127
 *   if (rs_dialect_facts(plan->dialect)->has_indexes) ...           asked by what matters, not who
 *   switch (dialect) { case RS_DIALECT_POSTGRESQL: ... }            where whole texts differ
 *
 * Nobody compares dialects with a name of one, and no such switch has a default: when a server is
 * added to the enum, the compiler lists what has to be written for it, first of all its facts.
 *
 * Pure:    yes.   Threads: reentrant; the facts are constants.
 */
#ifndef RS_WAREHOUSE_DIALECT_H
#define RS_WAREHOUSE_DIALECT_H

#include <stdbool.h>
#include <stddef.h>

#include "rs/ddl.h"
#include "rs/str.h"

/* Each is said for each server, in warehouse/dialect_<server>.c (tests/lint/dialects). */
struct rs_dialect_facts {
    const char *name;   /* "PostgreSQL" */
    const char *engine; /* "postgres": what AWS's secrets call it */

    /* names, literals and types */
    size_t name_max_bytes; /* the longest name that is kept whole; RS_NAME_MAX is the most of any */
    bool folds_names;      /* A to Z are written small in names, quoted ones too */
    const char *doubled_in_literals; /* each byte that stands twice in a string literal */
    const char *text_type;           /* what CAST makes a text of any length with */
    bool has_super;                  /* SUPER, any JSON value */
    bool has_infinity;       /* timestamps and dates of infinity, which to_char cannot say */
    bool has_open_numeric;   /* numeric without a precision */
    bool prints_short_reals; /* with at most 8 digits, of the 9 that tell them apart */
    bool has_encodings;      /* a database may have another than UTF-8 */
    bool ignores_end_blanks; /* 'bob' = 'bob ' */

    /* a session */
    const char *session_settings; /* UTC, ISO dates, the usual meaning of texts */
    const char *own_settings;     /* no time limits; where the connection is ours alone */
    const char *local_settings;   /* ... where it is not: of one transaction, at its beginning */
    const char *all_digits;       /* sets that floats are printed with all that tells them apart */
    const char *begin_reading;    /* begins a transaction that sees one state, and every row */
    const char *horizon; /* asks for the oldest open transaction and for the server; NULL: cannot */
    bool has_query_groups;    /* queues, and SET query_group for a place in one */
    bool has_poolers;         /* that lend a process of the server for a transaction */
    bool has_slices;          /* STV_SLICES, unless it is Serverless */
    bool has_foreign_targets; /* databases and schemas that show what is kept elsewhere */
    int fetch_max_rows;       /* of one FETCH; 0: any number */

    /* tables */
    bool has_layout;            /* DISTKEY, SORTKEY, ENCODE */
    bool has_indexes;           /* where not, there is nothing to look rows up by */
    bool alters_at_once;        /* an ALTER TABLE takes several changes */
    bool has_add_if_not_exists; /* ADD COLUMN IF NOT EXISTS */
    bool keeps_dropped;         /* a dropped column counts as one of the most that a table has */
    bool has_generated;         /* columns that are GENERATED ALWAYS, and refuse values */
    bool has_drop_on_commit;    /* temporary tables that go by themselves */
    bool has_sequences;         /* an identity goes on from where its sequence stands */
    bool has_inheritance;       /* a table named without ONLY has rows of others too */
    bool needs_analyze;         /* nothing is known of a temporary table before ANALYZE */
    bool limits_tables;         /* a cluster has so many at most (warehouse/capacity.h) */

    /* a batch load */
    bool loads_from_s3;    /* rows come and go as files in S3, not over the connection */
    size_t row_max_bytes;  /* of a COPY; 0: none */
    size_t join_max_bytes; /* of a row of an intermediate result, by its types; 0: none */
    bool has_copy_freeze;  /* COPY ... FREEZE, which only takes a table of the same transaction */

    /* transactions and locks */
    bool has_advisory_locks; /* where not, a table (rs_lock, rs_loads) is locked for the schema */
    bool locks_first;        /* LOCK has to be a transaction's first statement, for all tables */
    bool has_lock_timeout;   /* SET lock_timeout; where not, LOCK has a statement's time limit */
    const char *lock_mode;   /* keeps other writers out, and readers only where it must */
    bool widens_alone;       /* a varchar grows outside of transactions alone */
    bool refuses_conflicts;  /* serializable: a transaction may fail for another's sake */

    /* users */
    const char *user;           /* CREATE, ALTER, DROP, FOR what: "ROLE" */
    const char *group;          /* CREATE what */
    bool has_login_attribute;   /* LOGIN, NOLOGIN; where not, a connection limit of 0 keeps out */
    bool tells_grantee_kind;    /* GRANT ... TO GROUP "g" */
    bool has_connect_privilege; /* on a database */
    bool has_session_timeout;   /* ALTER USER ... SESSION TIMEOUT; else idle_session_timeout */
    bool has_strict_passwords;  /* with upper and lower case and a digit, without some bytes */
};

extern const struct rs_dialect_facts rs_dialect_postgresql;
extern const struct rs_dialect_facts rs_dialect_redshift;

const struct rs_dialect_facts *rs_dialect_facts(enum rs_dialect dialect);

/* Who answers, by what version() says. */
enum rs_dialect rs_dialect_of_version(const char *version);

/* Write a name as the server would keep it, in place. */
void rs_dialect_fold(enum rs_dialect dialect, char *name);

/* A host's name is one that AWS gives to clusters of Redshift, or to Redshift Serverless. */
bool rs_redshift_is_cluster_host(struct rs_str host);
bool rs_redshift_is_serverless_host(struct rs_str host);

#endif
