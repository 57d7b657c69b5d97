"""INSERT, UPDATE, DELETE, MERGE and TRUNCATE. Writers of one table wait for each other."""
from . import lexer, rules
from .errors import not_supported, syntax_error
from .functions import arguments
from .query import (Group, Writer, check_query, grouped, is_blank, is_word, select, translate,
                    typed)
from .reader import Reader
from .session import quote_literal
from .statements import Pass, Result, action, translation


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
        check_rows(reader)
    elif not (reader.take('DEFAULT', 'VALUES') or reader.at_words('SELECT')
              or reader.at_words('WITH') or reader.peek() and reader.peek().is_operator('(')):
        raise reader.error()
    check_query(session, statement.tokens)
    if values:
        supers = super_columns(session, quoted, columns)
        if supers:
            return Pass(insert_supers(session, statement, supers), lock=quoted)
    sources = rules.users_tables(statement.tokens)
    return Pass(translate(session, statement.all_tokens), lock=quoted, compute=len(sources) > 1)


def check_rows(reader):
    """VALUES (...), (...): no subqueries where there are several rows."""
    start = reader.at
    rows = 0
    subquery = None
    while True:
        tokens = reader.parenthesized()
        rows += 1
        subquery = subquery or next((one for one in tokens if one.is_word('SELECT')), None)
        if not reader.take_operator(','):
            break
    if rows > 1 and subquery is not None:
        raise not_supported('multi-row VALUES clause cannot contain subqueries')
    reader.end()
    reader.at = start


def super_columns(session, quoted, columns):
    """The places, in a row, of the columns that are SUPER."""
    rows = session.query(
        'SELECT attname, atttypid = \'pg_catalog.super\'::regtype FROM pg_catalog.pg_attribute '
        f'WHERE attrelid = to_regclass({quote_literal(quoted)}) AND attnum > 0 '
        'AND NOT attisdropped ORDER BY attnum').rows
    kinds = dict(rows)
    if 't' not in kinds.values():
        return set()
    inward = session.server.names.inward
    order = [inward(name) for name in columns] if columns else list(kinds)
    return {i for i, name in enumerate(order) if kinds.get(name) == 't'}


def insert_supers(session, statement, places):
    """A literal for a SUPER column is a string, not JSON to be read."""
    items = grouped(typed(statement.all_tokens))
    writer = Writer(session)
    behind = False
    parts = []
    for item in items:
        behind = behind or is_word(item, 'VALUES')
        if behind and isinstance(item, Group):
            parts.append('(' + ', '.join(super_value(writer, argument, i in places) for i, argument
                                         in enumerate(arguments(item.items))) + ')')
        else:
            parts.append(writer.write([item]))
    return ''.join(parts)


def super_value(writer, argument, is_super):
    text = writer.write(argument).strip()
    tokens = [item for item in argument if not is_blank(item)]
    if is_super and len(tokens) == 1 and isinstance(tokens[0], lexer.Token) and \
            tokens[0].kind in (lexer.STRING, lexer.PARAM):
        return f'standin.super_of_text(({text})::text)'
    return text


@translation('WITH')
def with_queries(session, statement):
    """WITH ... before SELECT, UPDATE or DELETE; INSERT takes it behind its table."""
    verb = top_verb(statement.tokens)
    if verb is not None and verb.is_word('DELETE', 'UPDATE'):
        return change(session, statement, verb)
    if verb is None or not verb.is_word('SELECT'):
        raise syntax_error(verb)
    return select(session, statement)


def top_verb(tokens):
    """The verb of a statement that begins with WITH."""
    depth = 0
    for token in tokens:
        depth += token.is_operator('(') - token.is_operator(')')
        if depth == 0 and token.is_word('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'MERGE', 'VALUES'):
            return token
    return None


@translation('UPDATE')
@translation('DELETE')
def update_or_delete(session, statement):
    return change(session, statement, statement.tokens[0])


def change(session, statement, verb):
    """UPDATE or DELETE, perhaps behind a WITH; verb is the token."""
    at = next(i for i, token in enumerate(statement.tokens) if token is verb)
    reader = Reader(statement, at + 1)
    if verb.is_word('DELETE'):
        return delete(session, statement, reader, verb)
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


def delete(session, statement, reader, verb):
    has_from = reader.take('FROM')
    quoted = session.quoted(*reader.qualified())
    if not reader.ended() and not reader.at_words('USING') and not reader.at_words('WHERE'):
        raise reader.error()
    check_query(session, statement.tokens)
    tokens = statement.all_tokens
    if not has_from:
        place = next(i for i, token in enumerate(tokens) if token is verb)
        tokens = tokens[:place + 1] + [lexer.Token('raw', ' FROM', 0, '')] + tokens[place + 1:]
    return Pass(translate(session, tokens), lock=quoted, compute=True)


@translation('MERGE')
def merge(session, statement):
    """MERGE INTO t USING s [[AS] a] ON ... both branches, or REMOVE DUPLICATES."""
    reader = Reader(statement, 1)
    reader.expect('INTO')
    target = reader.qualified()
    reader.expect('USING')
    source = reader.qualified()
    alias = source[1]
    if not reader.at_words('ON'):
        reader.take('AS')
        alias = reader.name()
    if source == target:
        raise not_supported('MERGE source and target cannot be the same relation')
    reader.expect('ON')
    condition = read_condition(reader)
    quoted, quoted_source = session.quoted(*target), session.quoted(*source)
    if session.value(f'SELECT relkind FROM pg_catalog.pg_class WHERE oid = '
                     f'to_regclass({quote_literal(quoted_source)})') == 'v':
        raise not_supported('MERGE source cannot be a view')
    if reader.take('REMOVE', 'DUPLICATES'):
        reader.end()
        where = translate(session, condition)
        return Pass(
            f'WITH gone AS (DELETE FROM {quoted} USING {quoted_source} AS '
            f'{session.quoted(None, alias)} WHERE {where}) '
            f'INSERT INTO {quoted} SELECT DISTINCT * FROM {quoted_source}', tag='MERGE',
            lock=quoted, compute=True)
    check_branches(reader)
    check_query(session, [token for token in statement.tokens if not token.is_word('DELETE')])
    return Pass(translate(session, statement.all_tokens), tag='MERGE', lock=quoted, compute=True)


def read_condition(reader):
    """The tokens, blanks put between them, up to the first WHEN or REMOVE."""
    found = []
    depth = 0
    while not reader.ended() and not (depth == 0 and (
            reader.at_words('WHEN') or reader.at_words('REMOVE', 'DUPLICATES'))):
        token = reader.next()
        depth += token.is_operator('(') - token.is_operator(')')
        found += [token, lexer.Token(lexer.BLANK, ' ', 0, ' ')]
    if not found:
        raise reader.error()
    return found


def check_branches(reader):
    reader.expect('WHEN', 'MATCHED', 'THEN')
    if reader.take('UPDATE'):
        reader.expect('SET')
    else:
        reader.expect('DELETE')
    depth = 0
    while not (depth == 0 and reader.at_words('WHEN')):
        token = reader.next()
        depth += token.is_operator('(') - token.is_operator(')')
    reader.expect('WHEN', 'NOT', 'MATCHED', 'THEN', 'INSERT')
    peek = reader.peek()
    if peek is not None and peek.is_operator('('):
        reader.names()
    reader.expect('VALUES')
    reader.parenthesized()
    reader.end()


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
