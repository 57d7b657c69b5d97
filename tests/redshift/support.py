"""For the tests: a client of the stand-in, and stand-ins with other options."""
import contextlib
import hashlib
import os
import socket
import ssl
import struct
import subprocess
import unittest

from . import wire
from .backend import Rows, extended

HERE = os.path.dirname(os.path.realpath(__file__))
CONNINFO = dict(word.split('=', 1) for word in os.environ.get('RS_REDSHIFT', '').split())
FOLDER = os.environ.get('RS_REDSHIFT_DIR', '')


class Error(Exception):
    """An ErrorResponse."""

    def __init__(self, fields):
        super().__init__(f"{fields.get('C')}: {fields.get('M')}")
        self.fields = fields
        self.sqlstate = fields.get('C')
        self.message = fields.get('M')


class Client:
    """One connection. notices holds the fields of the notices so far; status the block's state."""

    def __init__(self, user=None, password=None, database='dev', port=None, tls=True, **parameters):
        self.user = user or CONNINFO['user']
        self.password = CONNINFO['password'] if password is None else password
        self.notices = []
        self.parameters = {}
        self.status = None
        self.authentication = []
        connection = socket.create_connection(('localhost', int(port or CONNINFO['port'])), 20)
        if tls:
            connection.sendall(struct.pack('!II', 8, wire.SSL_REQUEST))
            assert connection.recv(1) == b'S'
            context = ssl.create_default_context(cafile=CONNINFO['sslrootcert'])
            connection = context.wrap_socket(connection, server_hostname='localhost')
        self.socket = connection
        self.stream = wire.Stream(connection)
        pairs = {'user': self.user, 'database': database, **parameters}
        body = b''.join(wire.text(name) + wire.text(value) for name, value in pairs.items()) + b'\0'
        self.send(struct.pack('!II', len(body) + 8, wire.PROTOCOL_3) + body)
        try:
            self.login()
        except BaseException:
            self.socket.close()
            raise

    def send(self, *messages):
        for one in messages:
            self.stream.write(one)
        self.stream.flush()

    def login(self):
        while True:
            kind, body = self.stream.read()
            if kind == b'R':
                code, = struct.unpack_from('!I', body)
                self.authentication.append(code)
                if code == 3:
                    self.send(wire.message(b'p', wire.text(self.password)))
                elif code == 5:
                    inner = hashlib.md5((self.password + self.user).encode()).hexdigest()
                    outer = hashlib.md5(inner.encode() + body[4:8]).hexdigest()
                    self.send(wire.message(b'p', wire.text('md5' + outer)))
                elif code != 0:
                    raise NotImplementedError(f'authentication method {code} not supported')
            elif kind == b'S':
                name, value, _ = body.split(b'\0')
                self.parameters[name.decode()] = value.decode()
            elif kind == b'K':
                self.key = struct.unpack('!II', body)
            elif kind == b'E':
                raise Error(wire.parse_fields(body))
            elif kind == b'Z':
                self.status = body.decode()
                return

    def results(self):
        """Read to ReadyForQuery: a list of Rows; an ErrorResponse is raised there."""
        found = []
        current = Rows()
        error = None
        while True:
            kind, body = self.stream.read()
            if kind == b'T':
                current.columns = [(column[0].decode(), column[3], column[5])
                                   for column in wire.parse_description(body)]
            elif kind == b'D':
                current.rows.append(tuple(None if value is None else value.decode()
                                          for value in wire.parse_row(body)))
            elif kind in b'CIs':
                current.tag = body[:-1].decode() if kind == b'C' else ''
                found.append(current)
                current = Rows()
            elif kind == b'N':
                self.notices.append(wire.parse_fields(body))
            elif kind == b'E':
                error = error or Error(wire.parse_fields(body))
            elif kind == b'Z':
                self.status = body.decode()
                if error:
                    raise error
                return found

    def query(self, sql):
        """A simple query; the last statement's Rows."""
        self.send(wire.message(b'Q', wire.text(sql)))
        return self.results()[-1]

    def tags(self, sql):
        """A simple query; all statements' tags."""
        self.send(wire.message(b'Q', wire.text(sql)))
        return [one.tag for one in self.results()]

    def execute(self, sql, *params):
        """One statement by the extended protocol, as PQexecParams sends it."""
        self.send(*extended(sql, params))
        return self.results()[-1]

    def rows(self, sql):
        return self.query(sql).rows

    def value(self, sql):
        return self.query(sql).rows[0][0]

    def close(self):
        with contextlib.suppress(OSError):
            self.send(wire.message(b'X'))
        self.socket.close()


class Case(unittest.TestCase):
    """A test with a connection, self.client, and a schema of its own that it works in."""

    @classmethod
    def setUpClass(cls):
        if not CONNINFO:
            raise unittest.SkipTest('RS_REDSHIFT is not set: use tests/redshift/run')

    def setUp(self):
        self.client = self.connect()
        self.schema = f'test_{self._testMethodName.split("_")[1].lower()}_{os.urandom(4).hex()}'
        self.client.query(f'create schema {self.schema}')
        self.client.query(f'set search_path to {self.schema}, public')

    def tearDown(self):
        if self.client.status != 'I':
            self.client.query('rollback')
        self.client.query(f'drop schema if exists {self.schema} cascade')

    def connect(self, *args, **kwargs):
        """A new connection, closed with the test; in the test's schema once there is one."""
        client = Client(*args, **kwargs)
        self.addCleanup(client.close)
        if hasattr(self, 'schema'):
            client.query(f'set search_path to {self.schema}, public')
        return client

    def refused(self, sql, sqlstate, message=None, client=None):
        """Assert that a statement fails so; the error."""
        with self.assertRaises(Error) as caught:
            (client or self.client).query(sql)
        error = caught.exception
        self.assertEqual(error.sqlstate, sqlstate, f'{sql}: {error}')
        if message is not None:
            self.assertIn(message, error.message, sql)
        return error

    def syntax_error(self, sql, near=None, client=None):
        text = 'syntax error at end of input' if near == '' else 'syntax error'
        if near:
            text = f'syntax error at or near "{near}"'
        return self.refused(sql, '42601', text, client)


@contextlib.contextmanager
def standin(*options):
    """Another stand-in on the same PostgreSQL, with other options: its port."""
    command = [os.path.join(HERE, 'standin'),
               '--postgres', f'host={FOLDER}/postgres/sock user=postgres',
               '--tls-cert', f'{FOLDER}/localhost.crt', '--tls-key', f'{FOLDER}/localhost.key',
               *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield int(process.stdout.readline().split()[1])
        finally:
            process.terminate()


def psql(*arguments, conninfo=None, stdin=''):
    """Run psql: (status, standard output, standard error)."""
    words = conninfo or ' '.join(f'{name}={value}' for name, value in CONNINFO.items())
    done = subprocess.run(['psql', '-X', '-A', '-t', '-d', words, *arguments], text=True,
                          input=stdin, capture_output=True, timeout=30, check=False)
    return done.returncode, done.stdout, done.stderr
