"""What the system tables tell of the stand-in itself: its settings and sessions.

They are written into the tables of the schema standin (20-books.sql) of a database when a statement
there is about to ask a system table.
"""
import contextlib
import re
import socket
import threading

from .control import control
from .errors import Refuse
from .session import quote_literal
from .statements import Result

ASKED = re.compile(r'\b(?:st[lv]_|sv[lv]_|sys_|pg_database_info)\w', re.I)
PID_ASKED = re.compile(r'\bpg_backend_pid\b', re.I)
END_ASKED = re.compile(r'\bpg_terminate_backend\s*\(\s*([0-9]+)', re.I)
DEFAULTS = {'serverless_tables': 'empty', 'capacity_mb': '262144', 'used_mb': '1024',
            'drop_wording': 'cannot', 'lock_waits': 'timed',
            'node_digits': 'set', 'copy_ids': 'query'}
LEVELS = {'serializable': 'Serializable', 'snapshot': 'Snapshot Isolation'}
WRITING = threading.Lock()


def settings_of(server):
    options = server.options
    switches = {name: server.switches.get(name, default) for name, default in DEFAULTS.items()}
    return {**switches, 'mode': 'serverless' if options.serverless else 'provisioned',
            'nodes': options.nodes, 'slices': options.slices,
            'isolation': LEVELS[options.isolation]}


def settings_sql(server):
    rows = ', '.join(f'({quote_literal(name)}, {quote_literal(str(value))})'
                     for name, value in settings_of(server).items())
    return (f'INSERT INTO standin.settings VALUES {rows} '
            'ON CONFLICT (name) DO UPDATE SET value = excluded.value')


def process_of(session):
    """The process of PostgreSQL behind a session; it has none while it logs in."""
    return session.backend.key[0] if session.backend else 'NULL'


def sessions_sql(server):
    rows = [f"({one.number}, {one.values['userid']}, {quote_literal(one.values['login'])}, "
            f"{quote_literal(one.database)}, {quote_literal(one.values['began'])}, coalesce("
            f"(standin.traits({one.values['userid']}) ->> 'timeout')::int, 0), {process_of(one)})"
            for one in list(server.sessions.values()) if 'began' in one.values]
    return 'DELETE FROM standin.sessions; INSERT INTO standin.sessions VALUES ' + ', '.join(rows)


def tell(session, statement):
    """Bring the tables up to now; planning asks them already, before a statement starts."""
    if ASKED.search(statement.text):
        with WRITING:
            session.aside(f'{settings_sql(session.server)}; {sessions_sql(session.server)}')


def before(session, statement):
    if statement.words[:1] == ('STANDIN',):
        return
    tell(session, statement)
    if PID_ASKED.search(statement.text):
        session.value("SELECT set_config('standin.pid', $1, false)", [session.number])
    for number in END_ASKED.findall(statement.text):
        end(session, int(number))


def end(session, number):
    """End another session, and what it does."""
    other = session.server.sessions.get(number)
    if other is None or other.values.get('userid') is None:
        return
    if other.user != session.user and not session.is_superuser:
        raise Refuse('42501', 'must be superuser to signal other server processes')
    with contextlib.suppress(OSError):
        other.stream.socket.shutdown(socket.SHUT_RDWR)
    other.cancel()


@control('SWITCH')
def switch(session, reader):
    """STANDIN SWITCH name 'value': drop_wording, serverless_tables, capacity_mb, used_mb, lock_waits,
    node_digits, copy_ids."""
    name = reader.peek()
    if name is None or name.value not in DEFAULTS:
        raise reader.error()
    reader.next()
    session.server.switches[name.value] = reader.string()
    reader.end()
    return Result('STANDIN')


def start(server):
    server.before_statement.append(before)
    server.before_prepare.append(tell)
