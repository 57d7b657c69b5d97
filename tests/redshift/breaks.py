"""How a connection is lost: closed at some point, silent, slow, or as if the wire were cut.

A cut wire is made by a socket filter that lets no packet in: the client's packets are not even
acknowledged, so that only its keepalives, or its patience, tell it.
"""
import contextlib
import ctypes
import os
import socket
import struct
import threading
import time

from .errors import Hangup

SO_ATTACH_FILTER = 26
WATCH_SECONDS = 0.1


class Breaks:
    """What is set for connections as a whole."""

    def __init__(self, server):
        self.server = server
        self.idle_seconds = 0
        self.spared = None          # the session that set idle_seconds, which it does not lose
        self.silent = None          # ACCEPT, LOGIN or None
        self.released = threading.Event()
        self.kept = []              # sockets that are lost but not closed
        self.authenticate = server.authenticate
        self.welcome = server.welcome
        server.authenticate = self.login
        server.welcome = self.accept
        threading.Thread(target=self.watch, daemon=True).start()

    def clear(self):
        self.idle_seconds = 0
        self.silent = None
        self.released.set()
        self.released = threading.Event()
        for lost in self.kept:
            with contextlib.suppress(OSError):
                lost.shutdown(socket.SHUT_RDWR)
            lost.close()
        self.kept = []

    def accept(self, connection, peer):
        if self.silent == 'ACCEPT':
            self.released.wait()
            connection.close()
        else:
            self.welcome(connection, peer)

    def login(self, session):
        if self.silent == 'LOGIN':
            self.hold()
        self.authenticate(session)

    def hold(self):
        """Say nothing until STANDIN CLEAR; then hang up."""
        self.released.wait()
        raise Hangup

    def watch(self):
        """Lose the connections on which nothing has gone for too long."""
        while True:
            time.sleep(WATCH_SECONDS)
            if not self.idle_seconds:
                continue
            limit = time.monotonic() - self.idle_seconds
            for session in list(self.server.sessions.values()):
                if self.is_idle(session, limit):
                    with contextlib.suppress(OSError):  # it has just been closed
                        self.lose(session)

    def is_idle(self, session, limit):
        """Has this session, which can be lost, not heard a thing since then?"""
        return (session.values.get('heard', limit) < limit and session is not self.spared
                and not isinstance(session.stream.socket, Nobody))

    def lose(self, session):
        """From now on nothing comes in from the client and nothing goes out to it."""
        lost = session.stream.socket
        drop_packets(lost)
        self.kept += [lost, socket.socket(fileno=os.dup(lost.fileno()))]
        session.stream.write = session.stream.flush = lambda *data: None
        session.stream.socket = Nobody()


class Nobody:
    """A socket whose other end will never be heard of."""

    def recv(self, size):
        raise ConnectionResetError('the wire is cut')

    def shutdown(self, how):
        pass

    def close(self):
        pass


def drop_packets(connection):
    """Let no packet of the peer's reach this socket, so that none is acknowledged."""
    refuse_all = ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, 0))  # BPF: ret #0
    program = struct.pack('HxxxxxxP' if struct.calcsize('P') == 8 else 'HxxP', 1,
                          ctypes.addressof(refuse_all))
    connection.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)


def heard(session, statement=None):
    """A packet has gone one way or the other."""
    session.values['heard'] = time.monotonic()


def cut(session):
    """End a session's connection at once, and what it does for PostgreSQL."""
    with contextlib.suppress(OSError):
        session.stream.socket.shutdown(socket.SHUT_RDWR)
    session.cancel()


def before(session, statement):
    """The connection ends, and the statement has not run."""
    raise Hangup


def during(session, statement):
    """The connection ends while the statement runs to its end."""
    with contextlib.suppress(OSError):
        session.stream.socket.shutdown(socket.SHUT_RDWR)


def lose_answer(session, statement):
    """The statement runs, and its answer is never sent."""
    session.values['lose_answer'] = True


def after(session):
    """Called when a statement has run and its answer is not sent yet."""
    if session.values.pop('lose_answer', False):
        session.stream.out.clear()
        raise Hangup


def silence(session, statement):
    session.server.switches['breaks'].hold()


def delay(session, seconds):
    """Wait before the statement; a cancel ends that, and so does STANDIN CLEAR."""
    released = session.server.switches['breaks'].released
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        session.check_cancel()
        if released.wait(min(0.02, max(0, until - time.monotonic()))):
            return


DROPS = {'BEFORE': before, 'AFTER': lose_answer, 'DURING': during}
