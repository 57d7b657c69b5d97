/* Which facts are whose: the first place that the compiler names when a server is added. */
#include "warehouse/dialect.h"

#include <string.h>

const struct rs_dialect_facts *rs_dialect_facts(enum rs_dialect dialect)
{
    switch (dialect) {
    case RS_DIALECT_POSTGRESQL:
        return &rs_dialect_postgresql;
    case RS_DIALECT_REDSHIFT:
        return &rs_dialect_redshift;
    }
    return NULL;
}

enum rs_dialect rs_dialect_of_version(const char *version)
{
    /* "PostgreSQL 8.0.2 on i686-pc-linux-gnu, ..., Redshift 1.0.54052" */
    return strstr(version, "Redshift") ? RS_DIALECT_REDSHIFT : RS_DIALECT_POSTGRESQL;
}

void rs_dialect_fold(enum rs_dialect dialect, char *name)
{
    for (char *c = name; rs_dialect_facts(dialect)->folds_names && *c; c++) {
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c + ('a' - 'A')) : *c;
    }
}
