"""The listening side: TLS, startup messages, cancels, and what all connections share."""
import contextlib
import itertools
import socket
import ssl
import struct
import threading

from . import messages, wire
from .backend import Backend
from .control import Log
from .database import FIRST
from .errors import Hangup, Refuse, fatal
from .names import Names
from .session import Session


class Server:
    """One stand-in. Other modules add to the lists of hooks and to the dictionary of switches."""

    def __init__(self, options):
        self.options = options
        self.log = Log()
        self.sessions = {}
        self.numbers = itertools.count(1)
        self.queries = itertools.count(1001)
        self.switches = {}            # by name; what "STANDIN ..." statements have set
        self.before_statement = []    # called with (session, statement); may raise
        self.before_prepare = []      # the same, when a client has one prepared
        self.after_statement = []
        self.authenticate = None      # function(session): see authentication.py
        shared = Backend(options.postgres, FIRST)
        self.shared = shared
        self.shared_lock = threading.Lock()
        self.names = Names(shared, self.shared_lock)
        self.wire_oids = {
            int(oid): messages.WIRE_OIDS[name] for name, oid in
            shared.query('SELECT typname, oid FROM pg_catalog.pg_type WHERE typname IN '
                         "('super', 'varbyte', 'geometry', 'geography')").rows}
        self.tls = None
        if options.tls_cert:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(options.tls_cert, options.tls_key)
            self.tls.minimum_version = ssl.TLSVersion.TLSv1_2
        self.listener = socket.create_server((options.host, options.port), backlog=64)
        self.port = self.listener.getsockname()[1]

    def query_id(self):
        """A new number of a query."""
        return next(self.queries)

    def lookup(self, sql, params=None):
        """Run SQL as a superuser in the database "dev"; for what all connections share."""
        with self.shared_lock:
            return self.shared.query(sql, params)

    def serve(self):
        while True:
            connection, address = self.listener.accept()
            with contextlib.suppress(OSError):  # the client may have gone already
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.welcome, args=(connection, address[0]),
                             daemon=True).start()

    def welcome(self, connection, peer):
        """Read what a connection begins with, and serve it."""
        try:
            with contextlib.suppress(ConnectionError, OSError, ssl.SSLError, Hangup):
                self.greet(connection, peer)
        finally:
            with contextlib.suppress(OSError):
                connection.close()

    def greet(self, connection, peer):
        tls = None
        while True:
            stream = wire.Stream(connection)
            length, code = struct.unpack('!II', stream.take(8))
            if length > 10000 or length < 8:
                return  # a ClientHello without an SSLRequest before it, or nonsense
            if code == wire.SSL_REQUEST and tls is None:
                connection.sendall(b'S' if self.tls else b'N')
                if self.tls:
                    connection = tls = self.tls.wrap_socket(connection, server_side=True)
            elif code == wire.GSS_REQUEST:
                if self.options.gss == 'hostile':
                    return
                connection.sendall(b'N')
            elif code == wire.CANCEL_REQUEST:
                self.cancel(*struct.unpack('!II', stream.take(8)))
                return
            else:
                self.begin(stream, code, stream.take(length - 8), tls, peer)
                return

    def begin(self, stream, code, body, tls, peer):
        words = [part.decode('utf-8', 'replace') for part in body.split(b'\0')]
        parameters = dict(zip(words[::2], words[1::2]))
        parameters.pop('', None)
        session = Session(self, stream, parameters, next(self.numbers), tls, peer)
        try:
            if code != wire.PROTOCOL_3:
                raise fatal('0A000', f'unsupported frontend protocol {code >> 16}.{code & 65535}: '
                                     'server supports 1.0 to 3.0')
            if self.options.require_ssl and tls is None:
                raise fatal('28000', f'no pg_hba.conf entry for host "::ffff:{peer}", user '
                                     f'"{session.user}", database "{session.database}", SSL off')
        except Refuse as refuse:
            stream.write(wire.error_response(refuse))
            stream.flush()
            return
        self.sessions[session.number] = session
        try:
            session.run()
        finally:
            del self.sessions[session.number]

    def cancel(self, number, key):
        session = self.sessions.get(number)
        if session and session.key == key:
            session.cancel()
