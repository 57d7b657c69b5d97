"""Passwords as Redshift takes, keeps and asks for them: md5, sha256 and DISABLE."""
import hashlib
import os
import re
import struct

from . import wire
from .errors import Refuse

AUTH_OK = 0
AUTH_CLEAR = 3
AUTH_MD5 = 5
AUTH_DIGEST = 13
SHA256 = 0  # the number of the algorithm in a digest request

DISABLED = 'DISABLE'
BARRED = set('\'"\\/@')
RULES = (
    (lambda clear: 8 <= len(clear) <= 64,
     'password must be between 8 and 64 characters in length'),
    (lambda clear: re.search('[A-Z]', clear),
     'password must contain at least one uppercase letter'),
    (lambda clear: re.search('[a-z]', clear),
     'password must contain at least one lowercase letter'),
    (lambda clear: re.search('[0-9]', clear),
     'password must contain at least one number'),
    (lambda clear: all('!' <= one <= '~' and one not in BARRED for one in clear),
     'password must not contain a space, a quote, "/", "\\" or "@"'),
)


def bad(message):
    return Refuse('22023', message, file='user.c', routine='CreateUser')


def store(user, given):
    """What is kept of a password that CREATE USER or ALTER USER gave; it is checked here."""
    if given.startswith('md5'):
        if not re.fullmatch('md5[0-9a-f]{32}', given):
            raise bad('invalid md5 password: must be "md5" and 32 hexadecimal digits')
        return given
    if given.startswith('sha256|'):
        return store_sha256(given)
    for holds, message in RULES:
        if not holds(given):
            raise bad(message)
    return 'md5' + hashlib.md5((given + user).encode()).hexdigest()


def store_sha256(given):
    parts = given.split('|')
    if len(parts) == 2 and parts[1]:
        salt = os.urandom(32)
        return f'sha256|{sha256_hex(parts[1], salt)}|{salt.hex()}'
    if len(parts) == 3 and all(re.fullmatch('[0-9a-f]{64}', part) for part in parts[1:]):
        return given
    raise bad('invalid sha256 password: must be "sha256|" and a clear password, or a digest and '
              'a salt of 64 hexadecimal digits each')


def sha256_hex(clear, salt):
    return hashlib.sha256(clear.encode() + salt).hexdigest()


class Md5Exchange:
    """AuthenticationRequest 5: md5 of what is stored and of a salt of four bytes."""
    def __init__(self, stored):
        self.digest = stored[3:]
        self.salt = os.urandom(4)

    def request(self):
        return wire.message(b'R', struct.pack('!I', AUTH_MD5), self.salt)

    def accepts(self, kind, body):
        expected = hashlib.md5(self.digest.encode() + self.salt).hexdigest()
        return kind == b'p' and body.rstrip(b'\0') == b'md5' + expected.encode()


class DigestExchange:
    """AuthenticationRequest 13: sha256 of what is stored and of a nonce of either side."""
    def __init__(self, stored):
        _, digest, salt = stored.split('|')
        self.digest = bytes.fromhex(digest)
        self.salt = bytes.fromhex(salt)
        self.nonce = os.urandom(8)

    def request(self):
        return wire.message(b'R', struct.pack('!II', AUTH_DIGEST, SHA256),
                            counted(self.salt), counted(self.nonce))

    def accepts(self, kind, body):
        if kind != b'd':
            return False
        reader = wire.Reader(body)
        answer = reader.take(reader.number())
        nonce = reader.take(reader.number())
        return answer == hashlib.sha256(self.digest + self.nonce + nonce).digest()


class ClearExchange:
    """AuthenticationRequest 3, for temporary passwords, which the cluster does not keep."""
    def __init__(self, expected):
        self.expected = expected

    def request(self):
        return wire.message(b'R', struct.pack('!I', AUTH_CLEAR))

    def accepts(self, kind, body):
        return kind == b'p' and self.expected is not None and \
            body.rstrip(b'\0') == self.expected.encode()


def exchange_of(stored):
    """How to ask for a password that is stored so; what nobody knows is asked for as md5."""
    if stored and stored.startswith('sha256|'):
        return DigestExchange(stored)
    if stored and stored.startswith('md5'):
        return Md5Exchange(stored)
    return Md5Exchange('md5' + os.urandom(16).hex())


def counted(data):
    return struct.pack('!I', len(data)) + data
