"""Many fields of a column converted at once: what copy_values does to each, faster.

    convert_all = column_converter(column, settings, convert)
    convert_all([b'1', b'2', ...])  ->  [b'1', b'2', ...]      or raises the Fault of one of them

Only what a look at all fields together shows to be harmless takes a short way; the rest, and all
that is NULL or may be, goes through convert, field by field.
"""
import re

from .copy_times import is_date
from .copy_values import TEXTS

TO_QUOTE = (b'"', b',', b'\r', b'\\')
INTEGER_DIGITS = {'int2': 4, 'int4': 9, 'int8': 18}  # as many of them never overflow
FLOAT = rb'-?\d{1,15}(?:\.\d{1,20})?'
DATE = rb'\d{4}-(?:0[1-9]|1[0-2])-[0-3]\d'
TIME = rb'(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?'
ZONE = rb'(?:Z|[+-](?:0\d|1[0-5])(?::?[0-5]\d)?)?'


def harmless(column, settings):
    """A pattern of values that the backend may have as they are; None when there is none."""
    kind = column.type
    if kind in INTEGER_DIGITS:
        return rb'-?\d{1,%d}' % INTEGER_DIGITS[kind]
    if kind == 'numeric' and column.precision > column.scale and column.precision != 19:
        fraction = rb'(?:\.\d{1,%d})?' % column.scale if column.scale else b''
        return rb'-?\d{1,%d}' % (column.precision - column.scale) + fraction
    if kind in ('float4', 'float8'):
        return FLOAT
    if kind == 'date':
        return DATE
    if kind in ('timestamp', 'timestamptz'):
        if settings.auto_times:
            return DATE + b'[T ]' + TIME + ZONE  # which the backend, too, ignores for TIMESTAMP
        return DATE + b' ' + TIME
    return None


def matching(column, settings):
    """The short way of values that match a pattern, all of them."""
    one = harmless(column, settings)
    if one is None:
        return None
    every = re.compile(rb'(?:%s\n)+' % one)
    dated = column.type in ('date', 'timestamp', 'timestamptz')

    def short_way(fields):
        if not every.fullmatch(b'\n'.join(fields) + b'\n'):
            return None
        if dated and not all(map(is_date, {field[:10] for field in fields})):
            return None
        return fields
    return short_way


def fitting(length):
    """The short way of texts that fit, in quotes only where one of them needs quotes."""
    def short_way(fields):
        # A newline between the fields, lest the bytes of two of them make one character.
        joined = b'\n'.join(fields)
        if b'\0' in joined or len(max(fields, key=len)) > length:
            return None
        if not joined.isascii():
            try:
                joined.decode()
            except UnicodeDecodeError:
                return None
        if joined.count(b'\n') >= len(fields) or any(byte in joined for byte in TO_QUOTE):
            if b'"' in joined:
                return [b'"' + field.replace(b'"', b'""') + b'"' for field in fields]
            return [b'"' + field + b'"' for field in fields]
        return fields
    return short_way


def column_converter(column, settings, convert):
    marker = settings.null_as
    if column.type not in TEXTS:
        short_way = matching(column, settings)
    elif column.type == 'varchar':
        short_way = fitting(column.length)
    else:
        short_way = None

    def convert_all(fields):
        distinct = set(fields)
        if marker in distinct or b'' in distinct:
            return [convert(field) for field in fields]
        if len(distinct) * 4 < len(fields):
            table = {field: convert(field) for field in distinct}
            return [table[field] for field in fields]
        return short_way and short_way(fields) or [convert(field) for field in fields]
    return convert_all
