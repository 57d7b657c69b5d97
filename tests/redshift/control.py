"""STANDIN <words>: statements that no Redshift has, for tests. And the log of all statements."""
import threading
import time

from .errors import syntax_error
from .reader import Reader
from .statements import Result, action

INT8, FLOAT8, VARCHAR = 20, 701, 1043
CONTROLS = {}


def control(word):
    """Register a function(session, reader) -> Result for STANDIN word ..."""
    def register(function):
        CONTROLS[word] = function
        return function
    return register


class Log:
    """Every statement received: (connection's number, seconds since the start, user, text)."""

    def __init__(self):
        self.started = time.monotonic()
        self.lock = threading.Lock()
        self.entries = []

    def add(self, connection, user, text):
        with self.lock:
            self.entries.append((connection, time.monotonic() - self.started, user, text))


@action('STANDIN', rows=True)
def standin(session, statement):
    reader = Reader(statement, 1)
    word = reader.peek()
    if word is None or word.text.upper() not in CONTROLS:
        raise syntax_error(word)
    reader.next()
    return CONTROLS[word.text.upper()](session, reader)


@control('LOG')
def log(session, reader):
    """STANDIN LOG [CLEAR]: the statements received so far."""
    entries = session.server.log
    if reader.take('CLEAR'):
        reader.end()
        with entries.lock:
            entries.entries.clear()
        return Result('STANDIN')
    reader.end()
    with entries.lock:
        rows = [(number, f'{when:.6f}', user, text) for number, when, user, text in entries.entries]
    return Result('STANDIN', [('connection', INT8), ('seconds', FLOAT8), ('username', VARCHAR),
                              ('statement', VARCHAR)], rows)


@control('SLICES')
def slices(session, reader):
    """STANDIN SLICES n: how many slices the cluster has from now on."""
    session.server.options.slices = reader.integer()
    reader.end()
    return Result('STANDIN')


@control('NODES')
def nodes(session, reader):
    """STANDIN NODES n: how many nodes."""
    session.server.options.nodes = reader.integer()
    reader.end()
    return Result('STANDIN')


@control('SERVERLESS')
def serverless(session, reader):
    """STANDIN SERVERLESS ON | OFF: what the system tables take the server for, from now on."""
    word = reader.take_any('ON', 'OFF')
    if not word:
        raise reader.error()
    reader.end()
    session.server.options.serverless = word == 'ON'
    return Result('STANDIN')
