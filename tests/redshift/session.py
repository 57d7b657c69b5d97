"""One client's connection: login, the state of its transaction, simple queries.

A transaction's block is None, 'open' or 'failed', as the client sees it. implicit says that the
stand-in has begun one of its own, which ends with the query (or with Sync).
"""
import contextlib
import secrets
import socket
import struct

from . import lexer, messages, settings, wire
from .backend import Backend, ServerError
from .errors import Hangup, Refuse, fatal, not_supported
from .extended import Extended
from .reader import Statement
from .statements import Pass, find

MAX_STATEMENT_BYTES = 16 << 20
HIDDEN_DATABASES = ('postgres', 'standin')
WHEN_FAILED = ('ROLLBACK', 'ABORT', 'COMMIT', 'END')


def quote_ident(name):
    return '"' + name.replace('"', '""') + '"'


def quote_literal(text):
    return "'" + text.replace("'", "''") + "'"


class Session:
    """What the handlers are given. See README.md for the calls that are for them."""

    def __init__(self, server, stream, parameters, number, tls=None, peer=''):
        self.server = server
        self.stream = stream
        self.parameters = parameters
        self.number = number          # the "pid" that the client is told
        self.key = secrets.randbits(31)
        self.tls = tls
        self.peer = peer
        self.user = parameters.get('user', '')
        self.database = parameters.get('database') or self.user
        self.backend = None
        self.aside_backend = None
        self.block = None
        self.implicit = False
        self.acting = None            # whom SET LOCAL SESSION AUTHORIZATION named
        self.cancelled = False
        self.case_sensitive = False
        self.place = None             # of the statement in the query; None: its text was changed
        self.on_compute = False       # is what runs now the work of the compute nodes?
        self.values = {}              # what handlers keep for the session: last_copy_id, ...
        self.extended = Extended(self)

    # ---- For the handlers ------------------------------------------------------------------

    def query(self, sql, params=None):
        """Run PostgreSQL's SQL as the client's user, in its transaction: Rows."""
        return self.backend.query(sql, params)

    def value(self, sql, params=None):
        return self.backend.value(sql, params)

    def admin(self, sql, params=None):
        """Run SQL in the client's transaction, as a superuser."""
        if params is None:
            return self.backend.query(f'RESET SESSION AUTHORIZATION; {sql}; {self.authorize()}')
        self.backend.query('RESET SESSION AUTHORIZATION')
        try:
            return self.backend.query(sql, params)
        finally:
            if self.backend.status != 'E':
                self.backend.query(self.authorize())

    def aside(self, sql, params=None):
        """Run SQL as a superuser on a connection of its own: it stays, whatever the client does."""
        if self.aside_backend is None:
            self.aside_backend = Backend(self.server.options.postgres, self.database)
        return self.aside_backend.query(sql, params)

    def authorize(self):
        name = self.server.names.inward(self.acting or self.user)
        return f'SET SESSION AUTHORIZATION {quote_ident(name)}'

    def act_as(self, name):
        """Be another user up to the end of the transaction; None: nobody but oneself."""
        if name != self.acting:
            self.acting = name
            self.backend.query(self.authorize())

    def quoted(self, schema, name):
        """A relation's name, as it has to stand in SQL for PostgreSQL."""
        inward = self.server.names.inward
        return (quote_ident(inward(schema)) + '.' if schema else '') + quote_ident(inward(name))

    @property
    def in_transaction(self):
        """Would a statement that commits by itself be refused now?"""
        return self.block is not None or self.implicit

    @property
    def is_superuser(self):
        return self.value('SHOW is_superuser') == 'on'

    @contextlib.contextmanager
    def atomic(self):
        """What is done within is one transaction: the client's, or one begun and ended here."""
        if self.in_transaction:
            yield
            return
        self.backend.query('BEGIN')
        try:
            yield
            self.backend.query('COMMIT')
        except BaseException:
            if self.backend.status != 'I':
                self.backend.query('ROLLBACK')
            raise

    def write_lock(self, table):
        """Make other writers of a table (a quoted name) wait for the end of this transaction.

        A statement that commits by itself is given its snapshot behind the lock. In a transaction
        the snapshot is the first statement's, which may have to wait then: only LOCK comes before.
        """
        if self.block:
            self.query('SELECT 1')
        kind = self.admin(f'LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE; SELECT relkind FROM '
                          f'pg_catalog.pg_class WHERE oid = {quote_literal(table)}::regclass')
        if kind.rows[0][0] == 'v':
            raise not_supported('cannot change a view')

    def tokenize(self, text):
        return lexer.tokenize(text, self.case_sensitive)

    def info(self, message, sqlstate='00000', severity='INFO'):
        """Send a NoticeResponse, by Redshift's severity INFO."""
        self.stream.write(wire.notice_response(
            [('S', severity), ('C', sqlstate), ('M', message),
             ('F', 'notice.c'), ('L', '1'), ('R', 'standin')]))

    def check_cancel(self):
        """Raise 57014 if the client has asked for a cancel; for loops outside of PostgreSQL."""
        if self.cancelled:
            raise messages.cancelled(self)

    # ---- Login -----------------------------------------------------------------------------

    def start(self):
        """Authenticate, and open the connection to PostgreSQL."""
        if not self.user:
            raise fatal('28000', 'no user name specified in startup packet')
        self.server.authenticate(self)
        if self.database in HIDDEN_DATABASES:
            raise fatal('3D000', f'database "{self.database}" does not exist')
        chosen = settings.startup(self)
        try:
            self.backend = Backend(self.server.options.postgres,
                                   self.server.names.inward(self.database))
            self.backend.on_notice = self.forward_notice
            for sql in settings.initial(self.server) + [self.authorize()] + chosen:
                self.backend.query(sql)
        except ServerError as error:
            raise fatal(error.sqlstate, messages.outward(self, error.fields)['M']) from None
        for name, value in settings.reported(self):
            self.stream.write(wire.parameter_status(name, value))
        self.stream.write(wire.message(b'K', struct.pack('!II', self.number, self.key)))
        self.stream.write(wire.ready('I'))
        self.stream.flush()

    # ---- Messages --------------------------------------------------------------------------

    def run(self):
        """Serve the client until it goes."""
        try:
            self.start()
            while True:
                kind, body = self.stream.read()
                if kind == b'X':
                    return
                self.cancelled = False
                if kind == b'Q':
                    self.simple(body)
                else:
                    self.extended.receive(kind, body)
        except Refuse as refuse:
            self.stream.write(wire.error_response(refuse))
            self.stream.flush()
        except (Hangup, ConnectionError, OSError):
            pass
        finally:
            self.close()

    def close(self):
        for backend in (self.backend, self.aside_backend):
            if backend:
                backend.close()
        with contextlib.suppress(OSError):
            self.stream.socket.shutdown(socket.SHUT_RDWR)
        self.stream.socket.close()

    def cancel(self):
        self.cancelled = True
        if self.backend:
            self.backend.cancel()

    def decode(self, body):
        """A query's text; too long a one, or one that is not UTF-8, is refused."""
        if len(body) > MAX_STATEMENT_BYTES:
            raise Refuse('54001', f'Statement is too large. Statement Size: {len(body)} bytes. '
                                  f'Maximum Allowed: {MAX_STATEMENT_BYTES} bytes')
        try:
            return body.decode()
        except UnicodeDecodeError as error:
            raise lexer.bad_bytes(error) from None

    def simple(self, body):
        try:
            text = self.decode(body[:-1])
            self.server.log.add(self.number, self.user, text)
            statements = lexer.split(self.tokenize(text))
            if not statements:
                self.stream.write(wire.message(b'I'))
            for tokens in statements:
                statement = Statement(tokens)
                if len(statements) > 1:
                    self.begin_implicit()
                self.execute(statement)
            self.end_implicit()
        except (Refuse, ServerError) as error:
            self.fail(error)
        self.ready()

    def begin_implicit(self):
        if not self.in_transaction:
            self.backend.query('BEGIN')
            self.implicit = True

    def end_implicit(self):
        if self.implicit:
            self.implicit = False
            self.backend.query('COMMIT')

    def fail(self, error):
        """Send an error and let it end, or spoil, the transaction."""
        if isinstance(error, ServerError):
            error = messages.refusal(self, error)
        self.stream.write(wire.error_response(error))
        if self.block:
            self.block = 'failed'
        if error.severity == 'FATAL':
            self.stream.flush()
            raise Hangup
        if not self.block and self.backend.status != 'I':
            self.backend.query('ROLLBACK')
        self.implicit = False

    def ready(self):
        status = {None: 'I', 'open': 'T', 'failed': 'E'}[self.block]
        self.stream.write(wire.ready(status))
        self.stream.flush()

    def admit(self, statement):
        """The statement's handler; in a failed transaction nothing is let in."""
        if self.block == 'failed' and not (statement.words and statement.words[0] in WHEN_FAILED):
            raise Refuse('25P02', 'current transaction is aborted, commands ignored until end of '
                                  'transaction block', file='postgres.c', routine='exec')
        return self.server.switches['faults'].answer(statement) or find(statement)

    def before(self, statement):
        """What comes before a statement is run: the hooks, which may refuse it."""
        self.on_compute = False
        self.place = None
        for hook in self.server.before_statement:
            hook(self, statement)

    def execute(self, statement):
        """Run one statement of a simple query and send what it answers."""
        handler = self.admit(statement)
        self.before(statement)
        result = handler.run(self, statement)
        if isinstance(result, Pass):
            self.set_place(statement, result)
            self.run_pass(result)
        else:
            self.send_result(result)
        for hook in self.server.after_statement:
            hook(self, statement)

    def set_place(self, statement, plan):
        """PostgreSQL's positions in a statement are the client's where its text is the same."""
        if plan.sql == statement.text:
            self.place = statement.all_tokens[0].position

    def send_result(self, result, describe=True):
        if result.columns is not None:
            if describe:
                self.stream.write(wire.row_description(result.columns))
            for row in result.rows:
                self.stream.write(wire.data_row(row))
        self.stream.write(wire.command_complete(result.tag))

    def run_pass(self, plan):
        self.on_compute = plan.compute
        if plan.lock and not self.in_transaction:
            with self.atomic():
                self.write_lock(plan.lock)
                tag = self.relay_query(plan)
        else:
            if plan.lock:
                self.write_lock(plan.lock)
            tag = self.relay_query(plan)
        if plan.after:
            plan.after(self)
        self.stream.write(wire.command_complete(tag))

    def relay_query(self, plan):
        self.backend.send(wire.message(b'Q', wire.text(plan.sql)))
        tag = self.relay(plan, self.recover)
        self.backend.settle()
        return tag

    def recover(self, body):
        """Read on after an error of a simple query, and raise it."""
        self.backend.settle_after_error()
        raise ServerError(wire.parse_fields(body))

    def relay(self, plan, recover):
        """Send PostgreSQL's rows on as they are. The tag; None when it has stopped for a while."""
        while True:
            rows = self.backend.stream.take_run(b'D')
            if rows:
                self.stream.write(messages.rows_outward(self.server.names, rows))
                continue
            kind, body = self.backend.receive()
            if kind == b'C':
                return plan.tag or messages.tag(body[:-1].decode())
            if kind == b'T':
                self.stream.write(messages.description_outward(self.server, body))
            elif kind == b'E':
                recover(body)
            elif kind == b'D':
                row = wire.message(b'D', body)
                self.stream.write(messages.rows_outward(self.server.names, row))
            elif kind in (b's', b'I'):
                return None if kind == b's' else ''

    def forward_notice(self, fields):
        notice = messages.notice(self, fields)
        if notice:
            self.stream.write(wire.notice_response(notice))
