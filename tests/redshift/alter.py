"""ALTER TABLE: one action a statement, and what each may not do."""
from . import attributes
from .attributes import TableAttributes
from .coltypes import read_type
from .errors import Refuse, not_supported
from .reader import Reader
from .session import quote_ident, quote_literal
from .statements import Result, action
from .tables import column_sql, read_column, read_column_name, read_constraint

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
            'SELECT format_type(atttypid, NULL), atttypmod, standin.encoding(attrelid, attnum), '
            'atthasdef FROM pg_catalog.pg_attribute WHERE attrelid = '
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
    if reader.take('ADD'):
        add(session, reader, target)
    elif reader.take('DROP'):
        drop(session, reader, target)
    elif reader.take('RENAME'):
        rename(session, reader, target)
    elif reader.take('OWNER', 'TO'):
        owner = reader.user_name()
        reader.end()
        target.alter(f'OWNER TO {quote_ident(session.server.names.inward(owner))}')
    elif reader.take('ALTER'):
        alter(session, reader, target)
    elif reader.take('APPEND'):
        append(session, reader, target)
    elif reader.take('SET', 'SCHEMA'):
        set_schema(session, reader, target)
    else:
        raise reader.error()
    return Result('ALTER TABLE')


def add(session, reader, target):
    constraint = read_constraint(reader)
    if constraint:
        reader.end()
        add_constraint(session, target, constraint)
        return
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
        word = {'p': 'PRIMARY KEY', 'u': 'UNIQUE', 'f': 'REFERENCES'}[one.kind]
        raise not_supported(f'ALTER TABLE ADD COLUMN does not support {word}')
    if column.not_null and column.default is None:
        raise Refuse('42601', 'ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null '
                              'default expression')
    with session.atomic():
        target.alter(f'ADD COLUMN {column_sql(session, column)}')
        if column.encoding:
            attributes.set_encoding(session, target.relid, column.name, column.encoding)
            target.set(encode_auto=False)


def add_constraint(session, target, constraint):
    with session.atomic():
        target.own()
        if constraint.kind == 'p':
            for name in constraint.columns:
                quoted, _ = target.column(name)
                if session.value('SELECT attnotnull FROM pg_catalog.pg_attribute WHERE attrelid = '
                                 f'{target.relid} AND quote_ident(attname) = '
                                 f'quote_ident({attributes.literal(session, name)})') != 't':
                    raise Refuse('42601', f'column "{name}" is not declared NOT NULL: it cannot be '
                                          'in a PRIMARY KEY')
        attributes.add_constraint(session, target.name, target.relid, constraint)


def drop(session, reader, target):
    if reader.take('CONSTRAINT'):
        name = reader.name()
        reader.take_any('RESTRICT', 'CASCADE')
        reader.end()
        drop_constraint(session, target, name)
        return
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


def drop_constraint(session, target, name):
    with session.atomic():
        target.own()
        session.admin(
            'WITH gone AS (DELETE FROM pg_catalog.pg_constraint WHERE conrelid = '
            f'{target.relid} AND conname = {attributes.literal(session, name)} '
            "AND contype IN ('p', 'u', 'f') RETURNING oid), links AS (DELETE FROM "
            "pg_catalog.pg_depend WHERE classid = 'pg_constraint'::regclass AND objid IN "
            "(SELECT oid FROM gone)) SELECT set_config('standin.gone', count(*)::text, true) "
            'FROM gone')
        if session.value("SELECT current_setting('standin.gone')") == '0':
            raise Refuse('42704', f'constraint "{name}" of relation "{target.name}" does not exist')


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


def set_schema(session, reader, target):
    """Not in Redshift's grammar; the switch "set_schema" lets it through."""
    if not session.server.switches.get('set_schema'):
        reader.at -= 1
        raise reader.error()
    name = reader.name()
    reader.end()
    target.alter(f'SET SCHEMA {quote_ident(session.server.names.inward(name))}')


def alter(session, reader, target):
    """What stands behind ALTER TABLE t ALTER."""
    if reader.at_words('COLUMN') or not any(
            reader.at_words(word) for word in ('DISTKEY', 'DISTSTYLE', 'SORTKEY', 'COMPOUND',
                                               'INTERLEAVED', 'ENCODE')):
        reader.take('COLUMN')
        alter_column(session, reader, target)
        return
    if reader.take('ENCODE'):
        reader.expect('AUTO')
        reader.end()
        with session.atomic():
            target.set(encode_auto=True)
        return
    with session.atomic():
        kinds = [alter_keys(session, reader, target)]
        while reader.take_operator(','):
            reader.expect('ALTER')
            kinds.append(alter_keys(session, reader, target))
        if len(kinds) > 2 or len(kinds) == 2 and sorted(kinds) not in (
                ['DISTKEY', 'SORTKEY'], ['DISTSTYLE ALL', 'SORTKEY']):
            raise not_supported('ALTER TABLE cannot combine ' + ', '.join(kinds))
        reader.end()


def alter_keys(session, reader, target):
    """DISTKEY c, DISTSTYLE x [DISTKEY c] or a SORTKEY: what it was."""
    if reader.take('DISTKEY'):
        set_distkey(session, reader.name(), target)
        return 'DISTKEY'
    if reader.take('DISTSTYLE'):
        style = reader.take_any('ALL', 'EVEN', 'KEY', 'AUTO')
        if style == 'KEY':
            reader.expect('DISTKEY')
            set_distkey(session, reader.name(), target)
        elif style:
            target.set(diststyle=style, distkey='')
        else:
            raise reader.error()
        return f'DISTSTYLE {style}'
    found = TableAttributes()
    attributes.read_sortkey(reader, found)
    if found.sortstyle == 'INTERLEAVED':
        raise not_supported('ALTER TABLE does not support INTERLEAVED SORTKEY')
    for name in found.sortkeys:
        target.column(name)
    target.set(sortstyle=found.sortstyle, sortkeys=found.sortkeys)
    return 'SORTKEY'


def set_distkey(session, name, target):
    target.column(name)
    target.set(diststyle='KEY', distkey=name)


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
        with session.atomic():
            encode(session, reader, target, name)
            while reader.take_operator(','):
                reader.expect('ALTER')
                reader.take('COLUMN')
                name = reader.name()
                reader.expect('ENCODE')
                encode(session, reader, target, name)
            reader.end()
    else:
        raise reader.error()


def encode(session, reader, target, name):
    encoding = attributes.read_encoding(reader, name, None)
    _, (_, _, before, _) = target.column(name)
    if before == ('none' if encoding == 'RAW' else encoding.lower()):
        raise not_supported(f'column "{name}" has the encoding {encoding} already')
    if attributes.of(session, target.quoted)[2] == 'INTERLEAVED':
        raise not_supported('cannot alter the encoding of a table with an interleaved sort key')
    target.set(encode_auto=False)
    attributes.set_encoding(session, target.relid, name, encoding)


def change_type(session, reader, target, name):
    """ALTER COLUMN c TYPE varchar(n): the one change of type there is."""
    if session.in_transaction:
        raise Refuse('25001', 'ALTER TABLE ALTER COLUMN cannot run inside a transaction block')
    wanted = read_type(reader, f'{target.name}.{name}')
    if reader.take('USING'):
        raise not_supported('ALTER TABLE ALTER COLUMN does not support USING expression')
    reader.end()
    with session.atomic():
        quoted, (kind, typmod, encoding, has_default) = target.column(name)
        where = f'cannot alter column "{name}" of relation "{target.name}"'
        if kind != 'character varying' or wanted.family != 'varchar':
            raise not_supported(f'cannot alter type of column "{name}"',
                                f'{where}: only the size of a VARCHAR column can be changed')
        if encoding in NO_RESIZE:
            raise not_supported(f'{where}, column encoding {encoding.upper()} does not support it')
        if session.value('SELECT count(*) FROM pg_catalog.pg_constraint, pg_catalog.pg_attribute '
                         f'WHERE (conrelid = {target.relid} AND attnum = ANY (conkey) OR '
                         f'confrelid = {target.relid} AND attnum = ANY (confkey)) AND attrelid = '
                         f'{target.relid} AND quote_ident(attname) = '
                         f'quote_ident({attributes.literal(session, name)})') != '0':
            raise not_supported(f'{where}, column is in a PRIMARY KEY, UNIQUE or FOREIGN KEY')
        length = int(typmod) - 4
        if wanted.length == length:
            raise not_supported(f'{where}, target column size should be different')
        if wanted.length < length:
            check_shrink(session, target, quoted, wanted, where, has_default)
        target.alter(f'ALTER COLUMN {quoted} TYPE {wanted.sql}')


def check_shrink(session, target, quoted, wanted, where, has_default):
    if has_default == 't':
        raise not_supported('cannot decrease a VARCHAR column size with default value')
    longest = int(session.value(f'SELECT coalesce(max(octet_length({quoted})), 0) '
                                f'FROM {target.quoted}'))
    if longest > wanted.length:
        raise not_supported(f'{where}, target column size should be larger or equal to current '
                            f'maximum column size: {longest}')


def append(session, reader, target):
    """ALTER TABLE t APPEND FROM s: moves the rows, and commits."""
    reader.expect('FROM')
    source = Target(session, *reader.qualified())
    option = reader.take_any('IGNOREEXTRA', 'FILLTARGET')
    reader.end()
    if session.in_transaction:
        raise Refuse('25001', 'ALTER TABLE APPEND cannot run inside a transaction block')
    with session.atomic():
        for table in (target, source):
            table.alter('SET (autovacuum_enabled = true)')
        into, out = (columns_of(session, table) for table in (target, source))
        for name in into.keys() & out.keys():
            if into[name] != out[name]:
                raise not_supported(f'column "{name}" differs between "{target.name}" and '
                                    f'"{source.name}"')
        if out.keys() - into.keys() and option != 'IGNOREEXTRA':
            raise not_supported(f'"{source.name}" has columns that "{target.name}" has not',
                                hint='Use IGNOREEXTRA.')
        if into.keys() - out.keys() and option != 'FILLTARGET':
            raise not_supported(f'"{target.name}" has columns that "{source.name}" has not',
                                hint='Use FILLTARGET.')
        if attributes.of(session, target.quoted) != attributes.of(session, source.quoted):
            raise not_supported('distribution and sort keys of the tables differ')
        names = ', '.join(quote_ident(name) for name in into if name in out)
        session.query(f'INSERT INTO {target.quoted} ({names}) SELECT {names} FROM {source.quoted}')
        session.query(f'DELETE FROM {source.quoted}')


def columns_of(session, table):
    """name -> (type, encoding, NOT NULL, is an identity)."""
    rows = session.query('SELECT attname, format_type(atttypid, atttypmod), '
                         'standin.encoding(attrelid, attnum), attnotnull, attidentity FROM '
                         f'pg_catalog.pg_attribute WHERE attrelid = {table.relid} AND attnum > 0 '
                         'AND NOT attisdropped ORDER BY attnum').rows
    if any(identity == 'a' for *_, identity in rows):
        raise not_supported(f'"{table.name}" has an IDENTITY column')
    return {name: tuple(rest) for name, *rest in rows}
