"""DISTSTYLE, DISTKEY, SORTKEY, ENCODE, and constraints that nobody enforces: read and recorded."""
from dataclasses import dataclass, field
from typing import Optional

from .errors import Refuse, not_supported
from .session import quote_literal

ENCODINGS = ('AZ64', 'BYTEDICT', 'DELTA', 'DELTA32K', 'LZO', 'MOSTLY8', 'MOSTLY16', 'MOSTLY32',
             'RAW', 'RUNLENGTH', 'TEXT255', 'TEXT32K', 'ZSTD')
INTEGERS = ('smallint', 'integer', 'bigint')
TIMES = ('date', 'timestamp', 'time')
# Families of types that an encoding is for; what is not here is for all.
ENCODES = {
    'AZ64': INTEGERS + TIMES + ('decimal',),
    'DELTA': INTEGERS + TIMES + ('decimal',),
    'DELTA32K': ('integer', 'bigint') + TIMES + ('decimal',),
    'LZO': INTEGERS + TIMES + ('decimal', 'char', 'varchar', 'varbyte', 'super'),
    'MOSTLY8': INTEGERS + ('decimal',), 'MOSTLY16': ('integer', 'bigint', 'decimal'),
    'MOSTLY32': ('bigint', 'decimal'),
    'TEXT255': ('varchar',), 'TEXT32K': ('varchar',),
}
MAX_COMPOUND, MAX_INTERLEAVED = 400, 8


@dataclass
class Constraint:
    kind: str      # p or u
    columns: list


@dataclass
class TableAttributes:
    diststyle: Optional[str] = None
    distkeys: list = field(default_factory=list)
    sortstyle: Optional[str] = None
    sortkeys: list = field(default_factory=list)
    encode_auto: bool = False
    backup: bool = True


def read_encoding(reader, column, kind):
    """An encoding for a column of a type (None: not known)."""
    token = reader.peek()
    if token is None or not token.is_name:
        raise reader.error()
    word = token.value.upper()
    reader.next()
    if word == 'NONE':
        word = 'RAW'
    families = ENCODES.get(word)
    if word not in ENCODINGS or families and kind is not None and kind.family not in families:
        raise not_supported(f'invalid encoding type specified for column "{column}"')
    return word


def read_sortkey(reader, attributes):
    """[COMPOUND | INTERLEAVED] SORTKEY (...), or SORTKEY AUTO."""
    style = reader.take_any('COMPOUND', 'INTERLEAVED')
    reader.expect('SORTKEY')
    if style is None and reader.take('AUTO'):
        attributes.sortstyle = 'AUTO'
        return
    attributes.sortstyle = style or 'COMPOUND'
    attributes.sortkeys = reader.names()


def read(reader, table):
    """The attributes behind a table's columns."""
    found = table.attributes
    while True:
        if reader.take('BACKUP'):
            word = reader.take_any('YES', 'NO')
            if word is None:
                raise reader.error()
            found.backup = word == 'YES'
        elif reader.take('DISTSTYLE'):
            found.diststyle = reader.take_any('AUTO', 'EVEN', 'KEY', 'ALL')
            if found.diststyle is None:
                raise reader.error()
        elif reader.take('DISTKEY'):
            found.distkeys += reader.names()
        elif reader.at_words('ENCODE', 'AUTO'):
            reader.take('ENCODE', 'AUTO')
            found.encode_auto = True
        elif any(reader.at_words(word) for word in ('COMPOUND', 'INTERLEAVED', 'SORTKEY')):
            if found.sortkeys:
                raise Refuse('42601', 'conflicting or redundant SORTKEY options')
            read_sortkey(reader, found)
        else:
            return


def check(table):
    """Refuse attributes that do not go together; move those of the columns to the table."""
    found = table.attributes
    if table.like and (found.diststyle or found.distkeys or found.sortstyle):
        raise Refuse('42601', 'LIKE cannot be used with DISTSTYLE, DISTKEY or SORTKEY')
    found.distkeys += [column.name for column in table.columns if column.distkey]
    marked = [column.name for column in table.columns if column.sortkey]
    if marked and found.sortkeys:
        raise Refuse('42601', 'conflicting or redundant SORTKEY options')
    if marked:
        found.sortstyle, found.sortkeys = 'COMPOUND', marked
    if len(found.distkeys) > 1:
        raise Refuse('42601', 'only one column can be a DISTKEY')
    if found.diststyle == 'KEY' and not found.distkeys:
        raise Refuse('42601', 'DISTSTYLE KEY needs a DISTKEY')
    if found.distkeys and found.diststyle in ('EVEN', 'ALL', 'AUTO'):
        raise Refuse('42601', f'DISTKEY cannot be used with DISTSTYLE {found.diststyle}')
    limit = MAX_INTERLEAVED if found.sortstyle == 'INTERLEAVED' else MAX_COMPOUND
    if len(found.sortkeys) > limit:
        raise not_supported(f'{found.sortstyle.lower()} sort keys can have at most {limit} columns')
    check_columns(table)
    check_constraints(table)


def check_columns(table):
    if table.like:
        return
    types = {column.name: column.type for column in table.columns}
    for word, names in (('DISTKEY', table.attributes.distkeys),
                        ('SORTKEY', table.attributes.sortkeys)):
        for name in names:
            if name not in types:
                raise Refuse('42703', f'column "{name}" named in {word} does not exist')
            if not types[name].is_key:
                raise not_supported(f'{types[name].family.upper()} column "{name}" cannot be '
                                    f'{"a" if word == "DISTKEY" else "in a"} {word}')


def check_constraints(table):
    every = table.constraints + [one for column in table.columns for one in column.constraints]
    types = {column.name: column.type for column in table.columns}
    for constraint in every:
        for name in constraint.columns:
            if name in types and not types[name].is_key:
                raise not_supported(f'{types[name].family.upper()} column "{name}" cannot be in a '
                                    'PRIMARY KEY or UNIQUE')


def record(session, table, quoted):
    """Keep a new table's attributes; quoted is its name for SQL."""
    found = table.attributes
    relid = f'{quote_literal(quoted)}::regclass'
    if table.like:
        parent = f'{quote_literal(session.quoted(*table.like))}::regclass'
        session.admin(f'SELECT standin.copy_attributes({relid}, {parent})')
    encodings = [(column.name, column.encoding) for column in table.columns if column.encoding]
    if not table.like and (found != TableAttributes() or encodings):
        set_table(session, relid,
                  diststyle=found.diststyle or ('KEY' if found.distkeys else 'AUTO'),
                  distkey=found.distkeys[0] if found.distkeys else None,
                  sortstyle=found.sortstyle or 'AUTO', sortkeys=found.sortkeys,
                  encode_auto=not encodings or found.encode_auto, backup=found.backup)
    for name, encoding in encodings:
        set_encoding(session, relid, name, encoding)
    for column in table.columns:
        for constraint in column.constraints:
            add_constraint(session, table.name, relid, constraint)
    for constraint in table.constraints:
        add_constraint(session, table.name, relid, constraint)


def set_table(session, relid, *, diststyle=None, distkey=None, sortstyle=None, sortkeys=None,
              encode_auto=None, backup=None):
    """Record those of a table's attributes that are given; distkey '' is none."""
    words = [relid, literal(session, diststyle), literal(session, distkey),
             literal(session, sortstyle),
             'NULL' if sortkeys is None else array(session, sortkeys),
             *('NULL' if value is None else str(value) for value in (encode_auto, backup))]
    session.admin(f'SELECT standin.set_table({", ".join(words)})')


def set_encoding(session, relid, column, encoding):
    word = 'none' if encoding == 'RAW' else encoding.lower()
    session.admin(f'SELECT standin.set_encoding({relid}, {literal(session, column)}, '
                  f'{quote_literal(word)})')


def add_constraint(session, table, relid, constraint):
    """Make a constraint that is there to be read."""
    ending = 'pkey' if constraint.kind == 'p' else constraint.columns[0] + '_key'
    session.admin(f"SELECT standin.add_constraint({relid}, '{constraint.kind}', "
                  f"{literal(session, f'{table}_{ending}')}, {array(session, constraint.columns)})")


def literal(session, name):
    """A name as a literal for SQL; NULL for None."""
    return 'NULL' if name is None else quote_literal(session.server.names.inward(name))


def array(session, names):
    return 'ARRAY[' + ', '.join(literal(session, name) for name in names) + ']::text[]'


def of(session, quoted):
    """A table's attributes: (diststyle, distkey, sortstyle, sortkeys as JSON)."""
    rows = session.query('SELECT diststyle, distkey, sortstyle, array_to_json(sortkeys) '
                         'FROM standin.table_attributes '
                         f'WHERE relid = {quote_literal(quoted)}::regclass').rows
    return rows[0] if rows else ['AUTO', None, 'AUTO', '[]']
