"""COPY: rows of objects in S3 into a table, as Redshift loads them.

A COPY reads its files in order, turns every field into a value of its column (copy_values), and
feeds what is good to PostgreSQL's own COPY. What is not is counted; with MAXERROR of them the load
fails, nothing of it stays but the rows of STL_LOAD_ERRORS.
"""
import itertools
import json

from . import books, copy_json, copy_options, copy_rows, copy_source, copy_target
from .backend import ServerError
from .control import control
from .copy_columns import column_converter
from .copy_values import Fault, converter
from .errors import Refuse, system_error
from .session import quote_ident
from .statements import Result, action
from .storage import storage_of

ROWS_PER_CHUNK = 2000
COLUMNAR = ('PARQUET', 'ORC', 'AVRO', 'SHAPEFILE')
RAW_LETTERS = 1024
NO_COLUMN = copy_target.Column('', '')
SWITCHES = ('quoted_null', 'statupdate_owner')

FAILED = "Load into table '%s' failed.  Check '%s' system table for details."
LOADED = "Load into table '%s' completed, %d record(s) loaded successfully."
NOT_LOADED = ("Load into table '%s' completed, %d record(s) could not be loaded.  "
              "Check '%s' system table for details.")
REPLACED = "Load into table '%s' completed, %d record(s) were loaded with replacements made for " \
           "ACCEPTINVCHARS.  Check 'stl_replacements' system table for details."

ERROR_COLUMNS = ('query, userid, slice, tbl, starttime, xid, pid, filename, line_number, colname, '
                 'type, col_length, position, raw_line, raw_field_value, err_code, err_reason')
FIELD_COLUMNS = ('query, userid, slice, pid, filename, line_number, field, colname, value, '
                 'is_null, type, col_length')
FILE_COLUMNS = ('query, userid, slice, filename, lines_scanned, bytes_scanned, errors, curtime, '
                'file_format')
LOAD_COLUMNS = ('query, userid, pid, status, table_name, starttime, endtime, data_source, '
                'file_format, loaded_rows, loaded_bytes, source_file_count, source_file_bytes, '
                'error_count, error_message')

start = books.start


class LoadFailed(Exception):
    """As many errors as MAXERROR allows, or a fatal one."""


class Load:
    """One COPY at work: its files, its counts and its errors."""

    def __init__(self, session, copy, target, source):
        self.session = session
        self.copy = copy
        self.target = target
        self.source = source
        self.query = session.server.query_id()
        self.user_id = books.user_id(session)
        self.slices = session.server.options.slices
        self.started = books.now()
        self.columns = target.columns
        self.converters = [converter(column, copy.settings) for column in self.columns]
        self.column_converters = [column_converter(column, copy.settings, convert)
                                  for column, convert in zip(self.columns, self.converters)]
        self.loaded = self.bytes = self.error_count = 0
        self.fatal = False
        self.files = []
        self.file_rows = []
        self.errors = []
        self.error_fields = []

    # ---- Rows ------------------------------------------------------------------------------

    def chunks(self):
        """Yield the good rows as CSV for the backend, some thousands at a time."""
        for number, file in enumerate(self.files):
            yield from self.file_chunks(file, number % self.slices)

    def file_chunks(self, file, slice_number):
        name = f's3://{file.bucket}/{file.key}'
        before, line = self.error_count, 0
        found = copy_rows.rows(self.source.blocks(file), self.copy.settings, self.columns)
        while batch := list(itertools.islice(found, ROWS_PER_CHUNK)):
            self.session.check_cancel()
            good = self.convert_batch(batch)
            if good is None:
                good = list(self.convert_rows(slice_number, name, batch))
            line = batch[-1][0]
            if good:
                good.append(b'')
                chunk = b'\n'.join(good)
                self.loaded += len(good) - 1
                self.bytes += len(chunk)
                yield chunk
        self.file_rows.append((self.query, self.user_id, slice_number, name, line, file.size,
                               self.error_count - before, books.now(), self.copy.format))

    def convert_batch(self, batch):
        """Rows as CSV, column by column; None when one of them has a fault."""
        rows = [row for _, _, row in batch if type(row) is list]
        if len(rows) < len(batch):
            return None
        settings = self.copy.settings
        replacements = settings.replacements
        try:
            columns = [convert_all(fields) for convert_all, fields
                       in zip(self.column_converters, zip(*rows, strict=True))]
        except Fault:
            settings.replacements = replacements
            return None
        return [b','.join(row) for row in zip(*columns)]

    def convert_rows(self, slice_number, name, batch):
        """Yield the good ones of rows as CSV, and note what is wrong with the others."""
        for line, raw, row in batch:
            try:
                if type(row) is Fault:
                    self.add_error(slice_number, name, line, raw, row, NO_COLUMN, b'')
                else:
                    yield b','.join([convert(field) for convert, field
                                     in zip(self.converters, row)])
                    continue
            except Fault as fault:
                self.refuse_row(slice_number, name, line, raw, row, fault)
            self.check_errors()

    def refuse_row(self, slice_number, name, line, raw, row, fault):
        """Note a row in which a field has a fault: the first such field."""
        for at, (convert, field) in enumerate(zip(self.converters, row)):
            try:
                convert(field)
            except Fault:
                break
        self.add_error(slice_number, name, line, raw, fault, self.columns[at], row[at] or b'')
        if self.error_count <= books.DETAIL_LINES:
            for at, (column, field) in enumerate(zip(self.columns, row)):
                self.error_fields.append((
                    self.query, self.user_id, slice_number, self.session.number, name, line, at,
                    column.name, (field or b'')[:RAW_LETTERS], field is None, column.shown_type,
                    column.shown_length))

    def add_error(self, slice_number, name, line, raw, fault, column, field):
        """Note a fault: in a column's field, or in a line that could not be taken apart."""
        self.error_count += 1
        self.errors.append((
            self.query, self.user_id, slice_number, self.target.oid, books.now(), 0,
            self.session.number, name, line, column.name, column.shown_type, column.shown_length,
            fault.position, raw[:RAW_LETTERS], field[:RAW_LETTERS], fault.code, fault.reason))
        self.fatal = fault.fatal

    def check_errors(self):
        """End the load where its errors are too many."""
        limit = self.copy.max_errors
        if self.fatal or (limit is not None and self.error_count >= limit):
            raise LoadFailed

    # ---- The load --------------------------------------------------------------------------

    def run(self):
        """Load the files; what was refused is written down whatever becomes of the rest."""
        session = self.session
        error = 'the load was interrupted'
        try:
            self.files = self.source.files()
            session.values.update(last_copy_id=self.query, last_copy_count=0)
            self.feed()
            error = ''
        except LoadFailed:
            error = FAILED % (self.target.name, self.error_table)
            raise system_refusal(error) from None
        except (Refuse, ServerError) as failure:
            error = str(failure)
            raise
        finally:
            self.write_books(error)
        session.values['last_copy_count'] = self.loaded

    def feed(self):
        if self.copy.has('NOLOAD'):
            for _ in self.chunks():
                pass
            self.loaded = 0
            return
        names = ', '.join(quote_ident(self.session.server.names.inward(column.name))
                          for column in self.columns)
        with self.session.atomic():
            self.session.write_lock(self.target.quoted)
            self.session.backend.copy_in(
                f'COPY {self.target.quoted} ({names}) FROM STDIN (FORMAT csv)', self.chunks())

    @property
    def error_table(self):
        serverless = self.session.server.options.serverless
        return 'sys_load_error_detail' if serverless else 'stl_load_errors'

    def write_books(self, error):
        session = self.session
        books.write(session, 'load_errors', ERROR_COLUMNS, self.errors)
        books.write(session, 'load_error_fields', FIELD_COLUMNS, self.error_fields)
        if not error:
            books.write(session, 'load_files', FILE_COLUMNS, self.file_rows)
        books.write(session, 'loads', LOAD_COLUMNS, [(
            self.query, self.user_id, session.number, 'aborted' if error else 'completed',
            self.target.name, self.started, books.now(), self.copy.source, self.copy.format,
            0 if error else self.loaded, 0 if error else self.bytes, len(self.files),
            sum(file.size for file in self.files), self.error_count, error)])

    def report(self):
        name = self.target.name
        self.session.info(LOADED % (name, self.loaded))
        if self.error_count:
            self.session.info(NOT_LOADED % (name, self.error_count, self.error_table))
        if self.copy.settings.replacements:
            self.session.info(REPLACED % (name, self.copy.settings.replacements))


def system_refusal(message):
    return Refuse('XX000', message, file='xen_execute.cpp', line=9964,
                  routine='pg_throw')


def backend_cast(session):
    """What a CAST makes of a value: text, or None when it refuses it. Words like "now" are none."""
    def cast(value, type_name):
        if not any(byte in b'0123456789' for byte in value):
            return None
        try:
            text = value.decode()
            return session.aside(f'SELECT ($1::{type_name})::text', [text]).rows[0][0].encode()
        except (UnicodeDecodeError, ServerError):
            return None
    return cast


def read_paths(copy, source, columns):
    """The paths of the jsonpaths file that the COPY names, one a column."""
    url = copy.settings.json_option
    try:
        paths = copy_json.parse_paths(source.read(url))
    except (ValueError, TypeError, json.JSONDecodeError):
        raise system_error('Invalid JSONPath format: ' + url, context=url,
                           location='s3_utility.cpp:0') from None
    if paths is not None and len(paths) != len(columns):
        raise system_error(
            'Number of jsonpaths and the number of columns should match. JSONPath size: '
            f'{len(paths)}, Number of columns in table or column list: {len(columns)}',
            location='s3_utility.cpp:0')
    return paths


def check_columns(copy, columns):
    """Refuse column lists that the format cannot fill."""
    settings = copy.settings
    if settings.kind == 'fixed' and len(settings.widths) != len(columns):
        raise Refuse('22023', 'FIXEDWIDTH has %d columns, the table %d'
                     % (len(settings.widths), len(columns)))
    if settings.json_option == 'noshred' and [column.type for column in columns] != ['super']:
        raise Refuse('22023', "JSON 'noshred' loads a single SUPER column")


def check_owner(session, copy, target):
    """STATUPDATE is for the owner; whether OFF counts as using it is a switch: the pages differ."""
    value = copy.options.get('STATUPDATE')
    strict = session.server.switches.get('statupdate_owner')
    if value in ('ON', 'TRUE') or (value is not None and strict):
        if not target.is_owner:
            raise Refuse('42501', f'must be owner of relation {target.name}',
                         routine='aclcheck_error')


@control('COPY')
def set_switch(session, reader):
    """STANDIN COPY switch ON|OFF: what the documentation leaves open.

    quoted_null        a NULL marker in quotes is NULL too (default: off)
    statupdate_owner   STATUPDATE OFF needs the owner, as ON does (default: off)
    """
    name = reader.name()
    if name not in SWITCHES:
        raise reader.error()
    session.server.switches[name] = reader.take('ON')
    if not session.server.switches[name]:
        reader.expect('OFF')
    reader.end()
    return Result('STANDIN')


@action('COPY')
def copy(session, statement):
    parsed = copy_options.parse(statement)
    settings = parsed.settings
    settings.quoted_null = session.server.switches.get('quoted_null', False)
    settings.cast = backend_cast(session)
    if parsed.format in COLUMNAR or settings.compression == 'LZOP':
        raise Refuse('0A000', f'{settings.compression or parsed.format}: the stand-in cannot read '
                              'this format, although Redshift can')
    target = copy_target.find(session, parsed)
    check_owner(session, parsed, target)
    check_columns(parsed, target.columns)
    keys = parsed.authorization.open(session, 'COPY')
    storage = storage_of(session.server)
    client = storage.client(keys, parsed.options.get('REGION'))
    try:
        source = copy_source.Source(client, storage, parsed)
        if settings.json_option.startswith('s3://'):
            settings.json_paths = read_paths(parsed, source, target.columns)
        load = Load(session, parsed, target, source)
        load.run()
    except Fault as fault:
        raise Refuse('0A000', fault.reason) from None
    finally:
        client.close()
    load.report()
    return Result('COPY')
