"""BEGIN, COMMIT, ROLLBACK, LOCK and cursors. There are no savepoints."""
import contextlib

from .errors import Refuse, not_supported
from .identities import exists, missing
from .query import check_query, translate
from .reader import Reader
from .statements import Pass, Result, action, translation
from .unsupported import unsent

LEVELS = (('SERIALIZABLE',), ('REPEATABLE', 'READ'), ('READ', 'COMMITTED'), ('READ', 'UNCOMMITTED'))


def modes(reader):
    """[ISOLATION LEVEL x] [READ ONLY | READ WRITE], in any order: is it READ ONLY?"""
    read_only = False
    while not reader.ended():
        if reader.take('ISOLATION', 'LEVEL'):
            if not any(reader.take(*level) for level in LEVELS):
                raise reader.error()
        elif reader.take('READ', 'ONLY'):
            read_only = True
        elif not reader.take('READ', 'WRITE'):
            raise reader.error()
        reader.take_operator(',')
    return read_only


@action('BEGIN')
@action('START', 'TRANSACTION')
def begin(session, statement):
    reader = Reader(statement)
    if reader.take('START'):
        tag = 'START TRANSACTION'
        reader.expect('TRANSACTION')
    else:
        tag = 'BEGIN'
        reader.expect('BEGIN')
        reader.take_any('WORK', 'TRANSACTION')
    read_only = modes(reader)
    if session.block:
        session.info('there is already a transaction in progress', '25001', 'WARNING')
    elif session.implicit:
        session.implicit = False
    else:
        session.query('BEGIN READ ONLY' if read_only else 'BEGIN')
    session.block = 'open'
    return Result(tag)


@action('COMMIT')
@action('END')
def commit(session, statement):
    return finish(session, statement, 'COMMIT')


@action('ROLLBACK')
@action('ABORT')
def rollback(session, statement):
    return finish(session, statement, 'ROLLBACK')


def finish(session, statement, verb):
    reader = Reader(statement, 1)
    reader.take_any('WORK', 'TRANSACTION')
    if verb == 'ROLLBACK' and reader.take('TO'):
        raise not_supported(f'SQL command "{statement.text}" not supported.')
    reader.end()
    if not session.in_transaction:
        session.info('there is no transaction in progress', '25P01', 'WARNING')
        return Result(verb)
    if session.block == 'failed':
        verb = 'ROLLBACK'
    session.block = None
    session.implicit = False
    session.query(verb)
    session.act_as(None)
    return Result(verb)


@action('SET', 'LOCAL', 'SESSION', 'AUTHORIZATION')
def set_authorization(session, statement):
    """SET LOCAL SESSION AUTHORIZATION u: for superusers, up to the end of the transaction."""
    reader = Reader(statement, 4)
    name = reader.user_name()
    reader.end()
    if not session.is_superuser:
        raise Refuse('42501', 'permission denied to set session authorization')
    if not session.block:
        raise unsent('SET LOCAL SESSION AUTHORIZATION', 'outside of a transaction')
    if not exists(session, name):
        raise missing('user', name)
    session.act_as(name)
    return Result('SET')


@action('SAVEPOINT')
@action('RELEASE')
def savepoint(session, statement):
    raise not_supported(f'SQL command "{statement.text}" not supported.')


@action('SET', 'TRANSACTION')
@action('SET', 'SESSION', 'CHARACTERISTICS')
def set_transaction(session, statement):
    reader = Reader(statement, 2)
    if reader.take('CHARACTERISTICS'):
        reader.expect('AS', 'TRANSACTION')
        modes(reader)
        return Result('SET')
    if modes(reader):
        session.query('SET TRANSACTION READ ONLY')
    return Result('SET')


@contextlib.contextmanager
def untimed(session):
    """Where statement_timeout is not to end a wait for a lock: none. SHOW takes no snapshot, as LOCK."""
    if session.server.switches.get('lock_waits') != 'untimed':
        yield
        return
    limit = session.value('SHOW statement_timeout')
    session.query('SET statement_timeout TO 0')
    yield
    session.query(f"SET statement_timeout TO '{limit}'")


@action('LOCK')
def lock(session, statement):
    reader = Reader(statement, 1)
    reader.take('TABLE')
    tables = [reader.qualified()]
    while reader.take_operator(','):
        tables.append(reader.qualified())
    reader.end()
    with session.atomic(), untimed(session):
        session.query('LOCK TABLE ' + ', '.join('ONLY ' + session.quoted(*one) for one in tables)
                      + ' IN ACCESS EXCLUSIVE MODE')  # in one: there is no snapshot before the last
        for schema, name in tables:
            quoted = session.quoted(schema, name)
            if session.value(f"SELECT relkind FROM pg_catalog.pg_class "
                             f"WHERE oid = '{quoted}'::pg_catalog.regclass") != 'r':
                raise Refuse('42809', f'"{name}" is not a table')
    return Result('LOCK TABLE')


@translation('DECLARE')
def declare(session, statement):
    """DECLARE c CURSOR FOR query: one at a time, in a transaction."""
    reader = Reader(statement, 1)
    name = reader.name()
    reader.expect('CURSOR', 'FOR')
    if not session.block:
        raise Refuse('25P01', 'DECLARE CURSOR may only be used in transaction blocks')
    if session.value('SELECT count(*) FROM pg_catalog.pg_cursors WHERE is_holdable IS NOT NULL '
                     "AND name NOT LIKE 'standin\\_%' AND name <> ''") != '0':
        raise not_supported(f'cannot open cursor "{name}": only one cursor can be open at a time')
    check_query(session, statement.tokens)
    return Pass(translate(session, statement.all_tokens))


@translation('FETCH')
def fetch(session, statement):
    """FETCH FORWARD n FROM c."""
    reader = Reader(statement, 1)
    if not reader.take('FORWARD') or reader.at_words('ALL'):
        raise unsent('FETCH', 'without FORWARD and a number')
    count = reader.integer()
    if session.server.options.nodes == 1 and count > 1000:
        raise not_supported(f'Fetch size {count} exceeds the limit of 1000 for a single node '
                            'configuration. Reduce the client fetch/cache size or upgrade to '
                            'a multi node installation.')
    reader.expect('FROM')
    reader.name()
    reader.end()
    return Pass(translate(session, statement.all_tokens))


@translation('CLOSE')
def close(session, statement):
    return Pass(translate(session, statement.all_tokens))
