"""Which handler a statement has: a registry by the statement's first words.

    @action('TRUNCATE')           runs when the statement is executed; returns a Result
    def truncate(session, statement): ...

    @translation('SELECT')        pure; returns Pass(sql), also when a statement is only prepared
    def select(session, statement): ...

The longest run of leading words wins. A statement that nobody has registered is a syntax error at
its first word.
"""
import importlib
import sys
from dataclasses import dataclass, field
from typing import Callable, Optional

from .errors import syntax_error

MODULES = ('query', 'transactions', 'settings', 'schemas', 'tables', 'alter', 'dml', 'unsupported',
           'control', 'copy', 'unload', 'users', 'groups', 'grants', 'system_tables', 'faults')


@dataclass
class Result:
    """What an action answers: its tag, INFO messages go by session.info()."""
    tag: str
    columns: Optional[list] = None  # (name, oid) each; None: no rows
    rows: list = field(default_factory=list)


@dataclass
class Pass:
    """SQL for PostgreSQL, whose rows go to the client as they come."""
    sql: str
    tag: Optional[str] = None      # instead of PostgreSQL's
    lock: Optional[str] = None     # a table, quoted, whose other writers have to wait
    after: Optional[Callable] = None  # called with the session once the statement has succeeded
    compute: bool = False          # the compute nodes do it: their words for errors


@dataclass
class Handler:
    run: Callable
    pure: bool
    rows: bool
    parameters: bool = False  # $1 may stand in what it acts on


HANDLERS = {}


def action(*words, rows=False):
    """Register a function(session, statement) -> Result; rows: it may answer with rows."""
    def register(function):
        HANDLERS[words] = Handler(function, False, rows)
        return function
    return register


def translation(*words):
    """Register a function(session, statement) -> Pass."""
    def register(function):
        HANDLERS[words] = Handler(function, True, True)
        return function
    return register


def find(statement):
    words = statement.words
    for length in range(len(words), 0, -1):
        handler = HANDLERS.get(words[:length])
        if handler:
            return handler
    if statement.tokens and statement.tokens[0].is_operator('('):
        return HANDLERS[('SELECT',)]
    raise syntax_error(statement.tokens[0] if statement.tokens else None)


def load():
    """Import every module that registers something."""
    for name in MODULES:
        importlib.import_module(f'{__package__}.{name}')


def start(server):
    """Let every module with a function start(server) set its hooks."""
    for name in MODULES:
        module = sys.modules.get(f'{__package__}.{name}')
        if hasattr(module, 'start'):
            module.start(server)
