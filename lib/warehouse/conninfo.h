/*
 * warehouse/conninfo.h - what people have of a database, as libpq takes it.
 *
 *   shop                                             a database's name, as psql has it
 *   host=db.example.com dbname=shop                  libpq's keywords
 *   tea.abc.eu-west-1.redshift.amazonaws.com:5439/dev      HOST[:PORT][/DATABASE], as the console
 *     -> postgresql://tea.abc....:5439/dev                 shows an endpoint
 *   redshift+psycopg2://ann:p%40w@db.example.com/dev
 *     -> postgresql://ann:p%40w@db.example.com/dev         redshift
 *   jdbc:redshift:iam://tea:eu-west-1/dev?DbUser=ann
 *     -> the same without a host                           redshift, iam, cluster tea, user ann
 *   Driver={Amazon Redshift (x64)};Server=db.example.com;Database=dev;UID=ann
 *     -> postgresql://?host=db.example.com&dbname=dev&user=ann
 *
 * Which is which: a text that begins with SCHEME:// is an address; one whose first mark is "=" is
 * words, with semicolons between them where it begins as ODBC's does. Of the rest an endpoint is
 * what has a port, a host of Redshift, an IPv6 address in brackets, user:password@, or a slash
 * behind a name with a dot; all else is a database's name. Schemes: postgresql, postgres, redshift,
 * each also with +DRIVER, jdbc:postgresql, jdbc:redshift, jdbc:redshift:iam; others are refused by
 * name.
 *
 * Parameters of drivers are translated (user, password, ssl, sslmode, ApplicationName, DbUser ...),
 * whatever their case. Of what stands in an address of JDBC or ODBC and is the driver's own alone,
 * the names are told; in other addresses libpq judges it.
 *
 * No message has a part of a password, also where a "@", "/" or "%" in it was not encoded, and so
 * the text would be split at the wrong place: such a text is refused as a whole.
 *
 * Limits:  1 MiB.   Pure: yes.
 * Owns:    out's texts until rs_conninfo_release, which wipes them.
 * Threads: reentrant.
 * Source:  PostgreSQL manual, "Connection Strings"; pgJDBC, "Connecting to the Database"; Amazon
 *          Redshift Management Guide, "Options for JDBC driver version 2.x configuration".
 */
#ifndef RS_WAREHOUSE_CONNINFO_H
#define RS_WAREHOUSE_CONNINFO_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/strbuf.h"

enum rs_conninfo_form {
    RS_CONNINFO_NAME,     /* text is a database's name; "" where nothing is said */
    RS_CONNINFO_KEYWORDS, /* libpq's, as they were given */
    RS_CONNINFO_URI,      /* postgresql://... */
};

enum { RS_CONNINFO_MAX = 1 << 20 };

struct rs_conninfo {
    enum rs_conninfo_form form;
    struct rs_strbuf text;
    bool has_parameters; /* of a URI: "?" stands in it */
    bool redshift;       /* the address says so; else the host's name may */
    bool iam;            /* log in by IAM, and as far as these are said (NULL: not): */
    char *cluster;
    char *workgroup;
    char *db_user;
    char *region;
    char *profile;
    struct rs_strbuf left_out; /* names of parameters, with ", " between; "" mostly */
};

/*
 * out  to be released in any case
 * err  RS_E_USAGE: the text is none of these, or cannot be split for sure; RS_E_LIMIT
 */
RS_MUST_USE bool rs_conninfo_read(const char *given, struct rs_conninfo *out, struct rs_error *err);

void rs_conninfo_release(struct rs_conninfo *conninfo);

#endif
