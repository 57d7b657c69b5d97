"""CREATE TABLE, and CREATE TABLE AS."""
from dataclasses import dataclass, field
from typing import Optional

from . import attributes, lexer
from .attributes import Constraint, TableAttributes
from .coltypes import Type, read_type
from .errors import Refuse, not_supported, syntax_error, system_error
from .query import check_query, translate
from .reader import Reader, Statement
from .session import quote_ident, quote_literal
from .statements import Result, action
from .unsupported import refuse_unsent, unsent

MAX_WIDTH = 65535
SYSTEM_COLUMNS = ('oid', 'tableoid', 'xmin', 'xmax', 'cmin', 'cmax', 'ctid')
# Words that end a DEFAULT's expression.
COLUMN_WORDS = ('DEFAULT', 'IDENTITY', 'GENERATED', 'ENCODE', 'DISTKEY', 'SORTKEY', 'COLLATE',
                'NOT', 'NULL', 'UNIQUE', 'PRIMARY', 'REFERENCES', 'CHECK', 'CONSTRAINT')


@dataclass
class Column:
    name: str
    type: Type
    default: Optional[str] = None
    identity: Optional[tuple] = None     # (ALWAYS or BY DEFAULT, seed, step)
    encoding: Optional[str] = None
    distkey: bool = False
    sortkey: bool = False
    not_null: bool = False
    constraints: list = field(default_factory=list)


@dataclass
class Table:
    schema: Optional[str]
    name: str
    temporary: bool
    if_not_exists: bool = False
    columns: list = field(default_factory=list)
    constraints: list = field(default_factory=list)
    like: Optional[tuple] = None         # (schema, name)
    attributes: TableAttributes = field(default_factory=TableAttributes)


def read_column_name(reader):
    name = reader.name()
    if name in SYSTEM_COLUMNS:
        raise Refuse('42701', f'column name "{name}" conflicts with a system column name')
    return name


def read_default(session, reader):
    """A DEFAULT's expression, translated."""
    start = reader.at
    depth = 0
    while not reader.ended():
        token = reader.peek()
        if depth == 0 and (token.is_word(*COLUMN_WORDS) and not (
                token.is_word('NULL') and reader.at == start) or token.is_operator(',')
                or token.is_operator(')')):
            break
        depth += token.is_operator('(') - token.is_operator(')')
        reader.next()
    if reader.at == start:
        raise reader.error()
    tokens = reader.tokens[start:reader.at]
    if any(token.is_word('SELECT') for token in tokens):
        raise not_supported('cannot use subquery in default expression')
    spaced = []
    for token in tokens:
        spaced += [token, lexer.Token(lexer.BLANK, ' ', 0, ' ')]
    return translate(session, spaced)


def read_identity(reader):
    """(seed, step)."""
    reader.expect_operator('(')
    seed = reader.integer()
    reader.expect_operator(',')
    step = reader.integer()
    reader.expect_operator(')')
    return seed, step


def read_column_attribute(session, reader, column):
    """One attribute of a column, if one stands here."""
    refuse_unsent('CREATE TABLE', reader)
    if reader.take('DEFAULT'):
        column.default = read_default(session, reader)
    elif reader.take('IDENTITY'):
        column.identity = ('ALWAYS', *read_identity(reader))
    elif reader.take('GENERATED', 'BY', 'DEFAULT', 'AS', 'IDENTITY'):
        column.identity = ('BY DEFAULT', *read_identity(reader))
    elif reader.take('ENCODE'):
        column.encoding = attributes.read_encoding(reader, column.name, column.type)
    elif reader.take('DISTKEY'):
        column.distkey = True
    elif reader.take('SORTKEY'):
        column.sortkey = True
    elif reader.take('COLLATE'):
        if not reader.take_any('CASE_SENSITIVE', 'CS', 'CASE_INSENSITIVE', 'CI'):
            raise reader.error()
    elif reader.take('NOT', 'NULL'):
        column.not_null = True
    elif reader.take('NULL'):
        column.not_null = False
    elif reader.take('UNIQUE'):
        column.constraints.append(Constraint('u', [column.name]))
    elif reader.take('PRIMARY', 'KEY'):
        column.constraints.append(Constraint('p', [column.name]))
        column.not_null = True
    elif reader.at_words('CHECK'):
        raise not_supported('ALTER/CREATE TABLE column CHECK constraint is not supported')
    else:
        return False
    return True


def read_column(session, reader, table):
    name = read_column_name(reader)
    peek = reader.peek()
    if peek is not None and (peek.is_operator(',') or peek.is_operator(')')):
        raise unsent('CREATE TABLE', '(names) AS')
    column = Column(name, read_type(reader, f'{table}.{name}'))
    while read_column_attribute(session, reader, column):
        pass
    if column.identity and column.type.sql not in ('integer', 'bigint'):
        raise not_supported(f'identity column "{name}" must have type INT or BIGINT')
    return column


def read_constraint(reader):
    """A table's constraint, or None."""
    refuse_unsent('CREATE TABLE', reader)
    if reader.take('PRIMARY', 'KEY'):
        return Constraint('p', reader.names())
    if reader.take('UNIQUE'):
        return Constraint('u', reader.names())
    if reader.at_words('CHECK') or reader.at_words('EXCLUDE'):
        word = reader.peek().text.upper()
        raise not_supported(f'ALTER/CREATE TABLE column {word} constraint is not supported')
    return None


def read_elements(session, reader, table):
    """( column | constraint | LIKE parent, ... )."""
    while True:
        constraint = read_constraint(reader)
        if constraint:
            table.constraints.append(constraint)
        elif reader.take('LIKE'):
            table.like = reader.qualified()
            if reader.at_words('INCLUDING', 'DEFAULTS') or reader.at_words('EXCLUDING', 'DEFAULTS'):
                raise unsent('CREATE TABLE', 'LIKE', 'DEFAULTS')
        else:
            table.columns.append(read_column(session, reader, table.name))
        if not reader.take_operator(','):
            break
    reader.expect_operator(')')


def read_table(session, reader):
    """Behind CREATE: a Table, and the tokens of the query behind AS, or None."""
    reader.take('LOCAL')
    temporary = reader.take_any('TEMP', 'TEMPORARY') is not None
    reader.expect('TABLE')
    if_not_exists = reader.take('IF', 'NOT', 'EXISTS')
    schema, name = reader.qualified()
    table = Table(schema, name, temporary or name.startswith('#'), if_not_exists)
    peek = reader.peek()
    if peek is not None and peek.is_operator('('):
        reader.expect_operator('(')
        read_elements(session, reader, table)
    attributes.read(reader, table)
    if not reader.at_words('AS'):
        if not (table.columns or table.like):
            raise reader.error()
        reader.end()
        return table, None
    if table.if_not_exists or table.columns or table.like:
        raise reader.error()
    as_token = reader.next()
    if reader.ended():
        raise syntax_error()
    every = reader.statement.all_tokens
    return table, every[next(i for i, one in enumerate(every) if one is as_token) + 1:]


def column_sql(session, column):
    words = [quote_ident(session.server.names.inward(column.name)), column.type.sql]
    if column.identity:
        kind, seed, step = column.identity
        words.append(f'GENERATED {kind} AS IDENTITY (START WITH {seed} INCREMENT BY {step}'
                     f' MINVALUE {min(seed, -9223372036854775807 if step < 0 else seed)})')
    if column.default is not None:
        words.append('DEFAULT ' + default_for(column, column.default))
    if column.not_null:
        words.append('NOT NULL')
    return ' '.join(words)


def default_for(column, expression):
    """A literal as the default of a SUPER column is a string, not JSON."""
    if column.type.family == 'super' and expression.strip().startswith("'"):
        return f'standin.super_of_text(({expression})::text)'
    return expression


@action('CREATE', 'TABLE')
@action('CREATE', 'TEMP', 'TABLE')
@action('CREATE', 'TEMPORARY', 'TABLE')
@action('CREATE', 'LOCAL')
def create_table(session, statement):
    table, query = read_table(session, Reader(statement, 1))
    quoted = session.quoted(table.schema, table.name)
    kind = 'TEMP TABLE' if table.temporary else 'TABLE'
    if query is not None:
        return create_as(session, table, f'CREATE {kind} {quoted}', query)
    attributes.check(table)
    with session.atomic():
        if table.if_not_exists and exists(session, table):
            session.info(f'Relation "{table.name}" already exists and will be skipped')
            return Result('CREATE TABLE')
        elements = [column_sql(session, column) for column in table.columns]
        if table.like:
            elements.append(f'LIKE {session.quoted(*table.like)}')
        keys = [constraint for constraint in table.constraints if constraint.kind == 'p']
        session.query(f'CREATE {kind} {quoted} ({", ".join(elements)})')
        for name in {name for key in keys for name in key.columns}:
            session.query(f'ALTER TABLE {quoted} ALTER COLUMN '
                          f'{quote_ident(session.server.names.inward(name))} SET NOT NULL')
        attributes.record(session, table, quoted)
    return Result('CREATE TABLE')


def exists(session, table):
    """Is there a relation of the name, where the table would be made?"""
    inward = session.server.names.inward
    if table.temporary:
        where = 'relnamespace = pg_my_temp_schema()'
    elif table.schema:
        where = f'nspname = {quote_literal(inward(table.schema))}'
    else:
        where = 'nspname = current_schema()'
    return session.value('SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n '
                         f'ON n.oid = relnamespace WHERE {where} '
                         f'AND relname = {quote_literal(inward(table.name))}')


def create_as(session, table, create, query):
    """CREATE TABLE AS: columns of no certain length get the length that Redshift gives them."""
    check_query(session, Statement(query).tokens)
    quoted = session.quoted(table.schema, table.name)
    with session.atomic():
        session.query(f'{create} AS {translate(session, query)}')
        loose = session.query(
            'SELECT attname, format_type(atttypid, NULL) FROM pg_catalog.pg_attribute '
            f'WHERE attrelid = {quote_literal(quoted)}::regclass AND attnum > 0 AND atttypmod = -1 '
            "AND atttypid IN ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype)").rows
        for name, _ in loose:
            column = quote_ident(name)
            length = session.value(f'SELECT greatest(256, max(octet_length({column}))) '
                                   f'FROM {quoted}')
            session.query(f'ALTER TABLE {quoted} ALTER COLUMN {column} TYPE varchar({length})')
        check_width(session, quoted)
        attributes.record(session, table, quoted)
    return Result('SELECT')


def check_width(session, quoted):
    """A row that a query makes has to fit, by its types, into that of an intermediate result."""
    width = session.value(
        'SELECT sum(CASE WHEN atttypmod > 4 AND attlen < 0 AND atttypid <> \'numeric\'::regtype '
        'THEN atttypmod - 4 WHEN attlen < 0 THEN 16 ELSE attlen END) FROM pg_catalog.pg_attribute '
        f'WHERE attrelid = {quote_literal(quoted)}::regclass AND attnum > 0')
    if int(width or 0) > MAX_WIDTH:
        raise system_error('The combined length of columns processed in the SQL statement exceeded '
                           f'the query-processing limit of {MAX_WIDTH} characters')
