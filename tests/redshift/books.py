"""What COPY and UNLOAD write down: load errors, files, histories, and what a session did last.

The tables are those of sql/*.sql in the schema "standin"; rows are written over the connection
aside, so that they outlive the rollback of the transaction they tell of.
"""
import datetime

LAST = ('last_copy_count', 'last_copy_id', 'last_unload_count', 'last_unload_id')
DETAIL_LINES = 20  # a slice, of stl_loaderror_detail


def start(server):
    server.before_statement.append(show_last)


def show_last(session, statement):
    """Let pg_last_copy_count() and its like see what the session did last."""
    if 'pg_last_' in statement.text.lower():
        for name in LAST:
            if name in session.values:
                session.query(f"SET standin.{name} = '{session.values[name]}'")


def now():
    return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None).isoformat(' ')


def user_id(session):
    return session.aside('SELECT oid FROM pg_catalog.pg_roles WHERE rolname = $1',
                         [session.server.names.inward(session.user)]).rows[0][0]


def copy_field(value):
    """A value as a field of COPY's text format; NUL, which no text may hold, is left out."""
    if value is None:
        return b'\\N'
    if isinstance(value, bytes):
        value = value.decode('utf-8', 'replace')
    text = str(value).replace('\0', '')
    for plain, escaped in (('\\', '\\\\'), ('\n', '\\n'), ('\r', '\\r'), ('\t', '\\t')):
        text = text.replace(plain, escaped)
    return text.encode('utf-8', 'replace')


def write(session, table, columns, rows):
    """Add rows to a table of the schema standin; columns are its names as in SQL."""
    if rows:
        session.aside('SELECT 1')  # opens the connection
        session.aside_backend.copy_in(
            f'COPY standin.{table} ({columns}) FROM STDIN',
            (b'\t'.join(map(copy_field, row)) + b'\n' for row in rows))
