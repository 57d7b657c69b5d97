"""Who may come in: passwords, temporary passwords of IAM, expiry and limits of connections.

Set as server.authenticate. What is refused says no more than that the password is wrong, as
PostgreSQL 8.0 did: also for an unknown user, an expired one, and one with PASSWORD DISABLE.
"""
import struct
import threading
import time
from dataclasses import dataclass

from . import books, passwords, wire
from .control import control
from .errors import fatal
from .identities import group_role, role_role
from .session import quote_ident
from .statements import Result

IAM_PREFIXES = ('IAM:', 'IAMA:', 'IAMR:')
SETTING = 'set '  # what the trait of a parameter's setting begins with
ADMITTING = threading.Lock()


@dataclass
class Account:
    """A user as the login needs it."""
    oid: int
    superuser: bool
    limit: int      # connections at once; -1: any number
    expired: bool
    stored: str     # the password, as passwords.store() keeps it
    settings: dict  # ALTER USER ... SET


def account_of(server, name):
    """The account of a user, or None. The superuser of PostgreSQL's own (rdsdb) is none."""
    rows = server.lookup('''
        SELECT a.oid, rolsuper, rolconnlimit, coalesce(rolvaliduntil < now(), false),
               coalesce(d.description::jsonb ->> 'password', rolpassword),
               key, value
        FROM pg_authid a
        LEFT JOIN pg_shdescription d ON d.objoid = a.oid AND d.classoid = 'pg_authid'::regclass
        LEFT JOIN LATERAL jsonb_each_text(d.description::jsonb) ON key LIKE $2 || '%'
        WHERE rolname = $1 AND a.oid <> 10 AND standin.is_user(rolname)''',
                         [server.names.inward(name), SETTING]).rows
    if not rows:
        return None
    oid, superuser, limit, expired, stored = rows[0][:5]
    settings = {key.removeprefix(SETTING): value for *_, key, value in rows if key}
    return Account(int(oid), superuser == 't', int(limit), expired == 't', stored or '', settings)


def authenticate(session):
    """Ask for the password, or raise the FATAL error; session.user is the user from here on."""
    name = session.user
    temporary = name.startswith(IAM_PREFIXES)
    if temporary:
        exchange = passwords.ClearExchange(temporary_password(session))
        user, account = None, None
    else:
        user, account = name, account_of(session.server, name)
        exchange = passwords.exchange_of(account.stored if account else None)
    session.stream.write(exchange.request())
    session.stream.flush()
    accepted = exchange.accepts(*session.stream.read())
    if accepted and temporary:
        user, account = temporary_account(session, name)
    if not accepted or account is None or account.expired:
        raise fatal('28000', f'password authentication failed for user "{name}"')
    admit(session, user, account)
    for parameter, value in account.settings.items():
        session.parameters.setdefault(parameter, value)
    session.stream.write(wire.message(b'R', struct.pack('!I', passwords.AUTH_OK)))


def admit(session, user, account):
    """Count the connection; too many of a user's are refused, but never a superuser's."""
    with ADMITTING:
        present = sum(one.values.get('userid') == account.oid
                      for one in list(session.server.sessions.values()))
        if not account.superuser and 0 <= account.limit <= present:
            raise fatal('53300', f'too many connections for user "{user}"')
        session.values['userid'] = account.oid
        session.values['login'] = session.user
        session.values['began'] = books.now()
        session.user = user


def temporary_password(session):
    """The password that STANDIN TEMPORARY PASSWORD gave, for as long as it lasts, over TLS."""
    given = session.server.switches.get('temporary_passwords', {})
    password, until = given.get(session.user, (None, 0))
    return password if session.tls and time.monotonic() < until else None


def temporary_account(session, name):
    """(user, account) of IAM:u, IAMA:u[:group] (made where it is missing), or IAMR:r."""
    prefix, _, rest = name.partition(':')
    user, _, group = rest.partition(':')
    if prefix == 'IAM':
        return user, account_of(session.server, user)
    if prefix == 'IAMR':
        user = name
    if account_of(session.server, user) is None:
        make_user(session.server, user)
    if group and prefix == 'IAMA':
        join(session.server, user, group_role(group))
    if prefix == 'IAMR':
        join(session.server, user, role_role(rest))
    return user, account_of(session.server, user)


def make_user(server, user):
    inward = server.names.inward(user)
    server.lookup(f'CREATE ROLE {quote_ident(inward)}')
    server.lookup('SELECT standin.set_trait($1, $2, $3)', [inward, 'password', passwords.DISABLED])


def join(server, user, role):
    """Make the user a member of a group or role that is there; another is passed over."""
    if server.lookup('SELECT 1 FROM pg_roles WHERE rolname = $1', [server.names.inward(role)]).rows:
        server.lookup(f'GRANT {quote_ident(server.names.inward(role))} '
                      f'TO {quote_ident(server.names.inward(user))}')


@control('TEMPORARY')
def declare(session, reader):
    """STANDIN TEMPORARY PASSWORD 'IAM:u' 'password' [SECONDS n]: as GetClusterCredentials gives."""
    reader.expect('PASSWORD')
    name = reader.string()
    password = reader.string()
    seconds = reader.integer() if reader.take('SECONDS') else 900
    reader.end()
    given = session.server.switches.setdefault('temporary_passwords', {})
    given[name] = (password, time.monotonic() + seconds)
    return Result('STANDIN')
