"""GRANT, REVOKE and ALTER DEFAULT PRIVILEGES: Redshift's grammar, made real by PostgreSQL's own.

Each grantee gets a statement of its own, since WITH GRANT OPTION stands behind a single user. DROP
on a table is PostgreSQL's TRIGGER, which nothing else uses here.
"""
from . import assumerole, groups  # groups registers its statements
from .backend import ServerError
from .errors import Refuse, syntax_error
from .identities import (FILE, denied, group_must_exist, group_role, must_be_superuser, quoted,
                         role_must_exist, role_name, role_role, set_traits, user_must_exist)
from .reader import Reader
from .session import quote_ident
from .statements import Result, action

TABLE = {'SELECT': 'SELECT', 'INSERT': 'INSERT', 'UPDATE': 'UPDATE', 'DELETE': 'DELETE',
         'DROP': 'TRIGGER', 'REFERENCES': 'REFERENCES', 'TRUNCATE': 'TRUNCATE'}
DATABASE = {'CREATE': 'CREATE', 'TEMPORARY': 'TEMPORARY', 'TEMP': 'TEMPORARY'}
SCHEMA = {'CREATE': 'CREATE', 'USAGE': 'USAGE'}
EXECUTE = {'EXECUTE': 'EXECUTE'}
USAGE = {'USAGE': 'USAGE'}
KNOWN = {**TABLE, **DATABASE, **SCHEMA, **EXECUTE}
COLUMN_PRIVILEGES = ('SELECT', 'UPDATE')

SYSTEM_PERMISSIONS = [words.split() for words in (
    'CREATE USER', 'DROP USER', 'ALTER USER', 'CREATE SCHEMA', 'DROP SCHEMA',
    'ALTER DEFAULT PRIVILEGES', 'ACCESS CATALOG', 'ACCESS SYSTEM TABLE', 'CREATE TABLE',
    'DROP TABLE', 'ALTER TABLE', 'CREATE OR REPLACE FUNCTION', 'DROP FUNCTION',
    'CREATE OR REPLACE PROCEDURE', 'DROP PROCEDURE', 'CREATE OR REPLACE VIEW', 'DROP VIEW',
    'CREATE ROLE', 'DROP ROLE', 'TRUNCATE TABLE', 'VACUUM', 'ANALYZE', 'CANCEL')]


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
    """GRANT privileges ON objects, ROLE, ASSUMEROLE or system permissions."""
    read = Reader(statement, 1)
    if read.take('ROLE'):
        grant_roles(session, read)
    elif read.take('ASSUMEROLE'):
        assumerole.change(session, read, read_grantees, granting=True)
    elif system_permission(read):
        change_permissions(session, read, granting=True)
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
    return Result('GRANT')


@action('REVOKE')
def revoke(session, statement):
    """REVOKE [GRANT OPTION FOR] ... FROM ...: the reverse of all that GRANT does."""
    read = Reader(statement, 1)
    only_option = 'GRANT OPTION FOR ' if read.take('GRANT', 'OPTION', 'FOR') else ''
    if read.at_words('ROLE') or read.at_words('ADMIN', 'OPTION', 'FOR', 'ROLE'):
        revoke_roles(session, read)
    elif read.take('ASSUMEROLE'):
        assumerole.change(session, read, read_grantees, granting=False)
    elif system_permission(read):
        change_permissions(session, read, granting=False)
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


def grant_roles(session, read):
    """GRANT ROLE r, ... TO {user [WITH ADMIN OPTION] | ROLE r2}, ..."""
    roles = role_names(read)
    read.expect('TO')
    grants = []
    while True:
        into_role = read.take('ROLE')
        name = role_name(read) if into_role else read.user_name()
        option = ' WITH ADMIN OPTION' if read.take('WITH', 'ADMIN', 'OPTION') else ''
        grants.append((into_role, name, option))
        if not read.take_operator(','):
            break
    read.end()
    with session.atomic():
        for role in roles:
            role_must_exist(session, role)
            for into_role, name, option in grants:
                (role_must_exist if into_role else user_must_exist)(session, name)
                member = quoted(session, role_role(name) if into_role else name)
                grant_role(session, quoted(session, role_role(role)), f'{member}{option}')


def grant_role(session, role, member):
    try:
        session.query(f'GRANT {role} TO {member}')
    except ServerError as error:
        if error.sqlstate == '0LP01' and 'is a member of role' in str(error):
            raise Refuse('0LP01', 'cannot grant this role, a circular dependency was detected '
                         'between these roles', **FILE) from None
        raise


def revoke_roles(session, read):
    """REVOKE [ADMIN OPTION FOR] ROLE r, ... FROM {user | ROLE r2}, ..."""
    option = 'ADMIN OPTION FOR ' if read.take('ADMIN', 'OPTION', 'FOR') else ''
    read.expect('ROLE')
    roles = role_names(read)
    read.expect('FROM')
    members = []
    while True:
        members.append(role_role(role_name(read)) if read.take('ROLE') else read.user_name())
        if not read.take_operator(','):
            break
    read.end()
    with session.atomic():
        for role in roles:
            role_must_exist(session, role)
            for member in members:
                session.query(f'REVOKE {option}{quoted(session, role_role(role))} '
                              f'FROM {quoted(session, member)}')


def role_names(read):
    found = [role_name(read)]
    while read.take_operator(','):
        found.append(role_name(read))
    return found


def system_permission(read):
    """Does a permission of roles stand here (and not a privilege ON something)?"""
    return next((' '.join(words) for words in SYSTEM_PERMISSIONS if read.at_words(*words)), None)


def change_permissions(session, read, granting):
    """GRANT CREATE USER, ... TO ROLE r: written down and shown; the stand-in does not act on it."""
    wanted = []
    while True:
        permission = system_permission(read)
        if not permission:
            raise read.error()
        read.take(*permission.split())
        wanted.append(permission)
        if not read.take_operator(','):
            break
    read.expect('TO' if granting else 'FROM', 'ROLE')
    name = read.name()
    read.end()
    must_be_superuser(session, 'grant system permissions')
    role_must_exist(session, name)
    with session.atomic():
        for permission in wanted:
            set_traits(session, role_role(name),
                       {'may ' + permission: 'true' if granting else None})


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


def lend_ownership(session, statement):
    """Whom DROP was granted on a table may drop it: it is made the owner, in that transaction."""
    if statement.words[:2] != ('DROP', 'TABLE') or session.is_superuser:
        return
    read = Reader(statement, 2)
    read.take('IF', 'EXISTS')
    for table in quoted_names(session, read):
        if session.value('''
                SELECT has_table_privilege(oid, 'TRIGGER') AND NOT pg_has_role(relowner, 'MEMBER')
                FROM pg_class WHERE oid = to_regclass($1)''', [table]) == 't':
            session.begin_implicit()
            session.admin(f'ALTER TABLE {table} OWNER TO {quoted(session, session.user)}')


def start(server):
    server.before_statement.append(lend_ownership)
