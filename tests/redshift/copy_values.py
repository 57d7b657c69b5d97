"""Fields of a load file into values of a column: one converter a column.

    convert = converter(column, settings)
    convert(b'12')      ->  b'12'          an int
    convert(b'a "b" c') ->  b'"a ""b"" c"'  a varchar, quoted for the backend's CSV
    convert(marker)     ->  b''            NULL
    convert(b'12x')     ->  raises Fault(1207, "Invalid digit, Value 'x', Pos 2, Type: Integer")

What comes out is a field of CSV for the backend's COPY, in which an unquoted empty field is NULL.
A Quoted field of the source is never taken for a NULL marker.

Source: r_Load_Error_Reference and copy-parameters-data-conversion of the developer guide; the
reasons are those that STL_LOAD_ERRORS of real clusters was seen to give.
"""
import json
import re

from . import copy_times

NULL = b''
SUPER_MAX_BYTES = 16 << 20

INTEGERS = {'int2': ('Short', 16), 'int4': ('Integer', 32), 'int8': ('Long', 64)}
INTEGER = re.compile(rb'[+-]?\d+')
DECIMAL = re.compile(rb'([+-]?)(\d*)(?:\.(\d*))?')
FLOAT = re.compile(rb'[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(inf|infinity)|nan', re.I)
FLOAT_MAX = {'float4': 3.4028235677973366e38, 'float8': 1.7976931348623157e308}
FLOAT_MIN = {'float4': 1.1754943508222875e-38, 'float8': 2.2250738585072014e-308}
TRUE, FALSE = {b't', b'true', b'y', b'yes', b'1'}, {b'f', b'false', b'n', b'no', b'0'}
HEX = re.compile(rb'(?:[0-9a-fA-F]{2})*')
TEXTS = ('varchar', 'bpchar')

TIMESTAMP_REASON = 'Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS%s]'
NUL_REASON = 'Invalid null byte - field longer than 1 byte'


class Quoted(bytes):
    """A field that stood in quotes."""

    __slots__ = ()


class Fault(Exception):
    """Why a value, or a line, cannot be loaded: the code and reason of STL_LOAD_ERRORS."""

    def __init__(self, code, reason, position=0):
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.position = position


def digit_fault(value, valid, type_name):
    """The fault of the first byte of value that is none of valid."""
    at = next((i for i, byte in enumerate(value) if byte not in valid), len(value) - 1)
    text = value[at:at + 1].decode('latin-1')
    return Fault(1207, "Invalid digit, Value '%s', Pos %d, Type: %s" % (text, at, type_name), at)


def integer(type_name):
    name, bits = INTEGERS[type_name]
    low, high = -(1 << bits - 1), (1 << bits - 1) - 1
    sure_length = len(str(high)) - 1

    def convert(value):
        if not INTEGER.fullmatch(value):
            value = value.strip()
        if not INTEGER.fullmatch(value):
            digits = b'0123456789' if value[:1].isdigit() else b'+-0123456789'
            raise digit_fault(value, digits, name)
        if len(value) > sure_length and (len(value) > 30 or not low <= int(value) <= high):
            raise Fault(1222, 'Overflow (%s valid range %d to %d)' % (name, low, high))
        return value
    return convert


def numeric(precision, scale):
    """What does not fit the scale is cut off."""
    overflow = 'Overflow for NUMERIC(%d,%d)' % (precision, scale)

    def convert(value):
        value = value.strip()
        match = DECIMAL.fullmatch(value)
        if not match or not (match[2] or match[3]):
            raise digit_fault(value, b'+-.0123456789', 'Decimal')
        sign, whole, fraction = match.groups(b'')
        if len(value) > 150:
            raise Fault(1209, overflow)
        fraction = fraction[:scale]
        digits = whole.lstrip(b'0')
        if len(digits) > precision - scale or (
                precision == 19 and int(b'0' + digits + fraction.ljust(scale, b'0')) >= 1 << 63):
            raise Fault(1209, overflow)
        return b'%s%s.%s' % (sign, whole or b'0', fraction) if fraction else sign + (whole or b'0')
    return convert


def floating(type_name):
    largest, smallest = FLOAT_MAX[type_name], FLOAT_MIN[type_name]
    name = 'Float' if type_name == 'float4' else 'Double'

    def convert(value):
        value = value.strip()
        match = FLOAT.fullmatch(value)
        if not match:
            raise digit_fault(value, b'+-.eE0123456789', name)
        if match[1]:
            number = abs(float(value))
            if number > largest or (number < smallest and value.strip(b'+-.0') and
                                    match[1].strip(b'.0')):
                raise Fault(1208, 'Overflow (%s valid range)' % name)
        return value
    return convert


def boolean(value):
    value = value.strip().lower()
    if value in TRUE:
        return b't'
    if value in FALSE:
        return b'f'
    raise Fault(1210, 'Unknown boolean format')


def refuse_constant(name):
    """NaN and Infinity, which Python would take for JSON."""
    raise ValueError(name)


def super_value(value):
    if len(value) > SUPER_MAX_BYTES:
        raise Fault(1204, 'Size of SUPER value exceeds the limit of %d bytes' % SUPER_MAX_BYTES)
    try:
        json.loads(value, parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        raise Fault(1224, 'Invalid JSON format for SUPER') from None
    return quoted(value)


def varbyte(length):
    def convert(value):
        if not HEX.fullmatch(value):
            raise Fault(1207, 'Invalid hexadecimal value for VARBYTE')
        if len(value) > 2 * length:
            raise Fault(1204, 'String length exceeds DDL length')
        return value.lower()
    return convert


def dated(parse, code, reason):
    def convert(value):
        text = parse(value)
        if text is None:
            text = parse(value.strip())
        if text is not None:
            return text
        if code == 1205 and len(value) < 10:
            raise Fault(code, 'Invalid Date Format - length must be 10 or more')
        raise Fault(code, reason)
    return convert


def quoted(value):
    return b'"' + value.replace(b'"', b'""') + b'"'


def utf8_fault(value, error):
    sequence = ' '.join('%x' % byte for byte in value[error.start:error.start + 4])
    return Fault(1220, 'String contains invalid or unsupported UTF-8 codepoints. Bad UTF-8 hex '
                 'sequence: %s (error %d)' % (sequence, 3), error.start)


def varchar(length):
    def convert(value):
        if b'\0' in value:
            value = value[:value.index(b'\0')]
            if not value:
                raise Fault(1218, NUL_REASON)
        if not value.isascii():
            try:
                value.decode()
            except UnicodeDecodeError as error:
                raise utf8_fault(value, error) from None
        if len(value) > length:
            raise Fault(1204, 'String length exceeds DDL length')
        return quoted(value)
    return convert


def char(length):
    def convert(value):
        if not value.isascii():
            at = next(i for i, byte in enumerate(value) if byte > 127)
            character = ' '.join('%x' % byte for byte in value[at:at + 2])
            raise Fault(1220, 'Multibyte character not supported for CHAR (Hint: Try using '
                        'VARCHAR). Invalid char: ' + character, at)
        if b'\0' in value:
            raise Fault(1218, NUL_REASON)
        value = value.rstrip(b' ')
        if len(value) > length:
            raise Fault(1204, 'Char length exceeds DDL length')
        return quoted(value)
    return convert


def value_converter(column, settings):
    """The converter of a value that is neither NULL nor, but for text, blank."""
    kind = column.type
    if kind in INTEGERS:
        return integer(kind)
    if kind == 'numeric':
        return numeric(column.precision, column.scale)
    if kind in FLOAT_MAX:
        return floating(kind)
    if kind == 'date':
        parse = copy_times.date_parser(settings.auto_dates, settings.cast)
        return dated(parse, 1205, 'Invalid date format or value [YYYY-MM-DD]')
    if kind in ('timestamp', 'timestamptz'):
        zoned = kind == 'timestamptz'
        parse = copy_times.timestamp_parser(settings.auto_times, zoned, settings.cast)
        return dated(parse, 1206, TIMESTAMP_REASON % ('OF' if zoned else ''))
    if kind in ('time', 'timetz'):
        parse = copy_times.time_parser(kind == 'timetz', settings.cast)
        return dated(parse, 1206, 'Invalid time format or value [HH24:MI:SS]')
    makers = {'bool': lambda: boolean, 'super': lambda: super_value,
              'varbyte': lambda: varbyte(column.length),
              'varchar': lambda: varchar(column.length),
              'bpchar': lambda: char(column.length)}
    if kind not in makers:
        raise Fault(1223, 'Type %s of column %s is not supported by COPY' % (kind, column.name))
    return makers[kind]()


def converter(column, settings):
    """Return the function that turns a field of this column into the backend's CSV.

    column    has name, type (a name of pg_type, or super, varbyte), length, precision, scale and
              not_null
    settings  has the options of the COPY: see copy_options.Settings
    """
    convert = value_converter(column, settings)
    marker, not_null = settings.null_as, column.not_null
    is_text = column.type in TEXTS

    def convert_field(field):
        if field == marker and type(field) is bytes or not is_text and not field.strip():
            if not_null:
                raise Fault(1213, 'Missing data for not-null field')
            return NULL
        return convert(field)
    return convert_field
