"""Rows of the files of a COPY: its formats behind one face.

    for line_number, raw, row in rows(blocks, settings, columns): ...

row is the list of fields, one a column (bytes, Quoted bytes, or None for NULL), or the Fault that
kept the line from being taken apart.
"""
import codecs
import itertools

from . import copy_json, copy_records
from .copy_values import Fault


def recoded(blocks, encoding):
    """Blocks as UTF-8, from one of Redshift's encodings."""
    names = {'UTF16LE': 'utf-16-le', 'UTF16BE': 'utf-16-be', 'UTF16': 'utf-16'}
    decoder = codecs.getincrementaldecoder(names[encoding])()
    for block in blocks:
        yield decoder.decode(block).encode()
    yield decoder.decode(b'', True).encode()


def rows(blocks, settings, columns):
    """Yield (line number, raw line, fields or Fault) of one file."""
    if settings.encoding != 'UTF8':
        blocks = recoded(blocks, settings.encoding)
    read = json_rows if settings.kind == 'json' else record_rows
    try:
        yield from read(blocks, settings, columns)
    except UnicodeDecodeError:
        yield -1, b'', Fault(1221, f'File does not use the encoding {settings.encoding}')


def json_rows(blocks, settings, columns):
    pick = copy_json.picker(settings.json_option, columns, settings.json_paths)
    for number, raw, value in copy_json.documents(blocks):
        if type(value) is not Fault:
            try:
                value = pick(value)
            except Fault as fault:
                value = fault
        yield number, raw, value


def record_rows(blocks, settings, columns):
    split = copy_records.splitter(settings)
    count = len(columns)
    kinds = [column.type for column in columns]
    half = copy_records.MAX_RECORD_BYTES // 2
    ignore_blank = settings.ignore_blank_lines
    found = copy_records.records(blocks, settings)
    for number, raw in itertools.islice(found, settings.ignore_header, None):
        if ignore_blank and not raw:
            continue
        try:
            if len(raw) > half:
                copy_records.check_size(raw)
            row = split(raw)
            if len(row) != count:
                row = copy_records.fit(row, count, settings.fill_record, kinds,
                                       settings.empty_as_null)
        except Fault as fault:
            row = fault
        yield number, raw, row
