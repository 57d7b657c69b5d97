/*
 * Two tables, the first row that fits wins: particular ones stand above general ones. Redshift
 * gives most of its own errors the SQLSTATE XX000, so these go by words; so do connections, for
 * which libpq has no SQLSTATE. A server that speaks another language loses a hint, never a message.
 */
#include "warehouse/server_errors.h"

#include <string.h>

#define CONNINFO_HINT                                                                              \
    "write it as \"host=db.example.com dbname=shop user=ann\" or "                                 \
    "postgresql://ann@db.example.com/shop, and quote a value with blanks"
#define NO_ANSWER_HINT                                                                             \
    "no answer: check host and port, and that no firewall or security group is in the way; "       \
    "what only a bastion reaches is reached with --ssh"
#define CONFLICT_HINT "another transaction was in the way: run it again"
#define ASSUME_HINT                                                                                \
    "attach the role to the cluster, and let its trust policy name redshift.amazonaws.com "        \
    "(for Serverless also redshift-serverless.amazonaws.com)"

static const struct rs_server_error connect_errors[] = {
    /* The connection string is wrong, and libpq quotes it. */
    {NULL, "connection info string", NULL, RS_E_USAGE, false, CONNINFO_HINT},
    {NULL, "invalid connection option", NULL, RS_E_USAGE, false, CONNINFO_HINT},
    {NULL, "invalid URI", NULL, RS_E_USAGE, false, CONNINFO_HINT},
    {NULL, " in URI", NULL, RS_E_USAGE, false, CONNINFO_HINT},
    {NULL, "key/value separator", NULL, RS_E_USAGE, false, CONNINFO_HINT},
    {NULL, "percent-encoded", NULL, RS_E_USAGE, false, CONNINFO_HINT},
    {NULL, "could not translate host name", ":5439", RS_E_NET, false,
     "take the port and the database off the endpoint: host=NAME port=5439 dbname=dev"},
    {NULL, "could not translate host name", NULL, RS_E_NET, false,
     "check the host's name, and that this machine can resolve it"},
    {NULL, "Connection refused", NULL, RS_E_NET, false,
     "check host and port, and that the server runs and listens there"},
    {NULL, "timeout expired", NULL, RS_E_NET, false, NO_ANSWER_HINT},
    {NULL, "timed out", NULL, RS_E_NET, false, NO_ANSWER_HINT},
    {NULL, "Network is unreachable", NULL, RS_E_NET, false,
     "check the network, the VPN and the host's name"},
    {NULL, "No route to host", NULL, RS_E_NET, false,
     "check the network, the VPN and the host's name"},
    {NULL, "password authentication failed", "user \"IAM", RS_E_NET, false,
     "temporary credentials hold for one cluster and a short time: fetch new ones (--iam)"},
    {NULL, "password authentication failed", NULL, RS_E_NET, false,
     "check the user's name and password (PGPASSWORD or ~/.pgpass)"},
    {NULL, "authentication method 13", NULL, RS_E_NET, false,
     "the user's password is kept as SHA-256, by which only AWS's drivers can log in: set it with "
     "ALTER USER name PASSWORD 'md5...', or log in with --iam"},
    {NULL, "authentication method 14", NULL, RS_E_NET, false,
     "the user logs in through an identity provider: take one with a password, or --iam"},
    {NULL, "no password supplied", NULL, RS_E_NET, false,
     "give the password with PGPASSWORD or in ~/.pgpass"},
    {NULL, "Peer authentication failed", NULL, RS_E_NET, false,
     "run as the system user of that name, or connect by host=localhost with a password"},
    {NULL, "no pg_hba.conf entry", "SSL off", RS_E_NET, false,
     "the cluster takes TLS only (require_ssl): connect with sslmode=verify-full"},
    {NULL, "no pg_hba.conf entry", NULL, RS_E_NET, false,
     "the server does not let this user in from here; TLS may be missing (sslmode=require)"},
    {NULL, "server does not support SSL", NULL, RS_E_NET, false,
     "the server offers no TLS: turn it on there, or connect with another sslmode; "
     "for PostgreSQL write postgresql:// and not redshift://"},
    {NULL, "invalid response to SSL negotiation", NULL, RS_E_NET, false,
     "what listens there is neither PostgreSQL nor Redshift: check the port"},
    {NULL, "root certificate file", NULL, RS_E_NET, false,
     "name the CA's certificate with sslrootcert=FILE"},
    {NULL, "certificate verify failed", NULL, RS_E_NET, false,
     "name the CA that signed the server's certificate with sslrootcert=FILE"},
    {NULL, "does not match host name", NULL, RS_E_NET, false,
     "connect by the name that stands in the server's certificate; through a port of your own "
     "with host=NAME hostaddr=127.0.0.1"},
    {NULL, "unrecognized configuration parameter", NULL, RS_E_NET, false,
     "unset PGOPTIONS, PGTZ, PGDATESTYLE and PGGEQO; write redshift://... where the server is "
     "Redshift, so that only what it knows is sent"},
    {NULL, "permission denied to set parameter", NULL, RS_E_NET, false,
     "unset PGOPTIONS; write redshift://... where the server is Redshift"},
    {NULL, "unsupported startup parameter", NULL, RS_E_NET, false,
     "unset PGOPTIONS: what stands between here and the server does not take it"},
    {NULL, "too many connections for", NULL, RS_E_NET, true,
     "the user has as many sessions as it may (CONNECTION LIMIT): end some, or try again later"},
    {NULL, "connection limit exceeded", NULL, RS_E_NET, true, "the server is full: try later"},
    {NULL, "remaining connection slots", NULL, RS_E_NET, true,
     "the server is full: try again later"},
    {NULL, "too many", NULL, RS_E_NET, true, "the server is full: try again later"},
    {NULL, "is starting up", NULL, RS_E_NET, true, "the server is starting: try again in a moment"},
    {NULL, "not yet accepting connections", NULL, RS_E_NET, true,
     "the server is starting: try again in a moment"},
    {NULL, "is shutting down", NULL, RS_E_NET, true, "the server is stopping: try again later"},
    {NULL, "in recovery mode", NULL, RS_E_NET, true, "the server is recovering: try again later"},
    {NULL, "permission denied for database", NULL, RS_E_NET, false,
     "grant the user CONNECT on the database"},
    {NULL, "No such file or directory", NULL, RS_E_NET, false,
     "no server runs on this machine's socket: start it, or name another with host=NAME"},
    {NULL, "definition of service", NULL, RS_E_USAGE, false,
     "check the service's name and the files ~/.pg_service.conf and PGSERVICEFILE"},
    {NULL, "service file", NULL, RS_E_USAGE, false, "check the file that PGSERVICEFILE names"},
    {NULL, "invalid port number", NULL, RS_E_USAGE, false, "a port is a number from 1 to 65535"},
    {NULL, "invalid integer value", NULL, RS_E_USAGE, false, CONNINFO_HINT},
    {NULL, "invalid sslmode value", NULL, RS_E_USAGE, false,
     "sslmode is one of disable, allow, prefer, require, verify-ca, verify-full"},
    {NULL, "role \"", NULL, RS_E_NET, false, "check the user's name (user=NAME or PGUSER)"},
    {NULL, "database \"", "port 5439", RS_E_NET, false,
     "check the database's name (dbname=NAME or PGDATABASE); a new cluster has \"dev\""},
    {NULL, "database \"", NULL, RS_E_NET, false,
     "check the database's name (dbname=NAME or PGDATABASE), or create it with createdb"},
};

static const struct rs_server_error statement_errors[] = {
    /* Redshift: transactions that meet. The message of the first is the number alone. */
    {NULL, "Serializable isolation violation", NULL, RS_E_DATABASE, true, CONFLICT_HINT},
    {"XX000", "[1023]", NULL, RS_E_DATABASE, true, CONFLICT_HINT},
    {"XX000", "[1018]", NULL, RS_E_DATABASE, true,
     "the table was made after this transaction began: run it again"},
    {NULL, "conflict with concurrent transaction", NULL, RS_E_DATABASE, true, CONFLICT_HINT},
    {NULL, "in resize mode", NULL, RS_E_DATABASE, true,
     "the cluster is being resized and takes no writes: run it again when that is done"},
    {NULL, "Maximum tables limit exceeded", NULL, RS_E_DATABASE, false,
     "the cluster has as many tables as it may: drop some, or select fewer (--select)"},
    {NULL, "Disk Full", NULL, RS_E_DATABASE, false,
     "the cluster's disks are full: drop or VACUUM tables, or resize the cluster"},

    /* Redshift: COPY and UNLOAD, and what S3 said to them. */
    {NULL, "kms:Decrypt", NULL, RS_E_DATABASE, false,
     "allow the role kms:Decrypt on the key that encrypts the bucket (and in the key's policy)"},
    {NULL, "S3ServiceException", "KMS.", RS_E_DATABASE, false,
     "the key that encrypts the bucket is disabled, gone or not the role's to use: allow the role "
     "kms:Decrypt on it"},
    {NULL, "not authorized to perform: s3:ListBucket", NULL, RS_E_DATABASE, false,
     "allow the role s3:ListBucket on the bucket itself"},
    {NULL, "not authorized to perform: s3:GetObject", NULL, RS_E_DATABASE, false,
     "allow the role s3:GetObject on the bucket's objects"},
    {NULL, "AccessDenied", "Listing bucket", RS_E_DATABASE, false,
     "allow the role s3:ListBucket on the bucket itself"},
    {NULL, "AccessDenied", "S3 key being read", RS_E_DATABASE, false,
     "allow the role s3:GetObject on the bucket's objects, and kms:Decrypt "
     "on the key where they are encrypted with one"},
    {NULL, "S3ServiceException", "Access Denied", RS_E_DATABASE, false,
     "allow the role s3:GetObject on the objects and s3:ListBucket on the bucket, and kms:Decrypt "
     "where they are encrypted with a key of KMS"},
    {NULL, "addressed using the specified endpoint", NULL, RS_E_DATABASE, false,
     "the bucket is in another region than the cluster: say in which (COPY's REGION)"},
    {NULL, "PermanentRedirect", NULL, RS_E_DATABASE, false,
     "the bucket is in another region than the cluster: say in which (COPY's REGION)"},
    {NULL, "NoSuchBucket", NULL, RS_E_DATABASE, false, "check the bucket's name"},
    {NULL, "NoSuchKey", NULL, RS_E_DATABASE, false,
     "somebody removed the object before it was loaded, perhaps a lifecycle rule: run it again"},
    {NULL, "SignatureDoesNotMatch", NULL, RS_E_DATABASE, false,
     "the secret key in COPY is not that of its access key: use a role (--iam-role)"},
    {NULL, "Access Key Id you provided does not exist", NULL, RS_E_DATABASE, false,
     "the access key in COPY is gone: use a role (--iam-role)"},
    {NULL, "ExpiredToken", NULL, RS_E_DATABASE, true,
     "temporary credentials in COPY ran out: use a role (--iam-role)"},
    {NULL, "S3ServiceException", "Status 503", RS_E_DATABASE, true,
     "S3 was asked too much at once: run it again"},
    {NULL, "S3ServiceException", "Status 500", RS_E_DATABASE, true, "S3 failed: run it again"},
    {NULL, "S3ServiceException", "RequestTimeout", RS_E_DATABASE, true, "S3 failed: run it again"},
    {NULL, "The specified S3 prefix", "does not exist", RS_E_DATABASE, false,
     "no object's name begins so: check bucket and prefix, and that the upload was made"},
    {NULL, "requires full path of an S3 object", NULL, RS_E_DATABASE, false,
     "an object that the manifest names is not there or not readable: allow the role s3:GetObject "
     "on all of them"},
    {NULL, "Problem reading manifest file", NULL, RS_E_DATABASE, false,
     "the manifest is not there, not readable or no JSON: allow the role s3:GetObject on it"},
    {NULL, "not authorized to assume IAM Role", NULL, RS_E_DATABASE, false, ASSUME_HINT},
    {NULL, "Not authorized to get credentials of role", NULL, RS_E_DATABASE, false, ASSUME_HINT},
    {NULL, "does not have ASSUMEROLE permission", NULL, RS_E_DATABASE, false,
     "have a superuser run: GRANT ASSUMEROLE ON 'ROLE-ARN' TO user FOR COPY"},
    {NULL, "efault IAM role", NULL, RS_E_DATABASE, false,
     "make one of the cluster's roles its default, or name a role (--iam-role=ARN)"},
    {NULL, "Invalid credentials. Must be of the format", NULL, RS_E_DATABASE, false,
     "COPY takes a role's ARN, or an access key and its secret"},
    {NULL, "S3CurlException", NULL, RS_E_DATABASE, false,
     "the cluster does not reach S3: with enhanced VPC routing its subnets need a gateway endpoint "
     "for S3, or a NAT"},
    {NULL, "LOAD source is not supported", NULL, RS_E_DATABASE, false,
     "Redshift takes rows from S3 only: name a folder there"},
    {NULL, "Spectrum Scan Error", NULL, RS_E_DATABASE, false,
     "the file does not fit the table, or cannot be read: its name stands in the message"},

    /* Redshift: rows. What does not fit is named by warehouse/load_errors.h. */
    {NULL, "Load into table", "failed", RS_E_DATABASE, false,
     "the rows that do not fit stand in sys_load_error_detail (STL_LOAD_ERRORS)"},
    {NULL, "Value too long for character type", NULL, RS_E_DATABASE, false,
     "a column is narrower than a value: widen it, or run again if it was changed meanwhile"},
    {NULL, "Numeric data overflow", NULL, RS_E_DATABASE, false,
     "a number does not fit its column: make the table anew, or leave the column out (--select)"},
    {NULL, "Cannot insert a NULL value", NULL, RS_E_DATABASE, false,
     "the column is NOT NULL and a row has no value for it: make it anew without NOT NULL"},

    /* Redshift: queues and time. */
    {NULL, "cancelled by WLM", NULL, RS_E_DATABASE, false,
     "a rule of the workload queue ended it: give the query group (--query-group) a queue with "
     "more time"},
    {NULL, "statement timeout", NULL, RS_E_DATABASE, false,
     "a time limit of the server ended it: raise it for this user"},

    /* Rights, in both. */
    {"55006", "owns some object", NULL, RS_E_DATABASE, false,
     "give what the user owns to another (ALTER ... OWNER TO), in each database; then drop it"},
    {"55006", "has a privilege on some object", NULL, RS_E_DATABASE, false,
     "revoke the privileges and default privileges, in each database; then drop it"},
    {"42501", "permission denied for schema", NULL, RS_E_DATABASE, false,
     "GRANT USAGE, CREATE ON SCHEMA to the user, or let it own the schema"},
    {"42501", "permission denied for database", NULL, RS_E_DATABASE, false,
     "GRANT CREATE ON DATABASE to the user: it makes the schema that its tables stand in"},
    {"42501", "temporary tables", NULL, RS_E_DATABASE, false,
     "GRANT TEMP ON DATABASE to the user: rows come through a temporary table"},
    {"42501", "permission denied for relation", NULL, RS_E_DATABASE, false,
     "the user must own the schema's tables: ALTER TABLE ... OWNER TO it, or GRANT ALL on them"},
    {"42501", "must be superuser", NULL, RS_E_DATABASE, false,
     "log in as a superuser: the administrator, or a user made with CREATEUSER"},
    {"42501", "must be owner", NULL, RS_E_DATABASE, false,
     "only an owner may change a table: ALTER TABLE ... OWNER TO the user"},

    /* By SQLSTATE. */
    {"22P05", NULL, NULL, RS_E_DATABASE, false,
     "the database's encoding does not have a character: only one of UTF8 has all of them"},
    {"23502", NULL, NULL, RS_E_DATABASE, false,
     "a column is NOT NULL, or in the PRIMARY KEY, and a row has no value for it: drop that, or "
     "set a "
     "default"},
    {"23505", NULL, NULL, RS_E_DATABASE, false,
     "the table has a PRIMARY KEY or a UNIQUE beside id, in which two rows are the same: drop it"},
    {"23503", NULL, NULL, RS_E_DATABASE, false,
     "a FOREIGN KEY that somebody put on the table refuses the rows: drop it, or load the other "
     "table first"},
    {"23514", NULL, NULL, RS_E_DATABASE, false,
     "a CHECK that somebody put on the table refuses the rows: drop it, or leave the property out "
     "(--select)"},
    {"428C9", NULL, NULL, RS_E_DATABASE, false,
     "the column is GENERATED ALWAYS: rename it, and one for the values will be made"},
    {"23", NULL, NULL, RS_E_DATABASE, false,
     "a constraint that somebody put on the table refuses the rows: drop it, or set a default"},
    {"0A000", "used by a view or rule", NULL, RS_E_DATABASE, false,
     "drop the view or rule that is in the way, run again, and make it anew"},
    {"25006", NULL, NULL, RS_E_DATABASE, false, "this server is read-only: connect to the primary"},
    {"40001", NULL, NULL, RS_E_DATABASE, true, CONFLICT_HINT},
    {"40P01", NULL, NULL, RS_E_DATABASE, true, CONFLICT_HINT},
    {"42501", NULL, NULL, RS_E_DATABASE, false,
     "the user needs CREATE on the database or the schema, and to own the schema's tables"},
    {"42703", NULL, NULL, RS_E_DATABASE, false,
     "a view has the table's name, or the table was changed meanwhile: rename it, or run again"},
    {"42809", NULL, NULL, RS_E_DATABASE, false,
     "a view has the table's name: rename it, and a table will be made"},
    {"53100", NULL, NULL, RS_E_DATABASE, false, "the server's disk is full: make room there"},
    {"53200", NULL, NULL, RS_E_DATABASE, true, "the server is out of memory: try again later"},
    {"53300", NULL, NULL, RS_E_NET, true, "the server is full: try again later"},
    {"54000", NULL, NULL, RS_E_DATABASE, false,
     "a row of the server may not be that large: select fewer columns (--select)"},
    {"54011", NULL, NULL, RS_E_DATABASE, false,
     "the table is full of columns, dropped ones included: make it anew, or select fewer"},
    {"55P03", NULL, NULL, RS_E_DATABASE, true, "another transaction holds a lock: run it again"},
    {"57014", NULL, NULL, RS_E_DATABASE, false, "somebody cancelled the statement: run it again"},
    {"57P01", NULL, NULL, RS_E_NET, true, "the server was stopped: run it again when it is back"},
    {"57P02", NULL, NULL, RS_E_NET, true, "the server crashed: run it again when it is back"},
    {"57P03", NULL, NULL, RS_E_NET, true, "the server is not ready: try again in a moment"},
    {"08", NULL, NULL, RS_E_NET, true, "the connection broke: run it again"},
};

static const struct rs_server_error *find(const struct rs_server_error *rules, size_t count,
                                          const char *state, const char *text)
{
    for (size_t i = 0; i < count; i++) {
        const struct rs_server_error *rule = &rules[i];
        if ((!rule->state || strncmp(state, rule->state, strlen(rule->state)) == 0) &&
            (!rule->words || strstr(text, rule->words)) &&
            (!rule->also || strstr(text, rule->also))) {
            return rule;
        }
    }
    return NULL;
}

const struct rs_server_error *rs_server_errors_find(const char *state, const char *text)
{
    return find(statement_errors, RS_COUNTOF(statement_errors), state, text);
}

const struct rs_server_error *rs_connect_errors_find(const char *text)
{
    return find(connect_errors, RS_COUNTOF(connect_errors), "", text);
}
