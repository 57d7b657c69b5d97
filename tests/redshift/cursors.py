"""DECLARE, FETCH and CLOSE: one cursor at a time, in a transaction. PREPARE and EXECUTE."""
from .errors import Refuse, not_supported
from .query import check_query, translate
from .reader import Reader
from .statements import Pass, translation


@translation('DECLARE')
def declare(session, statement):
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
    """FETCH [NEXT | ALL | n | FORWARD [n | ALL]] FROM c."""
    reader = Reader(statement, 1)
    single = session.server.options.nodes == 1
    reader.take('FORWARD')
    word = reader.take_any('NEXT', 'ALL')
    if word is None and not reader.at_words('FROM'):
        count = reader.integer()
        if single and count > 1000:
            raise not_supported(f'Fetch size {count} exceeds the limit of 1000 for a single node '
                                'configuration. Reduce the client fetch/cache size or upgrade to '
                                'a multi node installation.')
    reader.expect('FROM')
    reader.name()
    reader.end()
    return Pass(translate(session, statement.all_tokens))


@translation('CLOSE')
@translation('EXECUTE')
@translation('DEALLOCATE')
def through(session, statement):
    return Pass(translate(session, statement.all_tokens))


@translation('PREPARE')
def prepare(session, statement):
    check_query(session, statement.tokens)
    return Pass(translate(session, statement.all_tokens))
