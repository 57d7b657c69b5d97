"""Who there is: users, groups and roles of Redshift as roles of PostgreSQL.

User u is the role "u", group g is "group:g" and role r is "role:r": in Redshift the three kinds of
names are apart, and a group may be called as a user is.
"""
from .backend import Backend
from .errors import Refuse
from .session import quote_ident

FILE = {'file': 'user.c', 'routine': 'CreateUser'}


def group_role(name):
    return 'group:' + name


def role_role(name):
    return 'role:' + name


def quoted(session, role):
    """A role's name for SQL of PostgreSQL's."""
    return quote_ident(session.server.names.inward(role))


def denied(message):
    return Refuse('42501', message, **FILE)


def missing(kind, name):
    return Refuse('42704', f'{kind} "{name}" does not exist', **FILE)


def taken(kind, name):
    return Refuse('42710', f'{kind} "{name}" already exists', **FILE)


def exists(session, role):
    return bool(session.value('SELECT 1 FROM pg_roles WHERE rolname = $1',
                              [session.server.names.inward(role)]))


def user_must_exist(session, name):
    if not exists(session, name):
        raise missing('user', name)


def group_must_exist(session, name):
    if not exists(session, group_role(name)):
        raise missing('group', name)


def role_must_exist(session, name):
    if not exists(session, role_role(name)):
        raise missing('role', name)


def must_be_superuser(session, deed):
    if not session.is_superuser:
        raise denied(f'must be superuser to {deed}')


def name_list(read):
    """user or group names, with commas between."""
    found = [read.user_name()]
    while read.take_operator(','):
        found.append(read.user_name())
    return found


def add_member(session, group, user):
    session.admin(f'GRANT {quoted(session, group_role(group))} TO {quoted(session, user)}')


def role_name(read):
    """A role's name, which may be one of the cluster's own: sys:monitor."""
    name = read.name()
    return f'{name}:{read.name()}' if read.take_operator(':') else name


def set_traits(session, role, traits):
    """Change what the role's comment holds; None takes a trait away."""
    for key, value in traits.items():
        session.admin('SELECT standin.set_trait($1, $2, $3)',
                      [session.server.names.inward(role), key, value])


def drop(session, kind, name, role):
    """Drop a role of PostgreSQL; what it has in other databases is in nobody's way (I8)."""
    inward = session.server.names.inward(role)
    check_unused(session, kind, name, inward)
    forget_elsewhere(session, inward)
    session.admin(f'DROP ROLE {quote_ident(inward)}')


def check_unused(session, kind, name, role):
    """Refuse with 55006 what still owns or may something in this database, and name it."""
    found = session.query('''
        SELECT deptype, pg_describe_object(classid, objid, objsubid)
        FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid
        WHERE r.rolname = $1 AND d.refclassid = 'pg_authid'::regclass
          AND (d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
               OR d.dbid = 0 AND d.classid = 'pg_database'::regclass)''', [role]).rows
    found += session.query("SELECT 'o', 'library ' || name FROM standin.libraries WHERE owner = $1",
                           [role]).rows
    found += session.admin("SELECT 'a', 'IAM role ' || arn FROM standin.assumerole "
                           'WHERE grantee = $1', [role]).rows
    if not found:
        return
    owned = [what for how, what in found if how == 'o']
    why = 'owns some' if owned else 'has a privilege on some'
    verb = session.server.switches.get('drop_wording', 'cannot')
    what = ', '.join(sorted(owned or {what for _, what in found}))
    raise Refuse('55006', f'{kind} "{name}" {verb} be dropped because the {kind} {why} object',
                 session.server.names.outward(what), **FILE)


def forget_elsewhere(session, role):
    """Take from a role what it has in other databases, over connections of the stand-in's own."""
    rows = session.query('''
        SELECT DISTINCT b.datname FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid
        JOIN pg_database b ON b.oid = d.dbid
        WHERE r.rolname = $1 AND b.datname <> current_database()''', [role]).rows
    for (database,) in rows:
        other = Backend(session.server.options.postgres, database)
        try:
            other.query(f'REASSIGN OWNED BY {quote_ident(role)} TO CURRENT_USER')
            other.query(f'DROP OWNED BY {quote_ident(role)}')
        finally:
            other.close()
