"""Faults on demand: STANDIN FAULT ... makes statements fail, hang, crawl or lose their connection.

    STANDIN FAULT what [ON words | ON WRITE | ON 'regular expression'] [AT n | ALWAYS]
    STANDIN CLEAR                              no more faults; switches as at the start
    STANDIN MARK, STANDIN STATEMENTS [ON ...]  start counting; how many there were since

The n-th statement that matches since the switch was set fails, over all connections, once (n is 1
where nothing is said). what: SERIALIZABLE, SNAPSHOT, CATALOG, RESIZE, DISK, PERMISSION, TABLES,
ERROR 'sqlstate' 'message', DROP BEFORE | AFTER | DURING, SILENCE, DELAY milliseconds, ANSWER 'text'.
RESIZE, DISK, DELAY and ANSWER hold until STANDIN CLEAR.
"""
import re
import threading

from . import breaks, messages
from .control import INT8, VARCHAR, control
from .errors import Refuse, syntax_error, system_error
from .lexer import STRING
from .statements import Handler, Result

WRITES = (r'(?is)\A(insert|update|delete|merge|copy|create|alter|drop|truncate|vacuum|analyze|grant'
          r'|revoke|comment)\b')
TABLES = ('Maximum tables limit exceeded. The maximum number of tables per cluster is 9900 for '
          'this instance type. The limit includes permanent and temporary tables.')


def pg_throw(message, detail=None, sqlstate='XX000'):
    return Refuse(sqlstate, message, detail, file='xen_execute.cpp', line=9964, routine='pg_throw')


# By its word: the error, from the session.
ERRORS = {
    'SERIALIZABLE': messages.isolation_violation,
    'SNAPSHOT': lambda session: pg_throw('1018', 'Relation does not exist'),
    'CATALOG': lambda session: pg_throw(
        'could not complete because of conflict with concurrent transaction'),
    'RESIZE': lambda session: pg_throw(
        'Cannot execute write query because system is in resize mode', sqlstate='57014'),
    'DISK': lambda session: system_error('Disk Full', code=1016, context='query execution',
                                         query=session.server.query_id(), pid=session.number),
    'PERMISSION': lambda session: Refuse('42501', 'permission denied for relation standin_fault',
                                         file='aclchk.c', routine='aclcheck_error'),
    'TABLES': lambda session: pg_throw('1040', TABLES),
}
# What each is about where ON does not say it, and which hold for all statements without AT.
PATTERNS = {'RESIZE': WRITES, 'DISK': WRITES, 'TABLES': r'(?is)\Acreate\s+(temp\w*\s+)?table\b'}
STANDING = ('RESIZE', 'DISK', 'DELAY', 'ANSWER')


class Fault:
    """One switch that is set."""

    def __init__(self, name, act, pattern, at, handler=None):
        self.name = name
        self.handler = handler  # which runs instead of the statement's own; None: none does
        self.act = act          # function(session, statement), called before the statement runs
        self.pattern = pattern  # of the statements that count
        self.at = at            # which of them; None: each
        self.seen = 0
        self.hit = 0

    def strikes(self, text):
        """Count a statement; is it the one?"""
        if not self.pattern.search(text):
            return False
        self.seen += 1
        struck = self.at in (None, self.seen)
        self.hit += struck
        return struck


class Faults:
    """All that are set, and the statements since the mark."""

    def __init__(self):
        self.lock = threading.Lock()
        self.clear()

    def clear(self):
        self.set = []
        self.texts = []

    def before(self, session, statement):
        breaks.heard(session)
        session.values.pop('lose_answer', None)
        if statement.words[:1] == ('STANDIN',):
            return
        with self.lock:
            text = statement.text
            self.texts.append(text)
            struck = [fault for fault in self.set if fault.strikes(text)]
        for fault in struck:
            fault.act(session, statement)

    def answer(self, statement):
        """The handler of a statement that is to have an answer of its own; None: it has its usual."""
        if statement.words[:1] == ('STANDIN',):
            return None
        return next((fault.handler for fault in self.set
                     if fault.handler and fault.pattern.search(statement.text)), None)

    def after(self, session, statement):
        breaks.heard(session)
        breaks.after(session)


def faults_of(session):
    return session.server.switches['faults']


def read_pattern(reader):
    """ON kind | ON 'regular expression': the statements it is about; None where it is left out."""
    if not reader.take('ON'):
        return None
    token = reader.next()
    if token.kind == STRING:
        return re.compile(token.value, re.I | re.S)
    if token.is_word('WRITE'):
        return re.compile(WRITES)
    words = [token.text]
    while not reader.ended() and not reader.peek().is_word('AT', 'ALWAYS'):
        words.append(reader.next().text)
    return re.compile(r'\A' + r'\s+'.join(map(re.escape, words)) + r'\b', re.I)


def answering(text):
    """The handler of any statement, which answers one row, whatever is asked."""
    return Handler(lambda session, statement: Result('SELECT', [('answer', VARCHAR)], [(text,)]),
                   pure=False, rows=True, parameters=True)


def read_act(reader):
    """What is to happen: (its name, function(session, statement))."""
    token = reader.peek()
    if reader.take('DROP'):
        word = reader.take_any('BEFORE', 'AFTER', 'DURING')
        if not word:
            raise reader.error()
        return f'DROP {word}', breaks.DROPS[word]
    if reader.take('SILENCE'):
        return 'SILENCE', breaks.silence
    if reader.take('DELAY'):
        seconds = reader.integer() / 1000
        return 'DELAY', lambda session, statement: breaks.delay(session, seconds)
    if reader.take('ERROR'):
        sqlstate, message = reader.string(), reader.string()
        return 'ERROR', raising(lambda session: Refuse(sqlstate, message))
    word = reader.take_any(*ERRORS)
    if not word:
        raise syntax_error(token)
    return word, raising(ERRORS[word])


def raising(error):
    """An act that fails the statement; a COMMIT that fails has ended its transaction."""
    def act(session, statement):
        if statement.words[:1] in (('COMMIT',), ('END',)) and session.in_transaction:
            session.block = None
            session.implicit = False
            session.query('ROLLBACK')
        raise error(session)
    return act


@control('FAULT')
def fault(session, reader):
    handler = answering(reader.string()) if reader.take('ANSWER') else None
    name, act = ('ANSWER', lambda session, statement: None) if handler else read_act(reader)
    pattern = read_pattern(reader) or re.compile(PATTERNS.get(name, ''))
    at = None if name in STANDING else 1
    if reader.take('AT'):
        at = reader.integer()
    elif reader.take('ALWAYS'):
        at = None
    reader.end()
    faults = faults_of(session)
    with faults.lock:
        faults.set.append(Fault(name, act, pattern, at, handler))
    return Result('STANDIN')


@control('FAULTS')
def show(session, reader):
    """STANDIN FAULTS: the switches that are set, how many statements each saw, how many it hit."""
    reader.end()
    return Result('STANDIN', [('fault', VARCHAR), ('pattern', VARCHAR), ('at', INT8),
                              ('seen', INT8), ('hit', INT8)],
                  [(one.name, one.pattern.pattern, one.at, one.seen, one.hit)
                   for one in faults_of(session).set])


@control('CLEAR')
def clear(session, reader):
    """STANDIN CLEAR: as if no switch had ever been set; sessions that hang are let go."""
    reader.end()
    faults = faults_of(session)
    with faults.lock:
        faults.clear()
    session.server.switches['breaks'].clear()
    for name in ('drop_wording', 'serverless_tables', 'capacity_mb', 'used_mb',
                 'temporary_passwords', 'quoted_null', 'statupdate_owner'):
        session.server.switches.pop(name, None)
    return Result('STANDIN')


@control('MARK')
def mark(session, reader):
    """STANDIN MARK: count statements from here."""
    reader.end()
    faults = faults_of(session)
    with faults.lock:
        faults.texts.clear()
    return Result('STANDIN')


@control('STATEMENTS')
def statements(session, reader):
    """STANDIN STATEMENTS [ON kind | 'regular expression']: how many there were since the mark."""
    pattern = read_pattern(reader) or re.compile('')
    reader.end()
    faults = faults_of(session)
    with faults.lock:
        count = sum(bool(pattern.search(text)) for text in faults.texts)
    return Result('STANDIN', [('statements', INT8)], [(count,)])


@control('CRASH')
def crash(session, reader):
    """STANDIN CRASH: every other session is gone, in the middle of what it does."""
    reader.end()
    for other in list(session.server.sessions.values()):
        if other is not session:
            breaks.cut(other)
    return Result('STANDIN')


@control('IDLE')
def idle(session, reader):
    """STANDIN IDLE DROP ms: other connections are lost, without a word, when they idle so long."""
    reader.expect('DROP')
    milliseconds = reader.integer()
    reader.end()
    session.server.switches['breaks'].spared = session
    session.server.switches['breaks'].idle_seconds = milliseconds / 1000
    return Result('STANDIN')


@control('SILENT')
def silent(session, reader):
    """STANDIN SILENT {ACCEPT | LOGIN}: new connections hear nothing, or no more after TLS."""
    word = reader.take_any('ACCEPT', 'LOGIN')
    if not word:
        raise reader.error()
    reader.end()
    session.server.switches['breaks'].silent = word
    return Result('STANDIN')


def start(server):
    server.switches['faults'] = faults = Faults()
    server.switches['breaks'] = breaks.Breaks(server)
    server.before_statement.append(faults.before)
    server.after_statement.append(faults.after)
