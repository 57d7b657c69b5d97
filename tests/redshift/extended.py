"""The extended protocol: Parse, Bind, Describe, Execute, Close, Flush, Sync.

A statement that passes through is prepared in PostgreSQL under a name of our own; one that a
handler acts on is kept here and run by Execute. Outside of a transaction everything up to Sync is
one, begun at the first Bind; so that a table's write lock is taken before a snapshot is.
"""
import struct
from dataclasses import dataclass
from typing import Optional

from . import lexer, messages, rules, wire
from .backend import ServerError
from .errors import Refuse, syntax_error
from .names import LIMIT
from .reader import Statement
from .statements import Handler, Pass

MAX_PARAMETERS = 32767
NO_DATA = wire.message(b'n')
NO_PARAMETERS = wire.message(b't', b'\0\0')


@dataclass
class Prepared:
    """One Parse: its statement (None: empty), its handler, and what PostgreSQL made of it."""
    statement: Optional[Statement]
    handler: Optional[Handler] = None
    plan: Optional[Pass] = None
    name: bytes = b''          # in PostgreSQL
    parameters: bytes = NO_PARAMETERS
    columns: bytes = NO_DATA


@dataclass
class Portal:
    prepared: Prepared
    name: bytes = b''
    result: object = None
    started: bool = False


class Extended:
    def __init__(self, session):
        self.session = session
        self.prepared = {}
        self.portals = {}
        self.skipping = False
        self.count = 0

    def receive(self, kind, body):
        session = self.session
        if kind == b'S':
            self.sync()
            return
        if self.skipping:
            return
        try:
            if kind == b'P':
                self.parse(wire.Reader(body))
            elif kind == b'B':
                self.bind(body)
            elif kind == b'D':
                self.describe(body[:1], bytes(body[1:-1]))
            elif kind == b'E':
                self.execute(wire.Reader(body))
            elif kind == b'C':
                self.close(body[:1], bytes(body[1:-1]))
            elif kind == b'H':
                session.stream.flush()
            else:
                raise Refuse('08P01', f'invalid frontend message type {kind[0]}', severity='FATAL')
        except (Refuse, ServerError) as error:
            self.skipping = True
            session.fail(error)
            session.stream.flush()

    def sync(self):
        session = self.session
        self.skipping = False
        try:
            session.end_implicit()
        except ServerError as error:
            session.fail(error)
        if not session.block:
            self.portals.clear()
        session.ready()

    def fresh(self, letter):
        self.count += 1
        return f'standin_{letter}{self.count}'.encode()

    def parse(self, reader):
        session = self.session
        name = bytes(reader.string())
        text = session.decode(reader.string())
        types = reader.body[reader.at:]
        session.server.log.add(session.number, session.user, text)
        statements = lexer.split(session.tokenize(text))
        if len(statements) > 1:
            raise Refuse('42601', 'cannot insert multiple commands into a prepared statement')
        prepared = Prepared(Statement(statements[0]) if statements else None)
        if prepared.statement:
            self.prepare(prepared, types)
        self.forget(name)
        self.prepared[name] = prepared
        session.stream.write(wire.message(b'1'))

    def prepare(self, prepared, types):
        """Find the statement's handler; have PostgreSQL prepare what passes through."""
        session = self.session
        prepared.handler = session.admit(prepared.statement)
        if not prepared.handler.pure:
            for token in prepared.statement.tokens:
                if token.kind == lexer.PARAM and not prepared.handler.parameters:
                    raise syntax_error(token)
            return
        for hook in session.server.before_prepare:
            hook(session, prepared.statement)
        count, = struct.unpack_from('!H', types)
        rules.check_parameters(prepared.statement.tokens, struct.unpack_from(f'!{count}I', types, 2))
        prepared.plan = prepared.handler.run(session, prepared.statement)
        session.place = None
        session.set_place(prepared.statement, prepared.plan)
        prepared.name = self.fresh('s')
        session.backend.send(
            wire.message(b'P', prepared.name + b'\0', wire.text(prepared.plan.sql), types),
            wire.message(b'D', b'S' + prepared.name + b'\0'), wire.message(b'S'))
        error = None
        while True:
            kind, body = session.backend.receive()
            if kind == b'E':
                error = error or ServerError(wire.parse_fields(body))
            elif kind == b't':
                prepared.parameters = wire.message(b't', body)
            elif kind == b'T':
                prepared.columns = self.outward(body)
            elif kind == b'Z':
                break
        if error:
            raise error

    def outward(self, body):
        return messages.description_outward(self.session.server, body)

    def forget(self, name):
        old = self.prepared.pop(name, None)
        if old and old.name and self.session.backend.status != 'E':
            self.session.backend.send(wire.message(b'C', b'S' + old.name + b'\0'),
                                      wire.message(b'S'))
            self.session.backend.settle()

    def bind(self, body):
        session = self.session
        reader = wire.Reader(body)
        portal_name = bytes(reader.string())
        name = bytes(reader.string())
        prepared = self.prepared.get(name)
        if prepared is None:
            raise Refuse('26000', f'prepared statement "{name.decode()}" does not exist')
        rest = body[reader.at:]
        formats = reader.number('!H')
        reader.take(2 * formats)
        count = reader.number('!H')
        if count > MAX_PARAMETERS:
            raise Refuse('54000', f'bind message has more than {MAX_PARAMETERS} parameters')
        if session.server.names.long and prepared.plan and \
                rules.reads_catalog(prepared.statement.tokens):
            rest = self.names_inward(body, reader, count)
        portal = Portal(prepared)
        if prepared.plan:
            session.begin_implicit()
            if prepared.plan.lock:
                session.write_lock(prepared.plan.lock)
            portal.name = self.fresh('p')
            self.ask(wire.message(b'B', portal.name + b'\0' + prepared.name + b'\0', rest), b'2')
        self.portals[portal_name] = portal
        session.stream.write(wire.message(b'2'))

    def names_inward(self, body, reader, count):
        """What follows the names in Bind, with long names among its values replaced."""
        names = self.session.server.names
        start = body.index(b'\0', body.index(b'\0') + 1) + 1
        parts = [body[start:reader.at]]
        for _ in range(count):
            length = reader.number()
            value = reader.take(length) if length >= 0 else b''
            if length > LIMIT:
                value = names.literal_inward(value.decode('utf-8', 'surrogateescape')).encode(
                    'utf-8', 'surrogateescape')
                length = len(value)
            parts.append(struct.pack('!i', length) + value)
        return b''.join(parts) + body[reader.at:]

    def ask(self, message, *wanted):
        """Send one message and wait for its answer: its kind and body."""
        backend = self.session.backend
        backend.send(message, wire.message(b'H'))
        kind, body = backend.receive()
        if kind == b'E':
            self.recover(body)
        assert kind in wanted, kind
        return kind, body

    def recover(self, body):
        """PostgreSQL skips to Sync after an error: send it, and raise the error."""
        backend = self.session.backend
        backend.send(wire.message(b'S'))
        backend.settle_after_error()
        raise ServerError(wire.parse_fields(body))

    def describe(self, what, name):
        stream = self.session.stream
        if what == b'S':
            prepared = self.prepared.get(name)
            if prepared is None:
                raise Refuse('26000', f'prepared statement "{name.decode()}" does not exist')
            stream.write(prepared.parameters)
            stream.write(prepared.columns)
            return
        portal = self.portals.get(name)
        if portal is None:
            raise Refuse('34000', f'portal "{name.decode()}" does not exist')
        prepared = portal.prepared
        if prepared.plan:
            kind, body = self.ask(wire.message(b'D', b'P' + portal.name + b'\0'), b'T', b'n')
            stream.write(self.outward(body) if kind == b'T' else NO_DATA)
        elif prepared.handler and prepared.handler.rows:
            self.act(portal)
            columns = portal.result.columns
            stream.write(NO_DATA if columns is None else wire.row_description(columns))
        else:
            stream.write(NO_DATA)

    def act(self, portal):
        if portal.result is None:
            session = self.session
            prepared = portal.prepared
            session.admit(prepared.statement)
            session.before(prepared.statement)
            portal.result = prepared.handler.run(session, prepared.statement)

    def execute(self, reader):
        session = self.session
        name = bytes(reader.string())
        limit = reader.number()
        portal = self.portals.get(name)
        if portal is None:
            raise Refuse('34000', f'portal "{name.decode()}" does not exist')
        prepared = portal.prepared
        if prepared.statement is None:
            session.stream.write(wire.message(b'I'))
            return
        if prepared.plan:
            if not portal.started:
                session.before(prepared.statement)
            portal.started = True
            self.execute_pass(portal, limit)
        else:
            self.act(portal)
            session.send_result(portal.result, describe=False)
        for hook in session.server.after_statement:
            hook(session, prepared.statement)

    def execute_pass(self, portal, limit):
        session = self.session
        plan = portal.prepared.plan
        session.on_compute = plan.compute
        session.backend.send(
            wire.message(b'E', portal.name + b'\0', struct.pack('!i', limit)), wire.message(b'H'))
        tag = session.relay(plan, self.recover)
        if tag is None:
            session.stream.write(wire.message(b's'))
            return
        if plan.after:
            plan.after(session)
        session.stream.write(wire.command_complete(tag))

    def close(self, what, name):
        if what == b'S':
            self.forget(name)
        else:
            portal = self.portals.pop(name, None)
            if portal and portal.name and self.session.backend.status != 'E':
                self.ask(wire.message(b'C', b'P' + portal.name + b'\0'), b'3')
        self.session.stream.write(wire.message(b'3'))
