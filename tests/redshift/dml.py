"""INSERT, UPDATE, DELETE and TRUNCATE. Writers of one table wait for each other."""
from . import lexer, rules
from .errors import not_supported, syntax_error
from .query import check_query, translate
from .reader import Reader
from .session import quote_literal
from .statements import Pass, Result, action, translation
from .unsupported import unsent


@translation('INSERT')
def insert(session, statement):
    reader = Reader(statement, 1)
    reader.expect('INTO')
    schema, name = reader.qualified()
    quoted = session.quoted(schema, name)
    columns = None
    peek = reader.peek()
    if peek is not None and peek.is_operator('(') and not (
            reader.peek(1) is not None and reader.peek(1).is_word('SELECT', 'WITH')
            or reader.peek(1) is not None and reader.peek(1).is_operator('(')):
        columns = reader.names()
    values = reader.take('VALUES')
    if values:
        check_rows(session, reader, quoted, columns)
    elif not (reader.take('DEFAULT', 'VALUES') or reader.at_words('SELECT')
              or reader.at_words('WITH') or reader.peek() and reader.peek().is_operator('(')):
        raise reader.error()
    check_query(session, statement.tokens)
    sources = rules.users_tables(statement.tokens)
    return Pass(translate(session, statement.all_tokens), lock=quoted, compute=len(sources) > 1)


def check_rows(session, reader, quoted, columns):
    """VALUES (...), (...): no subqueries where there are several rows."""
    start = reader.at
    supers = super_places(session, quoted, columns)
    rows = 0
    subquery = None
    while True:
        tokens = reader.parenthesized()
        rows += 1
        subquery = subquery or next((one for one in tokens if one.is_word('SELECT')), None)
        if supers and supers & literal_places(tokens):  # a string there, and not JSON to be read
            raise unsent('INSERT', 'VALUES of a literal into a SUPER column')
        if not reader.take_operator(','):
            break
    if rows > 1 and subquery is not None:
        raise not_supported('multi-row VALUES clause cannot contain subqueries')
    reader.end()
    reader.at = start


def super_places(session, quoted, columns):
    """The places, in a row, of the columns that are SUPER."""
    kinds = dict(session.query(
        'SELECT attname, format_type(atttypid, NULL) FROM pg_catalog.pg_attribute '
        f'WHERE attrelid = to_regclass({quote_literal(quoted)}) AND attnum > 0 '
        'AND NOT attisdropped ORDER BY attnum').rows)
    order = list(kinds) if columns is None else map(session.server.names.inward, columns)
    return {i for i, name in enumerate(order) if kinds.get(name) == 'super'}


def literal_places(tokens):
    """The places, in a row, of values that are a literal or a parameter alone."""
    values, depth = [[]], 0
    for token in tokens:
        depth += token.is_operator('(') - token.is_operator(')')
        if depth == 0 and token.is_operator(','):
            values.append([])
        else:
            values[-1].append(token)
    return {i for i, value in enumerate(values)
            if len(value) == 1 and value[0].kind in (lexer.STRING, lexer.PARAM)}


@translation('UPDATE')
def update(session, statement):
    reader = Reader(statement, 1)
    quoted = session.quoted(*reader.qualified())
    if not reader.at_words('SET'):
        reader.take('AS')
        reader.name()
    reader.expect('SET')
    refuse_outer_join(reader)
    check_query(session, statement.tokens)
    return Pass(translate(session, statement.all_tokens), lock=quoted, compute=True)


def refuse_outer_join(reader):
    """UPDATE ... FROM a LEFT JOIN b."""
    depth = 0
    behind = False
    while not reader.ended():
        token = reader.next()
        depth += token.is_operator('(') - token.is_operator(')')
        behind = behind or depth == 0 and token.is_word('FROM')
        if behind and depth == 0 and token.is_word('LEFT', 'RIGHT', 'FULL'):
            peek = reader.peek()
            if peek is not None and peek.is_word('JOIN', 'OUTER'):
                raise not_supported('Target table must be part of an equijoin predicate')


@translation('DELETE')
def delete(session, statement):
    reader = Reader(statement, 1)
    if not reader.take('FROM'):
        raise unsent('DELETE', 'without FROM')
    quoted = session.quoted(*reader.qualified())
    if not reader.ended() and not reader.at_words('USING') and not reader.at_words('WHERE'):
        raise reader.error()
    check_query(session, statement.tokens)
    return Pass(translate(session, statement.all_tokens), lock=quoted, compute=True)


@action('TRUNCATE')
def truncate(session, statement):
    """TRUNCATE commits, what was done before it as well."""
    reader = Reader(statement, 1)
    reader.take('TABLE')
    schema, name = reader.qualified()
    reader.end()
    session.query(f'TRUNCATE TABLE {session.quoted(schema, name)}')
    if session.in_transaction:
        session.query('COMMIT')
        session.block = None
        session.implicit = False
    return Result('TRUNCATE TABLE')


@action('VALUES')
def values(session, statement):
    raise syntax_error(statement.tokens[0])
