"""The table of a COPY: its columns in the order of the fields, and whether the user may load it.

    target = find(session, copy)
    target.columns       Column(name, type, length, precision, scale, not_null) a field
    target.quoted        its name for SQL
"""
import dataclasses
import re

from .errors import Refuse, not_supported

COLUMNS = '''
    SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), t.typname, a.atttypmod,
           a.attnotnull, a.attidentity
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum'''
RELATION = '''
    SELECT c.oid, c.relkind,
           pg_catalog.has_table_privilege(c.oid, 'INSERT')
    FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass($1)'''

ALWAYS, BY_DEFAULT = 'a', 'd'  # pg_attribute.attidentity
MAX_VARCHAR = 65535
SHOWN_TYPES = {'bpchar': 'char'}


@dataclasses.dataclass
class Column:
    name: str
    type: str
    length: int = 0
    precision: int = 0
    scale: int = 0
    not_null: bool = False
    identity: str = ''

    @property
    def shown_type(self):
        """The type as STL_LOAD_ERRORS has it, in ten letters."""
        return SHOWN_TYPES.get(self.type, self.type)[:10]

    @property
    def shown_length(self):
        if self.type == 'numeric':
            return f'{self.precision}, {self.scale}'
        return str(self.length) if self.type else ''


@dataclasses.dataclass
class Target:
    oid: int
    name: str
    quoted: str
    columns: list


def column_of(row, outward):
    name, shown, kind, modifier, not_null, identity = row
    modifier = int(modifier)
    column = Column(outward(name), kind, not_null=not_null == 't', identity=identity or '')
    if kind in ('varchar', 'bpchar', 'text'):
        column.type = 'bpchar' if kind == 'bpchar' else 'varchar'
        column.length = modifier - 4 if modifier > 4 else MAX_VARCHAR
    elif kind == 'numeric':
        numbers = re.search(r'\((\d+),(\d+)\)', shown)
        column.precision, column.scale = map(int, numbers.groups()) if numbers else (18, 0)
    elif kind == 'varbyte':
        column.length = modifier - 4 if modifier > 4 else 64000
    return column


def no_column(name, table):
    return Refuse('42703', f'column "{name}" of relation "{table}" does not exist',
                  routine='checkInsertTargets')


def pick(columns, names, table):
    """The columns of a list, in its order."""
    by_name = {column.name: column for column in columns}
    for at, name in enumerate(names):
        if name not in by_name:
            raise no_column(name, table)
        if name in names[:at]:
            raise Refuse('42701', f'column "{name}" specified more than once')
    return [by_name[name] for name in names]


def check_identity(copy, columns):
    """EXPLICIT_IDS and an IDENTITY column among the columns need each other."""
    always = [column for column in columns if column.identity == ALWAYS]
    if always and not copy.has('EXPLICIT_IDS'):
        raise Refuse('0A000', f'cannot set an identity column to a value: "{always[0].name}" is in '
                              'the column list without EXPLICIT_IDS')
    if copy.has('EXPLICIT_IDS') and not always:
        raise Refuse('0A000', 'EXPLICIT_IDS needs an IDENTITY column in the column list')


def find(session, copy):
    """The Target of a COPY, or the refusal that Redshift gives."""
    quoted = session.quoted(copy.schema, copy.table)
    found = session.query(RELATION, [quoted]).rows
    if not found:
        raise Refuse('42P01', f'Cannot COPY into nonexistent table {copy.table}')
    oid, kind, may_insert = found[0]
    if kind not in 'rp':
        raise not_supported(f'cannot copy to view "{copy.table}"' if kind in 'vm' else
                            f'cannot copy to non-table relation "{copy.table}"')
    if may_insert != 't':
        raise Refuse('42501', f'permission denied for relation {copy.table}',
                     routine='aclcheck_error')
    outward = session.server.names.outward
    every = [column_of(row, outward) for row in session.query(COLUMNS, [oid]).rows]
    if copy.columns is not None:
        columns = pick(every, copy.columns, copy.table)
    elif copy.has('EXPLICIT_IDS'):
        columns = every
    else:
        columns = [column for column in every if column.identity != ALWAYS]
    check_identity(copy, columns)
    return Target(int(oid), copy.table, quoted, columns)
