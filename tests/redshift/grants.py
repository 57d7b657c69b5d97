"""GRANT, REVOKE and ALTER DEFAULT PRIVILEGES: Redshift's grammar, made real by PostgreSQL's own.

Each grantee gets a statement of its own, since WITH GRANT OPTION stands behind a single user. DROP
on a table is PostgreSQL's TRIGGER, which nothing else uses here.
"""
from . import assumerole
from .errors import Refuse, syntax_error
from .identities import (FILE, denied, group_must_exist, group_role, quoted, role_must_exist,
                         role_name, role_role, user_must_exist)
from .reader import Reader
from .session import quote_ident
from .statements import Result, action
from .unsupported import refuse_unsent

TABLE = {'SELECT': 'SELECT', 'INSERT': 'INSERT', 'UPDATE': 'UPDATE', 'DELETE': 'DELETE',
         'DROP': 'TRIGGER', 'REFERENCES': 'REFERENCES', 'TRUNCATE': 'TRUNCATE'}
DATABASE = {'CREATE': 'CREATE', 'TEMPORARY': 'TEMPORARY', 'TEMP': 'TEMPORARY'}
SCHEMA = {'CREATE': 'CREATE', 'USAGE': 'USAGE'}
EXECUTE = {'EXECUTE': 'EXECUTE'}
USAGE = {'USAGE': 'USAGE'}
KNOWN = {**TABLE, **DATABASE, **SCHEMA, **EXECUTE}
COLUMN_PRIVILEGES = ('SELECT', 'UPDATE')


class Grantee:
    """To or from whom: a user, a group, a role of Redshift, or PUBLIC."""

    def __init__(self, read):
        self.option = ''
        self.kind = read.take_any('PUBLIC', 'ROLE', 'GROUP') or 'USER'
        self.name = self.kind
        if self.kind != 'PUBLIC':
            self.name = role_name(read) if self.kind == 'ROLE' else read.user_name()
        token = read.peek()
        if read.take('WITH', 'GRANT', 'OPTION'):
            if self.kind != 'USER':
                raise Refuse('0LP01', 'grant options can only be granted to individual users',
                             position=token.position + 1, **FILE)
            self.option = ' WITH GRANT OPTION'

    def role(self, session):
        """The role's name in SQL; 42704 where there is none."""
        if self.kind == 'PUBLIC':
            return 'PUBLIC'
        return quoted(session, self.backend_name(session))

    def backend_name(self, session):
        if self.kind == 'PUBLIC':
            return 'PUBLIC'
        if self.kind == 'GROUP':
            group_must_exist(session, self.name)
            return group_role(self.name)
        if self.kind == 'ROLE':
            role_must_exist(session, self.name)
            return role_role(self.name)
        user_must_exist(session, self.name)
        return self.name


def read_grantees(read):
    found = [Grantee(read)]
    while read.take_operator(','):
        found.append(Grantee(read))
    return found


def read_privileges(read):
    """[(privilege, its token, columns)], or None for ALL."""
    if read.take('ALL'):
        read.take('PRIVILEGES')
        return None
    found = []
    while True:
        token = read.peek()
        name = read.take_any(*KNOWN)
        if not name:
            raise read.error()
        columns = read.names() if token_opens(read) else []
        if columns and name not in COLUMN_PRIVILEGES:
            raise syntax_error(token)
        found.append((name, columns))
        if not read.take_operator(','):
            return found


def token_opens(read):
    token = read.peek()
    return token is not None and token.is_operator('(')


def privileges_sql(session, privileges, known, kind):
    """What PostgreSQL calls these privileges on a kind of object."""
    if privileges is None:
        return 'ALL'
    parts = []
    for name, columns in privileges:
        if name not in known:
            raise Refuse('0LP01', f'invalid privilege type {name} for {kind}', **FILE)
        part = known[name]
        if columns:
            names = session.server.names
            part += '(' + ', '.join(quote_ident(names.inward(one)) for one in columns) + ')'
        parts.append(part)
    return ', '.join(parts)


def read_objects(session, read):
    """What stands after ON: (SQL of the objects, the privileges there are, what an error says)."""
    if read.take('DATABASE'):
        return 'DATABASE ' + names_sql(session, read), DATABASE, 'database'
    if read.take('SCHEMA'):
        return 'SCHEMA ' + names_sql(session, read), SCHEMA, 'schema'
    if read.take('LANGUAGE'):
        return 'LANGUAGE ' + names_sql(session, read), USAGE, 'language'
    kind = read.take_any('FUNCTION', 'PROCEDURE')
    if kind:
        return f'{kind} ' + routines_sql(session, read), EXECUTE, kind.lower()
    if read.take('ALL'):
        kind = read.take_any('TABLES', 'FUNCTIONS', 'PROCEDURES')
        if not kind:
            raise read.error()
        read.expect('IN', 'SCHEMA')
        return (f'ALL {kind} IN SCHEMA ' + names_sql(session, read),
                TABLE if kind == 'TABLES' else EXECUTE, kind.lower())
    read.take('TABLE')
    return 'TABLE ' + names_sql(session, read), TABLE, 'relation'


def quoted_names(session, read):
    """[schema.]name, ...: each as it stands in SQL."""
    found = []
    while True:
        schema, name = read.qualified()
        found.append(session.quoted(schema, name))
        if not read.take_operator(','):
            return found


def names_sql(session, read):
    return ', '.join(quoted_names(session, read))


def routines_sql(session, read):
    parts = []
    while True:
        schema, name = read.qualified()
        arguments = ' '.join(token.text for token in read.parenthesized())
        parts.append(f'{session.quoted(schema, name)}({arguments})')
        if not read.take_operator(','):
            return ', '.join(parts)


@action('GRANT')
def grant(session, statement):
    """GRANT privileges ON objects, ROLE or ASSUMEROLE."""
    read = Reader(statement, 1)
    refuse_unsent('GRANT', read)
    if read.take('ROLE'):
        change_roles(session, read, 'GRANT', 'TO')
    elif read.take('ASSUMEROLE'):
        assumerole.change(session, read, read_grantees, granting=True)
    else:
        privileges = read_privileges(read)
        read.expect('ON')
        objects, known, kind = read_objects(session, read)
        read.expect('TO')
        grantees = read_grantees(read)
        read.end()
        what = privileges_sql(session, privileges, known, kind)
        with session.atomic():
            for one in grantees:
                session.query(f'GRANT {what} ON {objects} TO {one.role(session)}{one.option}')
                if kind == 'tables':
                    spare_inner_tables(session, one)
    return Result('GRANT')


def spare_inner_tables(session, grantee):
    """ALL TABLES are not those behind materialized views: nobody could revoke that."""
    inner = session.query("SELECT oid::regclass FROM pg_catalog.pg_class "
                          r"WHERE relname LIKE 'mv\_tbl\_\_%' AND relacl IS NOT NULL").rows
    for (table,) in inner:
        session.query(f'REVOKE ALL ON {table} FROM {grantee.role(session)}')


@action('REVOKE')
def revoke(session, statement):
    """REVOKE [GRANT OPTION FOR] ... FROM ...: the reverse of all that GRANT does."""
    read = Reader(statement, 1)
    only_option = 'GRANT OPTION FOR ' if read.take('GRANT', 'OPTION', 'FOR') else ''
    refuse_unsent('GRANT', read)
    refuse_unsent('REVOKE', read)
    if read.take('ROLE'):
        change_roles(session, read, 'REVOKE', 'FROM')
    elif read.take('ASSUMEROLE'):
        assumerole.change(session, read, read_grantees, granting=False)
    else:
        privileges = read_privileges(read)
        read.expect('ON')
        objects, known, kind = read_objects(session, read)
        read.expect('FROM')
        grantees = read_grantees(read)
        behaviour = read.take_any('CASCADE', 'RESTRICT') or ''
        read.end()
        what = privileges_sql(session, privileges, known, kind)
        with session.atomic():
            for one in grantees:
                session.query(f'REVOKE {only_option}{what} ON {objects} '
                              f'FROM {one.role(session)} {behaviour}')
    return Result('REVOKE')


def change_roles(session, read, verb, direction):
    roles = [role_name(read)]
    while read.take_operator(','):
        roles.append(role_name(read))
    read.expect(direction)
    users = []
    while not users or read.take_operator(','):
        refuse_unsent('GRANT ROLE', read)
        users.append(read.user_name())
    refuse_unsent('GRANT ROLE', read)
    read.end()
    with session.atomic():
        for role in roles:
            role_must_exist(session, role)
            for user in users:
                user_must_exist(session, user)
                session.query(f'{verb} {quoted(session, role_role(role))} {direction} '
                              f'{quoted(session, user)}')


@action('ALTER', 'DEFAULT', 'PRIVILEGES')
def alter_default_privileges(session, statement):
    """ALTER DEFAULT PRIVILEGES [FOR USER u, ...] [IN SCHEMA s, ...] {GRANT | REVOKE} ..."""
    read = Reader(statement, 3)
    creators = []
    schemas = ''
    if read.take('FOR'):
        read.expect('USER')
        creators = [read.user_name()]
        while read.take_operator(','):
            creators.append(read.user_name())
    if read.take('IN', 'SCHEMA'):
        schemas = ' IN SCHEMA ' + names_sql(session, read)
    deed = read.take_any('GRANT', 'REVOKE')
    if not deed:
        raise read.error()
    option = 'GRANT OPTION FOR ' if read.take('GRANT', 'OPTION', 'FOR') else ''
    if option and deed == 'GRANT':
        raise read.error()
    privileges = read_privileges(read)
    read.expect('ON')
    kind = read.take_any('TABLES', 'FUNCTIONS', 'PROCEDURES')
    if not kind:
        raise read.error()
    what = privileges_sql(session, privileges, TABLE if kind == 'TABLES' else EXECUTE,
                          kind.lower())
    read.expect('TO' if deed == 'GRANT' else 'FROM')
    grantees = read_grantees(read)
    behaviour = '' if deed == 'GRANT' else read.take_any('CASCADE', 'RESTRICT') or ''
    read.end()
    of = default_creators(session, creators)
    on = 'TABLES' if kind == 'TABLES' else 'FUNCTIONS'
    direction = 'TO' if deed == 'GRANT' else 'FROM'
    with session.atomic():
        for one in grantees:
            session.query(f'ALTER DEFAULT PRIVILEGES{of}{schemas} {deed} {option}{what} ON {on} '
                          f'{direction} {one.role(session)}{one.option} {behaviour}')
    return Result('ALTER DEFAULT PRIVILEGES')


def default_creators(session, creators):
    for name in creators:
        user_must_exist(session, name)
        if name != session.user and not session.is_superuser:
            raise denied('must be superuser to alter default privileges for another user')
    if not creators:
        return ''
    return ' FOR ROLE ' + ', '.join(quoted(session, name) for name in creators)
