"""What COPY and UNLOAD write down: load errors, and what a session did last.

Rows are written over the connection aside, so that they outlive the rollback of the transaction
they tell of.
"""
import datetime

LAST = ('last_copy_count', 'last_copy_id', 'last_unload_count')


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


def write(session, table, row):
    """Add a row, by its columns, to a table of the schema standin; no text there holds a NUL."""
    values = [value.decode('utf-8', 'replace') if isinstance(value, bytes) else value
              for value in row.values()]
    marks = ', '.join(f'${number}' for number in range(1, len(row) + 1))
    session.aside(f'INSERT INTO standin.{table} ({", ".join(row)}) VALUES ({marks})',
                  [str(value).replace('\0', '') for value in values])
