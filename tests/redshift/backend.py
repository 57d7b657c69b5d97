"""A small client of PostgreSQL: one connection over its unix socket, as a superuser."""
import os
import socket
import struct
from dataclasses import dataclass, field

from . import wire


class ServerError(Exception):
    """PostgreSQL refused; the fields of its message by their letters."""

    def __init__(self, fields):
        super().__init__(fields.get('M', ''))
        self.fields = fields

    @property
    def sqlstate(self):
        return self.fields.get('C', 'XX000')


@dataclass
class Rows:
    """What a query gave: columns as (name, oid, typmod), rows of str and None, and the tag."""
    columns: list = field(default_factory=list)
    rows: list = field(default_factory=list)
    tag: str = ''


def parse_conninfo(conninfo):
    """A conninfo of words, or the folder of the sockets: a dictionary."""
    if '=' not in conninfo:
        return {'host': conninfo}
    return dict(word.split('=', 1) for word in conninfo.split())


class Backend:
    """One connection. status is 'I', 'T' or 'E', as PostgreSQL last said."""

    def __init__(self, conninfo, database, user=None, parameters=()):
        words = parse_conninfo(conninfo)
        self.path = os.path.join(words['host'], f".s.PGSQL.{words.get('port', '5432')}")
        self.on_notice = lambda fields: None
        self.status = 'I'
        self.key = (0, 0)
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self.path)
        self.stream = wire.Stream(connection)
        pairs = [('user', user or words.get('user', 'postgres')), ('database', database),
                 ('client_encoding', 'UTF8'), *parameters]
        body = b''.join(wire.text(name) + wire.text(value) for name, value in pairs) + b'\0'
        self.send(struct.pack('!II', len(body) + 8, wire.PROTOCOL_3) + body)
        self.settle()

    def send(self, *messages):
        for one in messages:
            self.stream.write(one)
        self.stream.flush()

    def receive(self):
        """The next message that is not a notice or a change of a parameter."""
        while True:
            kind, body = self.stream.read()
            if kind == b'N':
                self.on_notice(wire.parse_fields(body))
            elif kind == b'K':
                self.key = struct.unpack('!II', body)
            elif kind == b'Z':
                self.status = body.decode()
                return kind, body
            elif kind not in (b'S', b'A'):
                return kind, body

    def settle(self):
        """Read to ReadyForQuery and raise what went wrong on the way there."""
        error = None
        while True:
            kind, body = self.receive()
            if kind == b'E':
                error = error or ServerError(wire.parse_fields(body))
                if error.fields.get('S') == 'FATAL':
                    raise error
            elif kind == b'Z':
                if error:
                    raise error
                return

    def settle_after_error(self):
        """Read to ReadyForQuery after an error; another one, or the end, is forgotten."""
        try:
            self.settle()
        except (ServerError, ConnectionError):
            pass

    def query(self, sql, params=None):
        """Run SQL (several statements where there are no params); the last result's Rows."""
        if params is None:
            self.send(wire.message(b'Q', wire.text(sql)))
        else:
            self.send(*extended(sql, params))
        result = Rows()
        error = None
        while True:
            kind, body = self.receive()
            if kind == b'T':
                columns = wire.parse_description(body)
                result = Rows([(c[0].decode(), c[3], c[5]) for c in columns])
            elif kind == b'D':
                result.rows.append([None if value is None else value.decode()
                                    for value in wire.parse_row(body)])
            elif kind == b'C':
                result.tag = body[:-1].decode()
            elif kind == b'E':
                error = error or ServerError(wire.parse_fields(body))
            elif kind == b'G':
                self.send(wire.message(b'f', wire.text('COPY is not for query()')))
            elif kind == b'Z':
                if error:
                    raise error
                return result

    def value(self, sql, params=None):
        """The first column of the first row, or None."""
        rows = self.query(sql, params).rows
        return rows[0][0] if rows else None

    def copy_in(self, sql, chunks):
        """Run COPY ... FROM STDIN with chunks of bytes; the tag. What chunks raise ends it."""
        self.send(wire.message(b'Q', wire.text(sql)))
        kind, body = self.receive()
        if kind != b'G':
            error = ServerError(wire.parse_fields(body)) if kind == b'E' else None
            self.settle()
            raise error or ValueError('that is no COPY FROM STDIN')
        try:
            for chunk in chunks:
                self.stream.write(wire.message(b'd', chunk))
        except BaseException:
            self.send(wire.message(b'f', wire.text('the rows have ended with an error')))
            try:
                self.settle()
            except ServerError:
                pass
            raise
        self.send(wire.message(b'c'))
        tag = ''
        error = None
        while True:
            kind, body = self.receive()
            if kind == b'C':
                tag = body[:-1].decode()
            elif kind == b'E':
                error = ServerError(wire.parse_fields(body))
            elif kind == b'Z':
                if error:
                    raise error
                return tag

    def copy_out(self, sql):
        """Run COPY ... TO STDOUT and yield its rows, as bytes; read it to its end."""
        self.send(wire.message(b'Q', wire.text(sql)))
        error = None
        while True:
            kind, body = self.receive()
            if kind == b'd':
                yield body
            elif kind == b'E':
                error = error or ServerError(wire.parse_fields(body))
            elif kind == b'Z':
                if error:
                    raise error
                return

    def cancel(self):
        """Ask PostgreSQL to cancel what this connection is doing; from any thread."""
        with socket.socket(socket.AF_UNIX) as other:
            other.connect(self.path)
            other.sendall(struct.pack('!IIII', 16, wire.CANCEL_REQUEST, *self.key))
            other.recv(1)

    def close(self):
        try:
            self.send(wire.message(b'X'))
        except OSError:
            pass
        self.stream.socket.close()


def extended(sql, params):
    """The messages of one statement with text parameters."""
    values = b''.join(b'\xff\xff\xff\xff' if value is None else
                      struct.pack('!I', len(str(value).encode())) + str(value).encode()
                      for value in params)
    return (wire.message(b'P', b'\0', wire.text(sql), b'\0\0'),
            wire.message(b'B', b'\0\0\0\0', struct.pack('!H', len(params)), values, b'\0\0'),
            wire.message(b'D', b'P\0'), wire.message(b'E', b'\0\0\0\0\0'), wire.message(b'S'))
