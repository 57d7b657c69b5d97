"""The files of an UNLOAD: rows of the backend as text, CSV or JSON, cut into objects.

    encode = encoder(unload, columns)
    encode([b'1', None])     ->  b'1|\\n'            fields of a row as a line of the file
    writer = Writer(unload, slices, header)
    writer.add(line, partition)                     to the next slice's file
    for number, part in writer.finish(): ...        part.file is to be stored as prefix + part.name

Source: r_UNLOAD of the developer guide. That ESCAPE is applied to the NULL string as well is what
users of clusters report.
"""
import bz2
import gzip
import json
import re
import tempfile
import urllib.parse

from .copy_options import widths_of
from .errors import Refuse, system_error
from .unload_options import MAX_FILE_BYTES

NUMBERS = (20, 21, 23, 700, 701, 1700)  # oids of int8, int2, int4, float4, float8, numeric
TEXTS = (25, 1042, 1043)
SUPER = 4000
NO_PARTITION = '__HIVE_DEFAULT_PARTITION__'

COPY_ESCAPE = re.compile(rb'\\(.)')
COPY_ESCAPES = {b'b': b'\b', b'f': b'\f', b'n': b'\n', b'r': b'\r', b't': b'\t', b'v': b'\v'}


def fields_of(row):
    """A row of the backend's COPY ... TO STDOUT: its fields, None for NULL."""
    return [None if field == b'\\N' else
            COPY_ESCAPE.sub(lambda found: COPY_ESCAPES.get(found[1], found[1]), field)
            if b'\\' in field else field for field in row[:-1].split(b'\t')]


def csv_encoder(delimiter, null):
    special = re.compile(b'["\n\r%s]' % re.escape(delimiter))

    def encode_field(field):
        if field is None:
            return null
        if special.search(field):
            return b'"%s"' % field.replace(b'"', b'""')
        return field
    return lambda fields: delimiter.join(map(encode_field, fields)) + b'\n'


def text_encoder(delimiter, null, add_quotes, escape):
    special = re.compile(rb'[\n\r\\%s%s]' % (re.escape(delimiter), b'"\'' if add_quotes else b''))
    if escape:
        null = special.sub(rb'\\\g<0>', null)

    def encode_field(field):
        if field is None:
            return null
        if escape:
            field = special.sub(rb'\\\g<0>', field)
        return b'"%s"' % field if add_quotes else field
    return lambda fields: delimiter.join(map(encode_field, fields)) + b'\n'


def fixed_encoder(widths, columns, null):
    if len(widths) != len(columns):
        raise Refuse('22023', f'FIXEDWIDTH has {len(widths)} columns, the query {len(columns)}')
    is_text = [oid in TEXTS for _, oid, _ in columns]

    def encode(fields):
        line = b''
        for field, width, text in zip(fields, widths, is_text):
            value = null if field is None else field
            if len(value) > width:
                if text or field is not None:
                    raise system_error('Fixed width of column is too small for its data')
                value = b''
            line += value.ljust(width)
        return line + b'\n'
    return encode


def json_encoder(columns):
    names = [name for name, _, _ in columns]
    if len(set(names)) < len(names):
        raise Refuse('0A000', 'UNLOAD to JSON needs column names that differ')
    keys = [json.dumps(name, ensure_ascii=False).encode() for name in names]
    raw = [oid in NUMBERS or oid == SUPER for _, oid, _ in columns]

    def encode_field(field, is_raw):
        if field is None:
            return b'null'
        if is_raw and field not in (b'NaN', b'Infinity', b'-Infinity'):
            return field
        return json.dumps(field.decode(), ensure_ascii=False).encode()

    def encode(fields):
        return b'{%s}\n' % b','.join(b'%s:%s' % (key, encode_field(field, is_raw))
                                     for key, field, is_raw in zip(keys, fields, raw))
    return encode


def encoder(unload, columns):
    """Return the function from a row's fields to a line; columns are (name, oid, typmod)."""
    null = unload.options.get('NULL', '').encode()
    if unload.has('JSON'):
        return json_encoder(columns)
    if unload.has('FIXEDWIDTH'):
        return fixed_encoder(widths_of(unload.options['FIXEDWIDTH']), columns, null)
    if unload.has('CSV'):
        return csv_encoder(unload.delimiter, null)
    return text_encoder(unload.delimiter, null, unload.has('ADDQUOTES'), unload.has('ESCAPE'))


def open_compressed(file, compression):
    if compression == 'GZIP':
        return gzip.GzipFile(fileobj=file, mode='wb', mtime=0, compresslevel=1)
    if compression == 'BZIP2':
        return bz2.BZ2File(file, 'wb')
    if compression == 'ZSTD':
        import zstandard  # Debian's python3-zstandard; only a COPY or UNLOAD with ZSTD needs it
        return zstandard.ZstdCompressor().stream_writer(file, closefd=False)
    return None


class Part:
    """One file that is being written."""

    def __init__(self, name, compression):
        self.name = name
        self.file = tempfile.TemporaryFile()
        self.compressor = open_compressed(self.file, compression)
        self.out = self.compressor or self.file
        self.lines = 0

    def write(self, line):
        self.out.write(line)
        self.lines += 1

    def close(self):
        if self.compressor:
            self.compressor.close()
        self.file.flush()


class Writer:
    """Deals lines out to slices, and starts a new part where one is full."""

    def __init__(self, unload, slices, header):
        self.parallel = unload.options.get('PARALLEL', True)
        self.slices = slices if self.parallel else 1
        self.header = header
        self.compression = unload.compression
        self.extension = unload.extension
        self.limit = unload.options.get('MAXFILESIZE', MAX_FILE_BYTES)
        self.partitioned = unload.has('PARTITION')
        self.parts = []
        self.current = {}  # (partition, slice) -> the Part that is being filled
        self.counts = {}   # (partition, slice) -> how many parts it has
        self.rows = 0
        if not self.partitioned:
            for number in range(self.slices):
                self.begin('', number)

    def begin(self, partition, number):
        """Start the next part of a slice."""
        count = self.counts.get((partition, number), 0)
        self.counts[partition, number] = count + 1
        name = f'{number:04d}_part_{count:02d}' if self.parallel else f'{count:03d}'
        part = Part(partition + name + self.extension, self.compression)
        if self.header:
            part.write(self.header)
        self.parts.append((number, part))
        self.current[partition, number] = part
        return part

    def add(self, line, partition=''):
        number = self.rows % self.slices
        self.rows += 1
        part = self.current.get((partition, number)) or self.begin(partition, number)
        if part.file.tell() + (0 if self.compression else len(line)) > self.limit:
            part = self.begin(partition, number)
        part.write(line)

    def finish(self):
        """Close all parts: (slice, Part) of each."""
        for _, part in self.parts:
            part.close()
        return self.parts


def partition_of(names, values):
    """The folder of a partition, as Hive names it."""
    shown = (NO_PARTITION if value is None else
             urllib.parse.quote(value.decode(), safe=" !$&'()+,;=@-._~") for value in values)
    return ''.join(f'{name}={value}/' for name, value in zip(names, shown))
