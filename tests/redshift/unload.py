"""UNLOAD: the rows of a query into objects in S3, as Redshift writes them.

The query's rows are read from the backend to their end and written to temporary files, one or more
a slice; then the files are stored, and last the manifest. Files are CSV, or fields with ADDQUOTES
and ESCAPE; no tool sends another form (unsupported.py).

Source: r_UNLOAD of the developer guide, which also has the options that exclude each other. That
ESCAPE is applied to the NULL string as well is what users of clusters report.
"""
import json
import re
import tempfile
from dataclasses import dataclass

from . import lexer, s3
from .authorization import Authorization
from .copy_options import invalid, one_byte, read_options
from .errors import Refuse, not_supported, syntax_error, system_error
from .query import check_query, translate
from .reader import Reader
from .statements import Result, action
from .storage import listing, s3_failure, storage_of
from .unsupported import refuse_unsent, unsent

FLAGS = ('ADDQUOTES', 'CSV', 'ENCRYPTED', 'ESCAPE', 'MANIFEST', 'ZSTD')
STRINGS = ('DELIMITER', 'KMS_KEY_ID', 'NULL', 'REGION')
CONFLICTS = (('CSV', 'ADDQUOTES'), ('CSV', 'ESCAPE'))
UNITS = {'MB': 1 << 20, 'GB': 1 << 30}
MIN_FILE_BYTES, MAX_FILE_BYTES = 5 << 20, int(6.2 * (1 << 30))
NOT_EMPTY = ('Specified unload destination on S3 is not empty. Consider using a different bucket / '
             'prefix, manually removing the target files in S3, or using the ALLOWOVERWRITE '
             'option.')
UNLOADED = 'UNLOAD completed, %d record(s) unloaded successfully.'
ROWS_PER_CHECK = 5000

COPY_ESCAPE = re.compile(rb'\\(.)')
COPY_ESCAPES = {b'b': b'\b', b'f': b'\f', b'n': b'\n', b'r': b'\r', b't': b'\t', b'v': b'\v'}


# ---- The statement -----------------------------------------------------------------------------

@dataclass
class Unload:
    query: str
    target: str
    bucket: str
    prefix: str
    authorization: Authorization
    options: dict

    def has(self, option):
        return option in self.options

    @property
    def delimiter(self):
        return one_byte('DELIMITER', self.options.get('DELIMITER', ',' if self.has('CSV') else '|'))


def read_option(reader):
    """One option: its name and value."""
    named = reader.take('FORMAT')
    if named:
        reader.take('AS')
    refuse_unsent('UNLOAD', reader)
    word = reader.take_any(*FLAGS, *STRINGS, 'MAXFILESIZE', 'PARALLEL')
    if word is None or named and word != 'CSV':
        raise syntax_error(reader.peek() if word is None else reader.peek(-1))
    if word in FLAGS:
        return word, True
    if word == 'PARALLEL':
        return word, reader.take_any('ON', 'TRUE', 'OFF', 'FALSE') not in ('OFF', 'FALSE')
    reader.take('AS')
    return word, reader.string() if word in STRINGS else read_size(reader)


def read_size(reader):
    """n [MB | GB], in bytes."""
    token = reader.next()
    if token.kind != 'number':
        raise syntax_error(token)
    size = int(float(token.text) * UNITS[reader.take_any(*UNITS) or 'MB'])
    if not MIN_FILE_BYTES <= size <= MAX_FILE_BYTES:
        raise invalid('MAXFILESIZE', 'it must be between 5 MB and 6.2 GB')
    return size


def parse(statement):
    """An UNLOAD statement taken apart; what Redshift refuses is refused here."""
    reader = Reader(statement, 1)
    reader.expect_operator('(')
    query = reader.string()
    reader.expect_operator(')')
    reader.expect('TO')
    target = reader.string()
    place = s3.split_url(target)
    if place is None:
        raise not_supported('UNLOAD destination is not supported. (Hint: only S3 based unload is '
                            'allowed)')
    authorization, options = read_options(reader, read_option, CONFLICTS)
    if 'KMS_KEY_ID' in options and 'ENCRYPTED' not in options:
        raise Refuse('42601', 'KMS_KEY_ID requires ENCRYPTED')
    if 'ENCRYPTED' in options and 'KMS_KEY_ID' not in options:
        raise not_supported('Client-side encryption is no longer supported by COPY and UNLOAD')
    if not ('CSV' in options or 'ADDQUOTES' in options and 'ESCAPE' in options):
        raise unsent('UNLOAD', 'without CSV, or ADDQUOTES and ESCAPE')
    return Unload(query, target, *place, authorization, options)


def inner_query(session, text):
    """The query in PostgreSQL's words; its own backslashes are read now, a second time."""
    tokens = session.tokenize(text)
    while tokens and (tokens[-1].kind == lexer.BLANK or tokens[-1].is_operator(';')):
        tokens.pop()
    meaning = [token for token in tokens if token.kind != lexer.BLANK]
    if not meaning:
        raise syntax_error()
    if not meaning[0].is_word('SELECT', 'WITH'):
        raise syntax_error(meaning[0])
    depth = 0
    for token in meaning:
        depth += token.is_operator('(') - token.is_operator(')')
        if token.is_operator(';'):
            raise syntax_error(token)
        if depth == 0 and token.is_word('LIMIT', 'TOP'):
            raise not_supported('Limit clause is not supported')
    check_query(session, meaning)
    return translate(session, tokens)


# ---- The files ---------------------------------------------------------------------------------

def fields_of(row):
    """A row of the backend's COPY ... TO STDOUT: its fields, None for NULL."""
    return [None if field == b'\\N' else
            COPY_ESCAPE.sub(lambda found: COPY_ESCAPES.get(found[1], found[1]), field)
            if b'\\' in field else field for field in row[:-1].split(b'\t')]


def encoder(unload):
    """Return the function from a row's fields to a line of the file."""
    delimiter = unload.delimiter
    null = unload.options.get('NULL', '').encode()
    if unload.has('CSV'):
        special = re.compile(b'["\n\r%s]' % re.escape(delimiter))

        def encode_field(field):
            return b'"%s"' % field.replace(b'"', b'""') if special.search(field) else field
    else:
        special = re.compile(rb'[\n\r\\"\'%s]' % re.escape(delimiter))
        null = special.sub(rb'\\\g<0>', null)

        def encode_field(field):
            return b'"%s"' % special.sub(rb'\\\g<0>', field)
    return lambda fields: delimiter.join(
        null if field is None else encode_field(field) for field in fields) + b'\n'


class Part:
    """One file that is being written."""

    def __init__(self, name, compressed):
        self.name = name
        self.file = tempfile.TemporaryFile()
        self.compressor = None
        if compressed:
            import zstandard  # Debian's python3-zstandard; only a COPY or UNLOAD with ZSTD needs it
            self.compressor = zstandard.ZstdCompressor().stream_writer(self.file, closefd=False)
        self.out = self.compressor or self.file

    def close(self):
        if self.compressor:
            self.compressor.close()
        self.file.flush()


class Writer:
    """Deals lines out to slices, and starts a new part where one is full."""

    def __init__(self, unload, slices):
        self.parallel = unload.options.get('PARALLEL', True)
        self.slices = slices if self.parallel else 1
        self.compressed = unload.has('ZSTD')
        self.limit = unload.options.get('MAXFILESIZE', MAX_FILE_BYTES)
        self.parts = []
        self.current = {}  # slice -> the Part that is being filled
        self.counts = {}   # slice -> how many parts it has
        self.rows = 0
        for number in range(self.slices):
            self.begin(number)

    def begin(self, number):
        """Start the next part of a slice."""
        count = self.counts.get(number, 0)
        self.counts[number] = count + 1
        name = f'{number:04d}_part_{count:02d}' if self.parallel else f'{count:03d}'
        part = Part(name + ('.zst' if self.compressed else ''), self.compressed)
        self.parts.append(part)
        self.current[number] = part
        return part

    def add(self, line):
        number = self.rows % self.slices
        self.rows += 1
        part = self.current[number]
        if part.file.tell() + (0 if self.compressed else len(line)) > self.limit:
            part = self.begin(number)
        part.out.write(line)


# ---- The work ----------------------------------------------------------------------------------

def check_empty(session, unload, client):
    """Refuse a target that is not empty."""
    if any(client.list(unload.bucket, unload.prefix)):
        raise system_error(NOT_EMPTY, context=unload.target, query=session.server.query_id(),
                           location='unload_utility.cpp:0', pid=session.number)


def write_rows(session, unload, sql):
    """Run the query; a Writer that holds its rows."""
    encode = encoder(unload)
    writer = Writer(unload, session.server.options.slices)
    failure = None
    for row in session.backend.copy_out(f'COPY ({sql}) TO STDOUT'):
        if failure:
            continue  # the backend's rows have to be read to their end
        try:
            if writer.rows % ROWS_PER_CHECK == 0:
                session.check_cancel()
            writer.add(encode(fields_of(row)))
        except Refuse as refuse:
            failure = refuse
    if failure:
        raise failure
    return writer


def store(unload, client, writer):
    """Store the files and the manifest."""
    entries = []
    for part in writer.parts:
        part.close()
        key = unload.prefix + part.name
        client.put(unload.bucket, key, part.file)
        entries.append({'url': f's3://{unload.bucket}/{key}',
                        'meta': {'content_length': part.file.tell()}})
        part.file.close()
    if unload.has('MANIFEST'):
        client.put(unload.bucket, unload.prefix + 'manifest',
                   json.dumps({'entries': entries}, indent=1).encode())


@action('UNLOAD')
def unload(session, statement):
    parsed = parse(statement)
    sql = inner_query(session, parsed.query)
    keys = parsed.authorization.open(session, 'UNLOAD')
    storage = storage_of(session.server)
    region = parsed.options.get('REGION')
    client = storage.client(keys, region)
    session.values['last_unload_count'] = 0
    try:
        storage.check_region(parsed.bucket, region)
        with session.atomic():
            session.query(f'SELECT * FROM ({sql}) AS unloaded LIMIT 0')
            check_empty(session, parsed, client)
            writer = write_rows(session, parsed, sql)
            store(parsed, client, writer)
    except s3.S3Error as error:
        raise s3_failure(error, listing(parsed.bucket, parsed.prefix)) from None
    finally:
        client.close()
    session.values['last_unload_count'] = writer.rows
    session.info(UNLOADED % writer.rows)
    return Result('UNLOAD')
