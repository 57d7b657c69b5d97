"""Types of columns: Redshift's, with their limits, as PostgreSQL's."""
from dataclasses import dataclass

from . import lexer
from .errors import Refuse, not_supported

MAX_VARCHAR, MAX_CHAR, MAX_VARBYTE = 65535, 4096, 16777216
DEFAULT_VARCHAR, DEFAULT_VARBYTE = 256, 64000

SIMPLE = {
    'smallint': 'smallint', 'int2': 'smallint', 'integer': 'integer', 'int': 'integer',
    'int4': 'integer', 'bigint': 'bigint', 'int8': 'bigint', 'real': 'real', 'float4': 'real',
    'float8': 'double precision', 'boolean': 'boolean', 'bool': 'boolean',
    'date': 'date', 'timestamptz': 'timestamp with time zone', 'timetz': 'time with time zone',
    'super': 'super', 'geometry': 'geometry', 'geography': 'geography', 'hllsketch': 'hllsketch',
}
CHARACTERS = {'varchar': 'varchar', 'nvarchar': 'varchar', 'text': 'text', 'bpchar': 'bpchar',
              'char': 'char', 'character': 'char', 'nchar': 'char'}
UNSUPPORTED = {
    'serial': 'serial', 'serial4': 'serial', 'bigserial': 'bigserial', 'serial8': 'bigserial',
    'smallserial': 'smallserial', 'serial2': 'smallserial', 'json': 'json', 'jsonb': 'jsonb',
    'uuid': 'uuid', 'bytea': 'bytea', 'inet': 'inet', 'cidr': 'cidr', 'macaddr': 'macaddr',
    'xml': 'xml', 'money': 'money', 'hstore': 'hstore', 'tsvector': 'tsvector',
    'tsquery': 'tsquery', 'bit': 'bit', 'varbit': 'bit varying', 'interval': 'interval',
    'point': 'point', 'box': 'box', 'path': 'path', 'polygon': 'polygon', 'line': 'line',
    'lseg': 'lseg', 'circle': 'circle', 'name': 'name', 'oid': 'oid', 'regclass': 'regclass',
    'int4range': 'int4range', 'int8range': 'int8range', 'numrange': 'numrange',
    'tsrange': 'tsrange', 'tstzrange': 'tstzrange', 'daterange': 'daterange',
}


@dataclass
class Type:
    sql: str              # for PostgreSQL
    family: str           # varchar, char, decimal, varbyte, or the name of a type without a length
    length: int = None    # bytes

    @property
    def is_key(self):
        """May it be a distribution or sort key?"""
        return self.family not in ('super', 'varbyte', 'geometry', 'geography', 'hllsketch')


def bounded(word, length, limit):
    if length > limit:
        raise Refuse('22023', f'length for type {word} cannot exceed {limit}')
    if length < 1:
        raise Refuse('22023', f'length for type {word} must be at least 1')
    return length


def read_length(reader):
    """(n) or (MAX): the number, 'max', or None."""
    if not reader.take_operator('('):
        return None
    length = 'max' if reader.take('MAX') else reader.integer()
    reader.expect_operator(')')
    return length


def read_precision(reader):
    """(p [, s]): a list."""
    if not reader.take_operator('('):
        return []
    found = [reader.integer()]
    if reader.take_operator(','):
        found.append(reader.integer())
    reader.expect_operator(')')
    return found


def read_characters(reader, kind):
    varying = kind == 'char' and reader.take('VARYING')
    length = read_length(reader)
    if kind == 'varchar' or varying:
        length = MAX_VARCHAR if length == 'max' else length or DEFAULT_VARCHAR
        return Type(f'varchar({bounded("varchar", length, MAX_VARCHAR)})', 'varchar', length)
    if kind == 'text':
        length = MAX_VARCHAR if length == 'max' else length or DEFAULT_VARCHAR
        return Type(f'varchar({bounded("varchar", length, MAX_VARCHAR)})', 'varchar', length)
    default = DEFAULT_VARCHAR if kind == 'bpchar' else 1
    length = MAX_CHAR if length == 'max' else default if length is None else length
    return Type(f'char({bounded("char", length, MAX_CHAR)})', 'char', length)


def read_decimal(reader):
    given = read_precision(reader)
    precision, scale = (given + [18, 0][len(given):])[:2] if given else (18, 0)
    if not 1 <= precision <= 38:
        raise Refuse('22023', f'DECIMAL precision {precision} must be between 1 and 38')
    if not 0 <= scale <= min(37, precision):
        raise Refuse('22023', f'DECIMAL scale {scale} must be between 0 and {min(37, precision)}')
    return Type(f'numeric({precision},{scale})', 'decimal')


def read_time(reader, word):
    """time or timestamp, [(p)] [with|without time zone]."""
    read_precision(reader)
    zoned = False
    if reader.take('WITH', 'TIME', 'ZONE'):
        zoned = True
    else:
        reader.take('WITHOUT', 'TIME', 'ZONE')
    return Type(f'{word} {"with" if zoned else "without"} time zone', word)


def read_type(reader, column=None):
    """The type that stands here. column, "table.column", is for the refusal of one."""
    token = reader.peek()
    if token is None or not token.is_name:
        raise reader.error()
    word = token.value
    reader.next()
    if word == 'pg_catalog' and reader.take_operator('.'):
        return read_type(reader, column)
    if reader.peek() is not None and reader.peek().is_operator('.'):
        raise unsupported(column, word + '.' + reader.tokens[reader.at + 1].value)
    if word == 'national' and reader.at_words('CHARACTER') or word == 'national' and \
            reader.at_words('CHAR'):
        word = reader.next().value
    if word in CHARACTERS:
        found = read_characters(reader, CHARACTERS[word])
    elif word in ('decimal', 'numeric', 'dec'):
        found = read_decimal(reader)
    elif word in ('timestamp', 'time'):
        found = read_time(reader, word)
    elif word == 'double' and reader.take('PRECISION'):
        found = Type('double precision', 'double precision')
    elif word == 'float':
        digits = read_precision(reader)
        found = Type('real' if digits and digits[0] <= 24 else 'double precision',
                     'double precision')
    elif word in ('varbyte', 'varbinary') or word == 'binary' and reader.take('VARYING'):
        length = read_length(reader)
        length = MAX_VARBYTE if length == 'max' else length or DEFAULT_VARBYTE
        found = Type(f'varbyte({bounded("varbyte", length, MAX_VARBYTE)})', 'varbyte', length)
    elif word in SIMPLE:
        found = Type(SIMPLE[word], SIMPLE[word].split(' ')[0])
    elif word in UNSUPPORTED:
        raise unsupported(column, UNSUPPORTED[word] + arrays(reader))
    else:
        raise Refuse('42704', f'type "{word}" does not exist')
    brackets = arrays(reader)
    if brackets:
        raise unsupported(column, printed(found) + brackets)
    return found


def printed(found):
    return {'varchar': 'character varying', 'char': 'character', 'decimal': 'numeric'}.get(
        found.family, found.sql)


def arrays(reader):
    """[] and [n], as often as they stand here."""
    found = ''
    while reader.take_operator('['):
        if reader.peek() is not None and reader.peek().kind == lexer.NUMBER:
            reader.next()
        reader.expect_operator(']')
        found = '[]'
    if reader.take('ARRAY'):
        found = '[]'
    return found


def unsupported(column, name):
    if column is None:
        return not_supported(f'type "{name}" is not supported')
    return not_supported(f'Column "{column}" has unsupported type "{name}".')
