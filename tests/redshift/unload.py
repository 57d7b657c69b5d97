"""UNLOAD: the rows of a query into objects in S3, as Redshift writes them.

The query's rows are read from the backend to their end and written to temporary files, one or more
a slice; then the files are stored, and last the manifest.
"""
import json

from . import books, lexer, s3, unload_options, unload_write
from .backend import ServerError
from .errors import Refuse, not_supported, syntax_error, system_error
from .query import check_query, translate
from .statements import Result, action
from .storage import listing, s3_failure, storage_of

NOT_EMPTY = ('Specified unload destination on S3 is not empty. Consider using a different bucket / '
             'prefix, manually removing the target files in S3, or using the ALLOWOVERWRITE '
             'option.')
UNLOADED = 'UNLOAD completed, %d record(s) unloaded successfully.'
AUTHOR = {'name': 'Amazon Redshift', 'version': '1.0.0'}
ROWS_PER_CHECK = 5000
UNLOAD_COLUMNS = ('query, userid, pid, status, starttime, endtime, file_format, compression_type, '
                  'unloaded_location, unloaded_rows, unloaded_files_count, unloaded_files_size, '
                  'error_message')
FILE_COLUMNS = ('query, userid, slice, pid, path, starttime, endtime, line_count, transfer_size, '
                'file_format')


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


class Work:
    """One UNLOAD at work."""

    def __init__(self, session, unload, sql, client):
        self.session = session
        self.unload = unload
        self.sql = sql
        self.client = client
        self.query = session.server.query_id()
        self.user_id = books.user_id(session)
        self.started = books.now()
        self.entries = []
        self.file_rows = []
        self.bytes = 0
        outer = session.query(f'SELECT * FROM ({sql}) AS unloaded LIMIT 0')
        oids = session.server.wire_oids
        outward = session.server.names.outward
        self.columns = [(outward(name), oids.get(oid, oid), modifier)
                        for name, oid, modifier in outer.columns]
        self.pg_columns = outer.columns
        self.partition_at, self.kept = self.partition()

    def partition(self):
        """Where the columns of PARTITION BY are, and which columns the files keep."""
        names = [name for name, _, _ in self.columns]
        every = list(range(len(names)))
        by, include = self.unload.options.get('PARTITION', ([], True))
        for name in by:
            if name not in names:
                raise Refuse('42703', f'column "{name}" of PARTITION BY is not in the query')
        places = [names.index(name) for name in by]
        kept = every if include else [at for at in every if at not in places]
        if not kept:
            raise Refuse('0A000', 'PARTITION BY leaves no column to unload')
        return places, kept

    def folder(self):
        """The prefix of all files; a slash ends it where there are partitions."""
        prefix = self.unload.prefix
        return prefix + '/' if self.partition_at and not prefix.endswith('/') else prefix

    def clear_target(self):
        """Refuse a target that is not empty, or empty it."""
        bucket, prefix = self.unload.bucket, self.folder()
        found = list(self.client.list(bucket, prefix))
        if found and self.unload.has('CLEANPATH'):
            for item in found:
                self.client.delete(bucket, item.key)
        elif found and not self.unload.has('ALLOWOVERWRITE'):
            raise system_error(NOT_EMPTY, context=self.unload.target, query=self.query,
                               location='unload_utility.cpp:0', pid=self.session.number)

    def read_rows(self):
        """Run the query; a Writer that holds its rows."""
        kept = [self.columns[at] for at in self.kept]
        encode = unload_write.encoder(self.unload, kept)
        header = None
        if self.unload.has('HEADER'):
            header = encode([name.encode() for name, _, _ in kept])
        slices = self.session.server.options.slices
        writer = unload_write.Writer(self.unload, slices, header)
        names = [self.columns[at][0] for at in self.partition_at]
        failure = None
        for row in self.session.backend.copy_out(f'COPY ({self.sql}) TO STDOUT'):
            if failure:
                continue  # the backend's rows have to be read to their end
            try:
                if writer.rows % ROWS_PER_CHECK == 0:
                    self.session.check_cancel()
                fields = unload_write.fields_of(row)
                line = encode([fields[at] for at in self.kept])
                writer.add(line, unload_write.partition_of(
                    names, [fields[at] for at in self.partition_at]) if names else '')
            except Refuse as refuse:
                failure = refuse
        if failure:
            raise failure
        return writer

    def store(self, writer):
        """Store the files and the manifest."""
        bucket, folder = self.unload.bucket, self.folder()
        for number, part in writer.finish():
            begun = books.now()
            key = folder + part.name
            self.client.put(bucket, key, part.file)
            size = part.file.tell()
            part.file.close()
            self.bytes += size
            self.entries.append((f's3://{bucket}/{key}', size, part.lines))
            self.file_rows.append((self.query, self.user_id, number, self.session.number,
                                   f's3://{bucket}/{key}', begun, books.now(), part.lines, size,
                                   self.unload.format))
        kind = self.unload.options.get('MANIFEST')
        if kind:
            self.client.put(bucket, folder + 'manifest',
                            json.dumps(self.manifest(kind == 'VERBOSE'), indent=1).encode())

    def manifest(self, verbose):
        if not verbose:
            return {'entries': [{'url': url, 'meta': {'content_length': size}}
                                for url, size, _ in self.entries]}
        return {
            'entries': [{'url': url, 'meta': {'content_length': size, 'record_count': lines}}
                        for url, size, lines in self.entries],
            'schema': {'elements': [self.element(self.pg_columns[at]) for at in self.kept]},
            'meta': {'content_length': self.bytes,
                     'record_count': sum(lines for _, _, lines in self.entries)},
            'author': AUTHOR,
        }

    def element(self, column):
        """A column as the schema of a verbose manifest has it."""
        name, oid, modifier = column
        base = self.session.value('SELECT pg_catalog.format_type($1::oid, NULL)', [oid])
        kind = {'base': base}
        if oid in (1042, 1043) and modifier > 4:
            kind['max_length'] = modifier - 4
        elif oid == 1700 and modifier > 4:
            kind['precision'], kind['scale'] = (modifier - 4) >> 16, (modifier - 4) & 0xffff
        return {'name': name, 'type': kind}

    def run(self):
        """Unload; the number of rows."""
        session = self.session
        session.values['last_unload_id'] = self.query
        session.values['last_unload_count'] = 0
        error, rows = 'the unload was interrupted', 0
        try:
            self.clear_target()
            writer = self.read_rows()
            self.store(writer)
            error, rows = '', writer.rows
        except s3.S3Error as failure:
            error = str(failure)
            raise s3_failure(failure, listing(self.unload.bucket, self.unload.prefix)) from None
        except (Refuse, ServerError) as failure:
            error = str(failure)
            raise
        finally:
            self.write_books(error, rows)
        session.values['last_unload_count'] = rows
        return rows

    def write_books(self, error, rows):
        session = self.session
        if not error:
            books.write(session, 'unload_files', FILE_COLUMNS, self.file_rows)
        books.write(session, 'unloads', UNLOAD_COLUMNS, [(
            self.query, self.user_id, session.number, 'aborted' if error else 'completed',
            self.started, books.now(), self.unload.format, self.unload.compression or '',
            self.unload.target, rows, len(self.entries), self.bytes, error)])


@action('UNLOAD')
def unload(session, statement):
    parsed = unload_options.parse(statement)
    if parsed.has('PARQUET'):
        raise not_supported('PARQUET: the stand-in cannot write this format, although Redshift can')
    sql = inner_query(session, parsed.query)
    keys = parsed.authorization.open(session, 'UNLOAD')
    storage = storage_of(session.server)
    region = parsed.options.get('REGION')
    client = storage.client(keys, region)
    try:
        storage.check_region(parsed.bucket, region)
        with session.atomic():
            rows = Work(session, parsed, sql, client).run()
    except s3.S3Error as error:
        raise s3_failure(error, listing(parsed.bucket, parsed.prefix)) from None
    finally:
        client.close()
    session.info(UNLOADED % rows)
    return Result('UNLOAD')
