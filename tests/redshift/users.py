"""CREATE, ALTER and DROP USER: a user is a role of PostgreSQL, with traits of Redshift's.

What PostgreSQL keeps of itself is given to it (CREATEDB, superuser, CONNECTION LIMIT, VALID UNTIL);
the rest is JSON in the role's comment, by standin.set_trait() of 50-users.sql.
"""
import re

from . import messages, passwords
from .authentication import SETTING, authenticate
from .errors import Refuse, syntax_error
from .identities import (FILE, denied, drop, exists, missing, must_be_superuser, name_list,
                         quoted, role_role, set_traits, taken)
from .reader import Reader
from .session import quote_ident, quote_literal
from .statements import Result, action
from .unsupported import refuse_unsent

SESSION_TIMEOUT = range(60, 1728001)


class Options:
    """What stood behind a user's name: clauses of PostgreSQL's, and traits of ours."""

    def __init__(self):
        self.password = None  # what was given; DISABLED for PASSWORD DISABLE
        self.superuser = None
        self.clauses = []
        self.traits = {}
        self.seen = set()

    def once(self, name):
        if name in self.seen:
            raise Refuse('42601', 'conflicting or redundant options', **FILE)
        self.seen.add(name)

    def read(self, read):
        """Read options, in any order, to the statement's end."""
        read.take('WITH')
        while not read.ended():
            refuse_unsent('CREATE USER', read)
            name = read.take_any(*READERS)
            if name is None:
                raise read.error()
            self.once(name.removeprefix('NO'))
            READERS[name](self, read)
        return self

    def read_password(self, read):
        if read.take('DISABLE'):
            self.password = passwords.DISABLED
        else:
            self.password = read.string()

    def read_createdb(self, _):
        self.clauses.append('CREATEDB')

    def read_nocreatedb(self, _):
        self.clauses.append('NOCREATEDB')

    def read_createuser(self, _):
        self.superuser = True
        self.clauses.append('SUPERUSER')

    def read_nocreateuser(self, _):
        self.superuser = False
        self.clauses.append('NOSUPERUSER')

    def read_syslog(self, read):
        read.expect('ACCESS')
        word = read.take_any('RESTRICTED', 'UNRESTRICTED')
        if not word:
            raise read.error()
        self.traits['syslog'] = word.lower()

    def read_valid(self, read):
        read.expect('UNTIL')
        self.clauses.append('VALID UNTIL ' + quote_literal(read.string()))

    def read_connection(self, read):
        read.expect('LIMIT')
        limit = -1 if read.take('UNLIMITED') else read.integer()
        self.clauses.append(f'CONNECTION LIMIT {limit}')

    def read_session(self, read):
        read.expect('TIMEOUT')
        seconds = read.integer()
        if seconds not in SESSION_TIMEOUT:
            raise Refuse('22023', f'session timeout must be between {SESSION_TIMEOUT.start} and '
                         f'{SESSION_TIMEOUT.stop - 1} seconds', **FILE)
        self.traits['timeout'] = str(seconds)


READERS = {
    'PASSWORD': Options.read_password,
    'CREATEDB': Options.read_createdb,
    'NOCREATEDB': Options.read_nocreatedb,
    'CREATEUSER': Options.read_createuser,
    'NOCREATEUSER': Options.read_nocreateuser,
    'SYSLOG': Options.read_syslog,
    'VALID': Options.read_valid,
    'CONNECTION': Options.read_connection,
    'SESSION': Options.read_session,
}


def superuser_flag(session, name):
    """Whether a user is a superuser; None where there is no such user."""
    flag = session.value('SELECT usesuper FROM standin.users WHERE usename = $1',
                         [session.server.names.inward(name)])
    return None if flag is None else flag == 't'


def disable_check(options, superuser):
    if options.password == passwords.DISABLED and superuser:
        raise Refuse('22023', 'password of a superuser cannot be disabled', **FILE)


def stored_password(name, given):
    if given == passwords.DISABLED:
        return passwords.DISABLED
    return passwords.store(name, given)


@action('CREATE', 'USER')
def create_user(session, statement):
    """CREATE USER name [WITH] PASSWORD ... options."""
    read = Reader(statement, 2)
    name = read.user_name()
    options = Options().read(read)
    if options.password is None:
        raise syntax_error()
    must_be_superuser(session, 'create users')
    if name.lower() == 'public':
        raise Refuse('42939', f'user name "{name}" is reserved', **FILE)
    disable_check(options, options.superuser)
    stored = stored_password(name, options.password)
    if exists(session, name):
        raise taken('user', name)
    if exists(session, role_role(name)):
        raise taken('role', name)
    with session.atomic():
        session.admin(' '.join(['CREATE ROLE', quoted(session, name), *options.clauses]))
        set_traits(session, name, {'password': stored, **options.traits})
    return Result('CREATE USER')


@action('ALTER', 'USER')
def alter_user(session, statement):
    """ALTER USER name: options, or SET of a parameter."""
    read = Reader(statement, 2)
    name = read.user_name()
    superuser = superuser_flag(session, name)
    with session.atomic():
        refuse_unsent('ALTER USER', read)
        if read.take('SET'):
            set_parameter(session, name, superuser, read)
        else:
            change_options(session, name, superuser, read)
    return Result('ALTER USER')


def change_options(session, name, superuser, read):
    if read.ended():
        raise syntax_error()
    options = Options().read(read)
    if superuser is None:
        raise missing('user', name)
    only_password = options.seen == {'PASSWORD'}
    if not session.is_superuser and not (only_password and name == session.user):
        raise denied('permission denied')
    disable_check(options, superuser if options.superuser is None else options.superuser)
    if options.password is not None:
        options.traits['password'] = stored_password(name, options.password)
    if options.clauses:
        session.admin(' '.join(['ALTER ROLE', quoted(session, name), *options.clauses]))
    set_traits(session, name, options.traits)


def set_parameter(session, name, superuser, read):
    """SET parameter {TO | =} {value | DEFAULT}; it acts at the user's next login."""
    parameter = read.name(reserved=True)
    if not read.take('TO'):
        read.expect_operator('=')
    values = []
    while True:
        value = read.next().value
        if parameter == 'search_path' and not re.fullmatch('[a-z_][a-z0-9_]*', value):
            value = quote_ident(value)
        values.append(value)
        if not read.take_operator(','):
            break
    read.end()
    if superuser is None:
        raise missing('user', name)
    if not session.is_superuser and name != session.user:
        raise denied('permission denied')
    value = None if values == ['default'] else ', '.join(values)
    set_traits(session, name, {SETTING + parameter: value})


@action('DROP', 'USER')
def drop_user(session, statement):
    """DROP USER [IF EXISTS] name, ...: 55006 for who owns or may something in this database."""
    read = Reader(statement, 2)
    tolerant = read.take('IF', 'EXISTS')
    names = name_list(read)
    read.end()
    must_be_superuser(session, 'drop users')
    with session.atomic():
        for name in names:
            if name == session.user:
                raise Refuse('55006', 'current user cannot be dropped', **FILE)
            if exists(session, name):
                drop(session, 'user', name, name)
            elif tolerant:
                session.info(f'User "{name}" does not exist and will be skipped')
            else:
                raise missing('user', name)
    return Result('DROP USER')


@action('DROP', 'OWNED')
def drop_owned(session, statement):
    raise syntax_error(statement.tokens[1])


def start(server):
    server.authenticate = authenticate
    messages.REWORDED.append(('42704', 'role (".*") does not exist', r'user \1 does not exist'))
