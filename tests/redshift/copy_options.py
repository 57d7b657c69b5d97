"""The grammar of COPY: a statement's table, source, authorisation and options.

    copy = parse(statement)
    copy.table, copy.columns, copy.source, copy.authorization, copy.settings

Options come in any order, each once; those that exclude each other are a table.

Source: r_COPY and the copy-parameters pages of the developer guide. "CSV is not compatible with
ESCAPE" is what a cluster says; the other pairs are worded after it.
"""
from dataclasses import dataclass, field
from typing import Optional

from . import copy_times
from .authorization import Authorization, Clause
from .errors import Refuse, not_supported, syntax_error
from .reader import Reader

MAX_ERRORS = 100000
FORMATS = ('CSV', 'FIXEDWIDTH', 'JSON', 'PARQUET', 'ORC', 'AVRO', 'SHAPEFILE')
COLUMNAR = ('PARQUET', 'ORC')
COMPRESSIONS = ('GZIP', 'BZIP2', 'LZOP', 'ZSTD')
ENCODINGS = ('UTF8', 'UTF16', 'UTF16LE', 'UTF16BE')
WITH_COLUMNAR = frozenset(
    ('ACCEPTINVCHARS', 'FILLRECORD', 'STATUPDATE', 'MANIFEST', 'EXPLICIT_IDS', 'SERIALIZETOJSON',
     'REGION') + COLUMNAR)

CONFLICTS = (
    [('CSV', other) for other in ('ESCAPE', 'REMOVEQUOTES', 'FIXEDWIDTH')] +
    [('FIXEDWIDTH', other) for other in ('DELIMITER', 'ESCAPE')] +
    [('JSON', other) for other in ('CSV', 'DELIMITER', 'ESCAPE', 'FILLRECORD', 'FIXEDWIDTH',
                                   'IGNOREBLANKLINES', 'NULL', 'READRATIO', 'REMOVEQUOTES')] +
    [('IGNOREALLERRORS', 'MAXERROR')])

FLAGS = ('MANIFEST', 'ACCEPTANYDATE', 'BLANKSASNULL', 'EMPTYASNULL', 'ESCAPE', 'EXPLICIT_IDS',
         'FILLRECORD', 'IGNOREBLANKLINES', 'REMOVEQUOTES', 'ROUNDEC', 'TRIMBLANKS',
         'TRUNCATECOLUMNS', 'IGNOREALLERRORS', 'NOLOAD', 'SERIALIZETOJSON', 'PARQUET', 'ORC',
         'SHAPEFILE') + COMPRESSIONS
STRINGS = ('DELIMITER', 'FIXEDWIDTH', 'REGION', 'DATEFORMAT', 'TIMEFORMAT', 'QUOTE')
NUMBERS = ('IGNOREHEADER', 'MAXERROR', 'COMPROWS', 'READRATIO')
SWITCHES = ('COMPUPDATE', 'STATUPDATE')
ENCRYPTION = ('ENCRYPTED', 'MASTER_SYMMETRIC_KEY')


@dataclass
class Settings:
    """What the reading of files and values needs to know."""
    kind: str = 'delimited'            # or csv, fixed, json
    delimiter: bytes = b'|'
    quote: bytes = b'"'
    widths: list = field(default_factory=list)
    json_option: str = 'auto'          # or auto ignorecase, noshred, s3://...
    json_paths: Optional[list] = None
    compression: Optional[str] = None
    encoding: str = 'UTF8'
    escape: bool = False
    remove_quotes: bool = False
    ignore_header: int = 0
    ignore_blank_lines: bool = False
    fill_record: bool = False
    null_as: Optional[bytes] = b'\\N'
    empty_as_null: bool = False
    blanks_as_null: bool = False
    trim_blanks: bool = False
    truncate_columns: bool = False
    round_decimals: bool = False
    accept_any_date: bool = False
    invalid_chars: Optional[bytes] = None
    date_format: Optional[str] = None
    time_format: Optional[str] = None
    cast: object = None                # (bytes, type) -> bytes or None, by the backend
    quoted_null: bool = False          # is a quoted NULL marker NULL?
    replacements: int = 0              # values in which ACCEPTINVCHARS replaced something


@dataclass
class Copy:
    schema: Optional[str]
    table: str
    columns: Optional[list]
    source: str
    authorization: Authorization
    options: dict
    settings: Settings

    def has(self, option):
        return option in self.options

    @property
    def format(self):
        return next((name for name in FORMATS if name in self.options), 'TEXT')

    @property
    def max_errors(self):
        """How many errors end the COPY; None for as many as there are."""
        return None if self.has('IGNOREALLERRORS') else max(1, self.options.get('MAXERROR', 0))


def incompatible(one, other):
    return Refuse('42601', f'{one} is not compatible with {other}', file='xen_load_unload.cpp')


def invalid(option, why):
    return Refuse('22023', f'Invalid value for {option}: {why}', file='xen_load_unload.cpp')


def read_options(reader, clause):
    """The options by name, with their values."""
    options = {}
    while not reader.ended():
        if clause.take(reader):
            continue
        token = reader.peek()
        word, value = read_option(reader)
        if word in options:
            raise Refuse('42601', 'conflicting or redundant options', position=token.position + 1)
        options[word] = value
    return options


def read_option(reader):
    named = reader.take('FORMAT')
    if named:
        reader.take('AS')
    word = reader.take_any(*FLAGS, *STRINGS, *NUMBERS, *SWITCHES, *ENCRYPTION, 'CSV', 'JSON',
                           'AVRO', 'NULL', 'ACCEPTINVCHARS', 'ENCODING')
    if word is None or (named and word not in FORMATS) or (word == 'AVRO' and not named):
        raise syntax_error(reader.peek() if word is None else reader.peek(-1))
    if word in FLAGS or word == 'CSV':
        return word, True
    if word in SWITCHES:
        return word, reader.take_any('ON', 'OFF', 'TRUE', 'FALSE', 'PRESET') or 'ON'
    if word in ENCRYPTION:
        raise not_supported('Client-side encryption is no longer supported by COPY and UNLOAD')
    reader.take('AS')
    if word == 'NULL' and reader.peek() is not None and reader.peek().text == "'\\N'":
        reader.next()  # the marker as the manual writes it, although a backslash escapes
        return word, '\\N'
    if word in NUMBERS:
        return word, reader.integer()
    if word == 'ENCODING':
        return word, reader.name(reserved=True).upper()
    if word == 'ACCEPTINVCHARS' and not is_string(reader.peek()):
        return word, '?'
    if word in ('JSON', 'AVRO') and not is_string(reader.peek()):
        return word, 'auto'
    return word, reader.string()


def is_string(token):
    return token is not None and token.kind == 'string'


def check_conflicts(options):
    """Refuse options that cannot go together."""
    for one, other in CONFLICTS:
        if one in options and other in options:
            raise incompatible(one, 'NULL AS' if other == 'NULL' else other)
    formats = [name for name in FORMATS if name in options]
    if len(formats) > 1:
        raise incompatible(*formats[:2])
    compressions = [name for name in COMPRESSIONS if name in options]
    if len(compressions) > 1:
        raise incompatible(*compressions[:2])
    for name in COLUMNAR:
        for other in options:
            if name in options and other not in WITH_COLUMNAR:
                raise Refuse('0A000', f'{"NULL AS" if other == "NULL" else other} argument is not '
                                      f'supported for {name} based COPY')
    if 'QUOTE' in options and 'CSV' not in options:
        raise Refuse('42601', 'QUOTE is only compatible with CSV')


def one_byte(option, text):
    """A delimiter or the like as a byte; the two characters \\t are a tab."""
    data = b'\t' if text == '\\t' else text.encode()
    if len(data) != 1 or data[0] > 127 or data in b'\n\r\0':
        raise invalid(option, 'it must be a single ASCII character')
    return data


def widths_of(text):
    widths = []
    for part in text.split(','):
        label, colon, width = part.rpartition(':')
        if not colon or not label.strip() or not width.strip().isdigit() or int(width) == 0:
            raise invalid('FIXEDWIDTH', f'"{part}" is not label:width')
        widths.append(int(width))
    return widths


def date_formats(options, settings):
    """DATEFORMAT and TIMEFORMAT, of which 'auto' and its like are words in lower case."""
    epochs = (copy_times.EPOCH_SECONDS, copy_times.EPOCH_MILLISECONDS)
    for option, words in (('DATEFORMAT', (copy_times.AUTO,)),
                          ('TIMEFORMAT', (copy_times.AUTO,) + epochs)):
        text = options.get(option)
        if text is None or text in words:
            continue
        if text.lower() in (copy_times.AUTO,) + epochs:
            raise invalid(option, f'"{text}"')
        try:
            copy_times.compile_format(text)
        except ValueError as error:
            raise invalid(option, error) from None
    settings.date_format = options.get('DATEFORMAT')
    settings.time_format = options.get('TIMEFORMAT')


def settings_of(options):
    """Settings of checked options; their values are checked here."""
    settings = Settings(
        compression=next((name for name in COMPRESSIONS if name in options), None),
        encoding=options.get('ENCODING', 'UTF8'), escape='ESCAPE' in options,
        remove_quotes='REMOVEQUOTES' in options, ignore_header=options.get('IGNOREHEADER', 0),
        ignore_blank_lines='IGNOREBLANKLINES' in options, fill_record='FILLRECORD' in options,
        null_as=options.get('NULL', '\\N').encode(), empty_as_null='EMPTYASNULL' in options,
        blanks_as_null='BLANKSASNULL' in options, trim_blanks='TRIMBLANKS' in options,
        truncate_columns='TRUNCATECOLUMNS' in options, round_decimals='ROUNDEC' in options,
        accept_any_date='ACCEPTANYDATE' in options)
    if settings.encoding not in ENCODINGS:
        raise invalid('ENCODING', settings.encoding)
    if '\n' in options.get('NULL', ''):
        raise invalid('NULL AS', 'a newline ends a line')
    if options.get('NULL') in ('\\0', '\\000'):
        settings.null_as = b'\0'
    if not 0 <= options.get('MAXERROR', 0) <= MAX_ERRORS:
        raise invalid('MAXERROR', f'it must be between 0 and {MAX_ERRORS}')
    if settings.ignore_header < 0:
        raise invalid('IGNOREHEADER', 'it must not be negative')
    if 'COMPROWS' in options and not 1000 <= options['COMPROWS'] <= 2147483647:
        raise invalid('COMPROWS', 'it must be between 1000 and 2147483647')
    if 'ACCEPTINVCHARS' in options:
        settings.invalid_chars = one_byte('ACCEPTINVCHARS', options['ACCEPTINVCHARS'])
    date_formats(options, settings)
    if 'CSV' in options:
        settings.kind, settings.delimiter = 'csv', b','
        settings.quote = one_byte('QUOTE', options.get('QUOTE', '"'))
    if 'DELIMITER' in options:
        settings.delimiter = one_byte('DELIMITER', options['DELIMITER'])
    if 'FIXEDWIDTH' in options:
        settings.kind, settings.widths = 'fixed', widths_of(options['FIXEDWIDTH'])
    if 'JSON' in options:
        settings.kind, settings.json_option = 'json', options['JSON']
        settings.null_as = None
        if not (settings.json_option in ('auto', 'auto ignorecase', 'noshred') or
                settings.json_option.startswith('s3://')):
            raise invalid('JSON', f'"{settings.json_option}"')
    return settings


def parse(statement):
    """A COPY statement taken apart; what Redshift refuses is refused here."""
    reader = Reader(statement, 1)
    schema, table = reader.qualified()
    at = reader.peek()
    columns = reader.names() if at is not None and at.is_operator('(') else None
    reader.expect('FROM')
    if not is_string(reader.peek()) or not reader.peek().value.startswith('s3://'):
        if reader.ended():
            raise syntax_error()
        raise not_supported('LOAD source is not supported. (Hint: only S3 or DynamoDB or EMR based '
                            'load is allowed)')
    source = reader.string()
    clause = Clause()
    options = read_options(reader, clause)
    check_conflicts(options)
    settings = settings_of(options)
    return Copy(schema, table, columns, source, clause.finish(), options, settings)
