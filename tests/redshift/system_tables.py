"""What the system tables tell of the stand-in itself: its settings, sessions and statements.

All of it is kept in memory, and written into the books (20-books.sql) of a database only when a
statement there is about to ask a system table.
"""
import contextlib
import datetime
import re
import socket
import threading

from .control import control
from .errors import Refuse
from .reader import Reader
from .session import quote_literal
from .statements import Result, action

ASKED = re.compile(r'\b(?:st[lv]_|sv[lv]_|sys_|pg_database_info)\w', re.I)
PID_ASKED = re.compile(r'\bpg_backend_pid\b', re.I)
CANCEL_ASKED = re.compile(r'\bpg_(cancel|terminate)_backend\s*\(\s*([0-9]+)', re.I)
SECRET = re.compile(r"(\b(?:password|credentials|secret_access_key|session_token)\s+(?:as\s+)?)"
                    r"'(?:[^'\\]|''|\\.)*'", re.I | re.S)
SETTERS = (('SET',), ('RESET',), ('ROLLBACK',), ('ABORT',))
DEFAULTS = {'serverless_tables': 'empty', 'capacity_mb': '262144', 'used_mb': '1024',
            'drop_wording': 'cannot'}
LEVELS = {'serializable': 'Serializable', 'snapshot': 'Snapshot Isolation'}


# The number of the statement that a session's thread runs, until somebody has asked for it.
OWN_NUMBER = threading.local()


class Ledger:
    """Rows for the tables of the schema standin: dictionaries; a statement's changes at its end."""

    def __init__(self):
        self.lock = threading.Lock()
        self.connections = []
        self.queries = []
        self.present = set()  # sessions that have logged in
        self.written = {}     # database -> Written

    def write(self, session):
        """Bring the books of the session's database up to now."""
        with self.lock:
            written = self.written.setdefault(session.database, Written())
            connections = self.connections[written.connections:]
            queries = self.queries[written.queries:]
            written.connections += len(connections)  # others add rows while this is done
            written.queries += len(queries)
            told = [(row, dict(row)) for row in written.running + queries]
            written.running = [row for row, copy in told if copy['endtime'] is None]
            sql = [settings_sql(session.server), sessions_sql(session.server)]
            sql += [insert('connections', row) for row in connections]
            sql += [insert('queries', copy) for _, copy in told]
            session.aside('; '.join(sql))


class Written:
    """How much of a ledger a database has: so many rows, and statements that were running then."""

    def __init__(self):
        self.connections = 0
        self.queries = 0
        self.running = []


def now():
    return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None).isoformat(' ')


def literal(value):
    if value is None:
        return 'NULL'
    return quote_literal(str(value).replace('\0', ''))


def insert(table, row):
    columns = ', '.join(row)
    values = ', '.join(literal(value) for value in row.values())
    update = ''
    if table == 'queries':
        update = (' ON CONFLICT (query) DO UPDATE SET endtime = excluded.endtime, '
                  'aborted = excluded.aborted')
    return f'INSERT INTO standin.{table} ({columns}) VALUES ({values}){update}'


def settings_of(server):
    options = server.options
    switches = {name: server.switches.get(name, default) for name, default in DEFAULTS.items()}
    return {**switches, 'mode': 'serverless' if options.serverless else 'provisioned',
            'nodes': options.nodes, 'slices': options.slices,
            'isolation': LEVELS[options.isolation]}


def settings_sql(server):
    rows = ', '.join(f'({literal(name)}, {literal(value)})'
                     for name, value in settings_of(server).items())
    return (f'INSERT INTO standin.settings VALUES {rows} '
            'ON CONFLICT (name) DO UPDATE SET value = excluded.value')


def sessions_sql(server):
    rows = [f"({one.number}, {one.values['userid']}, {literal(one.values['login'])}, "
            f"{literal(one.database)}, {literal(one.values['began'])}, coalesce("
            f"(standin.traits({one.values['userid']}) ->> 'timeout')::int, 0))"
            for one in list(server.sessions.values()) if 'began' in one.values]
    return 'DELETE FROM standin.sessions; INSERT INTO standin.sessions VALUES ' + ', '.join(rows)


def port_of(session):
    try:
        return session.stream.socket.getpeername()[1]
    except OSError:
        return ''


def note_connection(session, event, method):
    """A row for stl_connection_log."""
    ledger = session.server.switches['ledger']
    row = {'event': event, 'recordtime': now(), 'remotehost': f'::ffff:{session.peer}',
           'remoteport': port_of(session), 'pid': session.number, 'database': session.database,
           'user_name': session.values.get('login', session.user), 'authmethod': method,
           'sslversion': session.tls.version() if session.tls else ''}
    ledger.connections.append(row)
    if event == 'initiating session':
        session.values['began'] = row['recordtime']
        session.values['connection'] = row
        ledger.present.add(session)


def note_disconnections(server):
    """Rows for the sessions that have gone since the last time; what they did has ended."""
    ledger = server.switches['ledger']
    for session in ledger.present - set(server.sessions.values()):
        ledger.present.discard(session)
        note_end(session, None, aborted=True)
        ledger.connections.append({**session.values['connection'], 'recordtime': now(),
                                   'event': 'disconnecting session'})


def learn_label(session):
    """Ask for query_group, the label of the statements to come; SHOW takes no snapshot."""
    session.values['query_group'] = session.value('SHOW standin.query_group')


def note_start(session, statement):
    """A row for stl_query; a statement whose end was never seen has failed."""
    note_end(session, statement, aborted=True)
    vars(OWN_NUMBER).clear()
    if statement.words[:1] == ('STANDIN',):
        return
    if 'query_group' not in session.values:
        learn_label(session)
    text = SECRET.sub(r"\1'***'", statement.text)
    row = {'query': session.server.query_id(), 'userid': session.values.get('userid', 0),
           'pid': session.number, 'database': session.database,
           'label': session.values['query_group'], 'querytxt': text,
           'starttime': now(), 'endtime': None, 'aborted': 'f'}
    session.values['statement'] = row
    OWN_NUMBER.number = row['query']
    session.server.switches['ledger'].queries.append(row)
    if ASKED.search(text):
        note_disconnections(session.server)
        session.server.switches['ledger'].write(session)
    if PID_ASKED.search(text):
        session.value("SELECT set_config('standin.pid', $1, false)", [session.number])
    for verb, number in CANCEL_ASKED.findall(text):
        stop(session, int(number), verb.lower() == 'terminate')


def note_question(session, statement):
    """Planning asks the settings already, before the statement starts."""
    if ASKED.search(statement.text):
        session.server.switches['ledger'].write(session)


def note_end(session, statement, aborted=False):
    row = session.values.pop('statement', None)
    if row:
        row.update(endtime=now(), aborted='t' if aborted else 'f')
    if not aborted and statement.words[:1] in SETTERS:
        learn_label(session)


def stop(session, number, terminate):
    """Cancel what another session does, or end that session."""
    other = session.server.sessions.get(number)
    if other is None or other.values.get('userid') is None:
        return
    if other.user != session.user and not session.is_superuser:
        raise Refuse('42501', 'must be superuser to signal other server processes')
    if terminate:
        with contextlib.suppress(OSError):
            other.stream.socket.shutdown(socket.SHUT_RDWR)
    other.cancel()


@action('CANCEL')
def cancel(session, statement):
    """CANCEL pid ['message']."""
    reader = Reader(statement, 1)
    number = reader.integer()
    if not reader.ended():
        reader.string()
    reader.end()
    stop(session, number, terminate=False)
    return Result('CANCEL')


@control('SWITCH')
def switch(session, reader):
    """STANDIN SWITCH name 'value': drop_wording, serverless_tables, capacity_mb, used_mb."""
    name = reader.peek()
    if name is None or name.value not in DEFAULTS:
        raise reader.error()
    reader.next()
    session.server.switches[name.value] = reader.string()
    reader.end()
    return Result('STANDIN')


def share_numbers(server):
    """Let who asks for a query's number while a statement runs get that statement's.

    So COPY's number is the same in stl_query and stl_load_errors. A session is a thread; further
    numbers that are asked for in the course of the statement are new.
    """
    fresh = server.query_id

    def query_id():
        number = vars(OWN_NUMBER).pop('number', None)
        return fresh() if number is None else number

    server.query_id = query_id


def start(server):
    server.switches['ledger'] = Ledger()
    share_numbers(server)
    server.before_statement.append(note_start)
    server.before_prepare.append(note_question)
    server.after_statement.append(note_end)
