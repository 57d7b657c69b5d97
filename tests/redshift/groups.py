"""Groups and roles: CREATE, ALTER and DROP of either."""
from .errors import Refuse
from .identities import (FILE, add_member, denied, drop, exists, group_must_exist, group_role,
                         must_be_superuser, name_list, quoted, role_must_exist, role_name,
                         role_role, set_traits, taken, user_must_exist)
from .reader import Reader
from .statements import Result, action
from .unsupported import refuse_unsent


def check_name(group):
    if group.startswith('__'):
        raise Refuse('42939', f'group name "{group}" is reserved', **FILE)


@action('CREATE', 'GROUP')
def create_group(session, statement):
    """CREATE GROUP name [[WITH] USER user, ...]."""
    read = Reader(statement, 2)
    name = read.name()
    members = []
    if read.take('WITH', 'USER') or read.take('USER'):
        members = name_list(read)
    read.end()
    must_be_superuser(session, 'create groups')
    check_name(name)
    if exists(session, group_role(name)):
        raise taken('group', name)
    for member in members:
        user_must_exist(session, member)
    with session.atomic():
        session.admin(f'CREATE ROLE {quoted(session, group_role(name))}')
        for member in members:
            add_member(session, name, member)
    return Result('CREATE GROUP')


@action('ALTER', 'GROUP')
def alter_group(session, statement):
    """ALTER GROUP name ADD USER user, ..."""
    read = Reader(statement, 2)
    name = read.name()
    refuse_unsent('ALTER GROUP', read)
    read.expect('ADD', 'USER')
    members = name_list(read)
    read.end()
    must_be_superuser(session, 'alter groups')
    group_must_exist(session, name)
    for member in members:
        user_must_exist(session, member)
    with session.atomic():
        for member in members:
            add_member(session, name, member)
    return Result('ALTER GROUP')


@action('DROP', 'GROUP')
def drop_group(session, statement):
    """DROP GROUP name."""
    read = Reader(statement, 2)
    name = read.name()
    read.end()
    must_be_superuser(session, 'drop groups')
    group_must_exist(session, name)
    drop(session, 'group', name, group_role(name))
    return Result('DROP GROUP')


@action('CREATE', 'ROLE')
def create_role(session, statement):
    """CREATE ROLE name."""
    read = Reader(statement, 2)
    name = role_name(read)
    refuse_unsent('CREATE ROLE', read)
    read.end()
    must_be_superuser(session, 'create roles')
    if name.startswith('sys:'):
        raise Refuse('42939', f'role name "{name}" is reserved', **FILE)
    if exists(session, name):
        raise taken('user', name)
    if exists(session, role_role(name)):
        raise taken('role', name)
    with session.atomic():
        session.admin(f'CREATE ROLE {quoted(session, role_role(name))}')
        set_traits(session, role_role(name), {'owner': session.user})
    return Result('CREATE ROLE')


@action('ALTER', 'ROLE')
def alter_role(session, statement):
    """ALTER ROLE name OWNER TO user."""
    read = Reader(statement, 2)
    name = role_name(read)
    refuse_unsent('ALTER ROLE', read)
    read.expect('OWNER', 'TO')
    new = read.user_name()
    read.end()
    must_be_superuser(session, 'alter roles')
    role_must_exist(session, name)
    user_must_exist(session, new)
    set_traits(session, role_role(name), {'owner': new})
    return Result('ALTER ROLE')


@action('DROP', 'ROLE')
def drop_role(session, statement):
    """DROP ROLE name [FORCE | RESTRICT]: one that is granted to somebody only by force."""
    read = Reader(statement, 2)
    name = role_name(read)
    force = read.take_any('FORCE', 'RESTRICT') == 'FORCE'
    read.end()
    must_be_superuser(session, 'drop roles')
    if name.startswith('sys:'):
        raise denied(f'role "{name}" belongs to the system and cannot be dropped')
    role_must_exist(session, name)
    granted = session.query('''SELECT 1 FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid
                              WHERE r.rolname = $1''', [role_role(name)]).rows
    if granted and not force:
        raise Refuse('2BP01', f'role "{name}" cannot be dropped because it is granted to other '
                     'users or roles', **FILE)
    drop(session, 'role', name, role_role(name))
    return Result('DROP ROLE')
