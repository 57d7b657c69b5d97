"""COPY: rows of objects in S3 into a table, as Redshift loads them.

A COPY reads its files in order, turns every field into a value of its column (copy_values), and
feeds the rows to PostgreSQL's own COPY. The first that cannot be loaded ends the load: nothing of
it stays but a row of STL_LOAD_ERRORS.
"""
import itertools

from . import books, copy_options, copy_records, copy_source, copy_target
from .backend import ServerError
from .copy_columns import column_converter
from .copy_values import Fault, converter
from .errors import Refuse
from .session import quote_ident
from .statements import Result, action
from .storage import storage_of

ROWS_PER_CHUNK = 2000
RAW_LETTERS = 1024
OTHER = 1000000  # from the number of a query to one that no view knows: STANDIN SWITCH copy_ids
NO_COLUMN = copy_target.Column('', '')

FAILED = "Load into table '%s' failed.  Check '%s' system table for details."
LOADED = "Load into table '%s' completed, %d record(s) loaded successfully."

start = books.start


class Load:
    """One COPY at work."""

    def __init__(self, session, copy, target, source):
        self.session = session
        self.copy = copy
        self.target = target
        self.source = source
        self.query = session.server.query_id()
        self.columns = target.columns
        self.converters = [converter(column, copy.settings) for column in self.columns]
        self.column_converters = [column_converter(column, copy.settings, convert)
                                  for column, convert in zip(self.columns, self.converters)]
        self.loaded = 0

    def chunks(self, files):
        """Yield the rows as CSV for the backend, some thousands at a time."""
        for number, file in enumerate(files):
            rows = copy_records.rows(self.source.blocks(file), self.copy.settings, self.columns)
            while batch := list(itertools.islice(rows, ROWS_PER_CHUNK)):
                self.session.check_cancel()
                converted = self.convert_batch(batch)
                if converted is None:
                    converted = [self.convert_row(number, file, *row) for row in batch]
                self.loaded += len(converted)
                yield b'\n'.join(converted + [b''])

    def convert_batch(self, batch):
        """Rows as CSV, column by column; None when one of them has a fault."""
        rows = [row for _, _, row in batch if type(row) is list]
        if len(rows) < len(batch):
            return None
        try:
            columns = [convert_all(fields) for convert_all, fields
                       in zip(self.column_converters, zip(*rows, strict=True))]
        except Fault:
            return None
        return [b','.join(row) for row in zip(*columns)]

    def convert_row(self, number, file, line, raw, row):
        """A row as CSV; its first fault ends the load."""
        if type(row) is Fault:
            raise self.failure(number, file, line, raw, row, NO_COLUMN, b'')
        found = []
        for convert, column, field in zip(self.converters, self.columns, row):
            try:
                found.append(convert(field))
            except Fault as fault:
                raise self.failure(number, file, line, raw, fault, column, field) from None
        return b','.join(found)

    def failure(self, number, file, line, raw, fault, column, field):
        """Write down a fault, in a column's field or in a line that could not be taken apart."""
        session = self.session
        books.write(session, 'load_errors', {
            'query': self.query, 'userid': books.user_id(session),
            'slice': number % session.server.options.slices, 'tbl': self.target.oid,
            'starttime': books.now(), 'pid': session.number,
            'filename': f's3://{file.bucket}/{file.key}', 'line_number': line,
            'colname': column.name, 'type': column.shown_type, 'col_length': column.shown_length,
            'position': fault.position, 'raw_line': raw[:RAW_LETTERS],
            'raw_field_value': field[:RAW_LETTERS], 'err_code': fault.code,
            'err_reason': fault.reason})
        table = 'sys_load_error_detail' if session.server.options.serverless else 'stl_load_errors'
        return Refuse('XX000', FAILED % (self.target.name, table), file='xen_execute.cpp',
                      line=9964, routine='pg_throw')

    def run(self):
        session = self.session
        files = self.source.files()
        other = session.server.switches.get('copy_ids') == 'other'
        session.values.update(last_copy_id=self.query + OTHER * other, last_copy_count=0)
        if self.copy.has('NOLOAD'):
            for _ in self.chunks(files):
                pass
            self.loaded = 0
        else:
            names = ', '.join(quote_ident(session.server.names.inward(column.name))
                              for column in self.columns)
            with session.atomic():
                session.write_lock(self.target.quoted)
                session.backend.copy_in(
                    f'COPY {self.target.quoted} ({names}) FROM STDIN (FORMAT csv)',
                    self.chunks(files))
        session.values['last_copy_count'] = self.loaded
        session.info(LOADED % (self.target.name, self.loaded))


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


@action('COPY')
def copy(session, statement):
    parsed = copy_options.parse(statement)
    parsed.settings.cast = backend_cast(session)
    target = copy_target.find(session, parsed)
    keys = parsed.authorization.open(session, 'COPY')
    storage = storage_of(session.server)
    client = storage.client(keys, parsed.options.get('REGION'))
    try:
        source = copy_source.Source(client, storage, parsed)
        Load(session, parsed, target, source).run()
    except Fault as fault:
        raise Refuse('0A000', fault.reason) from None
    finally:
        client.close()
    return Result('COPY')
