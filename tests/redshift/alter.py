"""ALTER TABLE: one action a statement, and what each may not do."""
import json

from . import attributes
from .coltypes import read_type
from .control import control
from .errors import Refuse, not_supported
from .reader import Reader
from .schemas import is_materialized
from .session import quote_ident, quote_literal
from .statements import Result, action
from .tables import column_sql, read_column, read_column_name
from .unsupported import refuse_unsent, unsent

NO_RESIZE = ('bytedict', 'runlength', 'text255', 'text32k')


class Target:
    """The table that is altered, and the columns it has."""

    def __init__(self, session, schema, name):
        self.session = session
        self.name = name
        self.schema = schema
        self.quoted = session.quoted(schema, name)
        self.relid = f'{quote_literal(self.quoted)}::regclass'

    def alter(self, words):
        self.session.query(f'ALTER TABLE {self.quoted} {words}')

    def column(self, name):
        """A column's name for SQL, its type and length, its encoding; it has to be there."""
        inward = self.session.server.names.inward(name)
        rows = self.session.query(
            'SELECT format_type(atttypid, NULL), atttypmod, standin.encoding(attrelid, attnum) '
            'FROM pg_catalog.pg_attribute WHERE attrelid = '
            f'{self.relid} AND attname = {quote_literal(inward)} AND NOT attisdropped '
            'AND attnum > 0').rows
        if not rows:
            raise Refuse('42703', f'column "{name}" of relation "{self.name}" does not exist')
        return quote_ident(inward), rows[0]

    def set(self, **values):
        """Change some of the table's attributes."""
        self.own()
        attributes.set_table(self.session, self.relid, **values)

    def own(self):
        """Refuse those who do not own the table, and lock it as any ALTER does."""
        self.alter('SET (autovacuum_enabled = true)')


@action('ALTER', 'TABLE')
def alter_table(session, statement):
    reader = Reader(statement, 2)
    schema, name = reader.qualified()
    target = Target(session, schema, name)
    refuse_unsent('ALTER TABLE', reader)
    if reader.take('ADD'):
        add(session, reader, target)
    elif reader.take('DROP'):
        drop(session, reader, target)
    elif reader.take('RENAME'):
        rename(session, reader, target)
    elif reader.take('OWNER', 'TO'):
        owner = reader.user_name()
        reader.end()
        if is_materialized(session, schema, name):
            raise not_supported('the owner of a materialized view cannot be changed')
        target.alter(f'OWNER TO {quote_ident(session.server.names.inward(owner))}')
    elif reader.take('ALTER'):
        if alter_keys(session, reader, target):
            return Result('ALTER TABLE')
        reader.take('COLUMN')
        alter_column(session, reader, target)
    else:
        raise reader.error()
    return Result('ALTER TABLE')


def add(session, reader, target):
    reader.take('COLUMN')
    if reader.at_words('IF', 'NOT'):
        reader.next()
        raise reader.error()
    column = read_column(session, reader, target.name)
    reader.end()
    for given, word in ((column.identity, 'IDENTITY'), (column.distkey, 'DISTKEY'),
                        (column.sortkey, 'SORTKEY')):
        if given:
            raise not_supported(f'ALTER TABLE ADD COLUMN does not support {word}')
    for one in column.constraints:
        word = {'p': 'PRIMARY KEY', 'u': 'UNIQUE'}[one.kind]
        raise not_supported(f'ALTER TABLE ADD COLUMN does not support {word}')
    if column.not_null and column.default is None:
        raise Refuse('42601', 'ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null '
                              'default expression')
    with session.atomic():
        target.alter(f'ADD COLUMN {column_sql(session, column)}')
        if column.encoding:
            attributes.set_encoding(session, target.relid, column.name, column.encoding)
            target.set(encode_auto=False)


def drop(session, reader, target):
    reader.take('COLUMN')
    if reader.at_words('IF', 'EXISTS'):
        reader.next()
        raise reader.error()
    name = reader.name()
    behaviour = reader.take_any('RESTRICT', 'CASCADE') or 'RESTRICT'
    reader.end()
    with session.atomic():
        quoted, _ = target.column(name)
        inward = session.server.names.inward(name)
        _, distkey, _, sortkeys = attributes.of(session, target.quoted)
        if distkey == inward:
            raise not_supported(f'cannot drop distkey column "{name}"')
        if f'"{inward}"' in sortkeys:
            raise not_supported(f'cannot drop sortkey column "{name}"')
        if session.value('SELECT count(*) FROM pg_catalog.pg_attribute WHERE attnum > 0 AND NOT '
                         f'attisdropped AND attrelid = {target.relid}') == '1':
            raise not_supported(f'cannot drop the last column of table "{target.name}"')
        target.alter(f'DROP COLUMN {quoted} {behaviour}')


def rename(session, reader, target):
    inward = session.server.names.inward
    if reader.take('TO'):
        name = reader.name()
        reader.end()
        if name.startswith('#'):
            raise not_supported('a permanent table cannot be renamed to a temporary one')
        target.alter(f'RENAME TO {quote_ident(inward(name))}')
        return
    reader.take('COLUMN')
    old = reader.name()
    reader.expect('TO')
    new = read_column_name(reader)
    reader.end()
    target.alter(f'RENAME COLUMN {quote_ident(inward(old))} TO {quote_ident(inward(new))}')


def alter_keys(session, reader, target):
    """ALTER DISTKEY c | DISTSTYLE style | [COMPOUND] SORTKEY (c, ...) | SORTKEY NONE, AUTO | ENCODE AUTO."""
    values = {}
    if reader.take('DISTKEY'):
        values = {'diststyle': 'KEY', 'distkey': reader.name()}
    elif reader.take('DISTSTYLE'):
        style = reader.take_any('EVEN', 'AUTO')
        if not style:
            raise reader.error()
        values = {'diststyle': style, 'distkey': ''}
    elif reader.take('SORTKEY', 'NONE') or reader.at_words('SORTKEY', 'AUTO'):
        style = 'AUTO' if reader.take('SORTKEY', 'AUTO') else 'COMPOUND'
        values = {'sortstyle': style, 'sortkeys': []}
    elif reader.take('ENCODE', 'AUTO'):  # what the columns have they keep
        values = {'encode_auto': True}
    elif reader.take('COMPOUND', 'SORTKEY') or reader.take('SORTKEY'):
        values = {'sortstyle': 'COMPOUND', 'sortkeys': reader.names()}
    else:
        return False
    reader.end()
    with session.atomic():
        if 'encode_auto' not in values and attributes.of(session, target.quoted)[2] == 'INTERLEAVED':
            raise not_supported('cannot alter the keys of a table with an interleaved sort key')
        for name in values.get('sortkeys', []) + [values.get('distkey')] * bool(values.get('distkey')):
            target.column(name)
        target.set(**values)
    return True


@control('OPTIMIZE')
def optimize(session, reader):
    """STANDIN OPTIMIZE t c [ENCODE e]: automatic table optimisation takes a column for DISTKEY and
    SORTKEY, or gives it an encoding."""
    target = Target(session, *reader.qualified())
    name = reader.name()
    encoding = attributes.read_encoding(reader, name, None) if reader.take('ENCODE') else None
    reader.end()
    with session.atomic():
        if encoding:
            target.set(encode_auto=True)
            attributes.set_encoding(session, target.relid, name, encoding)
        else:
            target.set(diststyle='AUTO', distkey=name, sortstyle='AUTO', sortkeys=[name])
    return Result('STANDIN')


def alter_column(session, reader, target):
    name = reader.name()
    if reader.take('TYPE'):
        change_type(session, reader, target, name)
    elif reader.take('SET', 'DEFAULT') or reader.take('DROP', 'DEFAULT'):
        raise not_supported('ALTER COLUMN SET/DROP DEFAULT is not supported')
    elif reader.take('SET', 'NOT', 'NULL'):
        raise not_supported('ALTER COLUMN SET NOT NULL is not supported')
    elif reader.take('DROP', 'NOT', 'NULL'):
        raise not_supported('ALTER COLUMN DROP NOT NULL is not supported')
    elif reader.take('ENCODE'):
        encode(session, reader, target, name)
    else:
        raise reader.error()


def encode(session, reader, target, name):
    encoding = attributes.read_encoding(reader, name, None)
    if reader.take_operator(','):
        raise unsent('ALTER TABLE', 'ENCODE, ALTER')
    reader.end()
    with session.atomic():
        _, (_, _, before) = target.column(name)
        if before == ('none' if encoding == 'RAW' else encoding.lower()):
            raise not_supported(f'column "{name}" has the encoding {encoding} already')
        if attributes.of(session, target.quoted)[2] == 'INTERLEAVED':
            raise not_supported('cannot alter the encoding of a table with an interleaved sort key')
        target.set(encode_auto=False)
        attributes.set_encoding(session, target.relid, name, encoding)


def has_default(session, target, inward):
    return session.value(
        'SELECT atthasdef FROM pg_catalog.pg_attribute WHERE attnum > 0 AND '
        f'attrelid = {target.relid} AND attname = {quote_literal(inward)}') == 't'


def change_type(session, reader, target, name):
    """ALTER COLUMN c TYPE varchar(n): the one change of type there is."""
    if session.in_transaction:
        raise Refuse('25001', 'ALTER TABLE ALTER COLUMN cannot run inside a transaction block')
    wanted = read_type(reader, f'{target.name}.{name}')
    if reader.take('USING'):
        raise not_supported('ALTER TABLE ALTER COLUMN does not support USING expression')
    reader.end()
    with session.atomic():
        quoted, (kind, typmod, encoding) = target.column(name)
        where = f'cannot alter column "{name}" of relation "{target.name}"'
        if kind != 'character varying' or wanted.family != 'varchar':
            raise not_supported(f'cannot alter type of column "{name}"',
                                f'{where}: only the size of a VARCHAR column can be changed')
        _, distkey, _, sortkeys = attributes.of(session, target.quoted)
        inward = session.server.names.inward(name)
        if distkey == inward or inward in json.loads(sortkeys):
            raise Refuse('XX000', 'found unexpected dependency for column')
        if has_default(session, target, inward):
            raise not_supported(f'{where}, column has a default value')
        if encoding in NO_RESIZE:
            raise not_supported(f'{where}, column encoding {encoding.upper()} does not support it')
        if session.value('SELECT count(*) FROM pg_catalog.pg_constraint, pg_catalog.pg_attribute '
                         f'WHERE conrelid = {target.relid} AND attnum = ANY (conkey) '
                         f'AND attrelid = {target.relid} AND quote_ident(attname) = '
                         f'quote_ident({attributes.literal(session, name)})') != '0':
            raise not_supported(f'{where}, column is in a PRIMARY KEY, UNIQUE or FOREIGN KEY')
        length = int(typmod) - 4
        if wanted.length == length:
            raise not_supported(f'{where}, target column size should be different')
        if wanted.length < length:
            raise unsent('ALTER TABLE', 'ALTER COLUMN', 'TYPE of a smaller size')
        target.alter(f'ALTER COLUMN {quoted} TYPE {wanted.sql}')
