"""The grammar of UNLOAD: its query, target, authorisation and options.

    unload = parse(statement)
    unload.query, unload.bucket, unload.prefix, unload.authorization, unload.options

Source: r_UNLOAD of the developer guide, which also has the options that exclude each other.
"""
from dataclasses import dataclass

from . import s3
from .authorization import Authorization, Clause
from .copy_options import incompatible, invalid, one_byte, widths_of
from .errors import Refuse, not_supported, syntax_error
from .reader import Reader

FORMATS = ('CSV', 'JSON', 'PARQUET')
COMPRESSIONS = {'GZIP': '.gz', 'BZIP2': '.bz2', 'ZSTD': '.zst'}
FLAGS = ('CSV', 'JSON', 'PARQUET', 'HEADER', 'ADDQUOTES', 'ESCAPE', 'ALLOWOVERWRITE', 'CLEANPATH',
         'GZIP', 'BZIP2', 'ZSTD')
STRINGS = ('DELIMITER', 'FIXEDWIDTH', 'REGION', 'NULL', 'KMS_KEY_ID')
SIZES = ('MAXFILESIZE', 'ROWGROUPSIZE')
UNITS = {'MB': 1 << 20, 'GB': 1 << 30}
MIN_FILE_BYTES, MAX_FILE_BYTES = 5 << 20, int(6.2 * (1 << 30))

CONFLICTS = (
    [('CSV', other) for other in ('FIXEDWIDTH', 'ADDQUOTES', 'ESCAPE', 'JSON', 'PARQUET')] +
    [('PARQUET', other) for other in ('DELIMITER', 'FIXEDWIDTH', 'ADDQUOTES', 'ESCAPE', 'NULL',
                                      'HEADER', 'GZIP', 'BZIP2', 'ZSTD', 'JSON')] +
    [('JSON', other) for other in ('DELIMITER', 'HEADER', 'FIXEDWIDTH', 'ADDQUOTES', 'ESCAPE',
                                   'NULL')] +
    [('FIXEDWIDTH', other) for other in ('DELIMITER', 'HEADER')] +
    [('CLEANPATH', 'ALLOWOVERWRITE'), ('GZIP', 'BZIP2'), ('GZIP', 'ZSTD'), ('BZIP2', 'ZSTD')])


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
    def format(self):
        return next((name for name in FORMATS if name in self.options), 'TEXT')

    @property
    def compression(self):
        return next((name for name in COMPRESSIONS if name in self.options), None)

    @property
    def extension(self):
        """What the names of the files end with."""
        if self.has('EXTENSION'):
            return '.' + self.options['EXTENSION']
        return COMPRESSIONS.get(self.compression, '')

    @property
    def delimiter(self):
        return one_byte('DELIMITER', self.options.get('DELIMITER', ',' if self.has('CSV') else '|'))


def read_option(reader):
    """One option: its name and value."""
    if reader.take('FORMAT'):
        reader.take('AS')
        word = reader.take_any(*FORMATS)
        if word is None:
            raise reader.error()
        return word, True
    word = reader.take_any(*FLAGS, *STRINGS, *SIZES, 'PARTITION', 'MANIFEST', 'ENCRYPTED',
                           'MASTER_SYMMETRIC_KEY', 'PARALLEL', 'EXTENSION')
    if word is None:
        raise reader.error()
    if word in FLAGS:
        return word, True
    if word in STRINGS or word == 'EXTENSION':
        if word != 'EXTENSION':
            reader.take('AS')
        return word, reader.string()
    if word in SIZES:
        return word, read_size(reader, word)
    if word == 'PARTITION':
        reader.expect('BY')
        return word, (reader.names(), reader.take('INCLUDE'))
    if word == 'MANIFEST':
        return word, 'VERBOSE' if reader.take('VERBOSE') else 'PLAIN'
    if word == 'PARALLEL':
        return word, reader.take_any('ON', 'TRUE', 'OFF', 'FALSE') not in ('OFF', 'FALSE')
    if word == 'ENCRYPTED':
        return word, 'AUTO' if reader.take('AUTO') else True
    raise not_supported('Client-side encryption is no longer supported by COPY and UNLOAD')


def read_size(reader, word):
    """n [MB | GB], in bytes."""
    reader.take('AS')
    token = reader.next()
    if token.kind != 'number':
        raise syntax_error(token)
    size = int(float(token.text) * UNITS[reader.take_any(*UNITS) or 'MB'])
    if word == 'MAXFILESIZE' and not MIN_FILE_BYTES <= size <= MAX_FILE_BYTES:
        raise invalid(word, 'it must be between 5 MB and 6.2 GB')
    return size


def check(options, authorization):
    for one, other in CONFLICTS:
        if one in options and other in options:
            raise incompatible(one, 'NULL AS' if other == 'NULL' else other)
    if 'KMS_KEY_ID' in options:
        if 'ENCRYPTED' not in options:
            raise Refuse('42601', 'KMS_KEY_ID requires ENCRYPTED')
        if authorization.by_credentials:
            raise incompatible('KMS_KEY_ID', 'CREDENTIALS')
    elif options.get('ENCRYPTED') is True:
        raise not_supported('Client-side encryption is no longer supported by COPY and UNLOAD')
    if 'DELIMITER' in options:
        one_byte('DELIMITER', options['DELIMITER'])
    if 'FIXEDWIDTH' in options:
        widths_of(options['FIXEDWIDTH'])


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
    clause = Clause()
    options = {}
    while not reader.ended():
        if clause.take(reader):
            continue
        token = reader.peek()
        word, value = read_option(reader)
        if word in options:
            raise Refuse('42601', 'conflicting or redundant options', position=token.position + 1)
        options[word] = value
    authorization = clause.finish()
    check(options, authorization)
    return Unload(query, target, *place, authorization, options)
