"""The grammar of COPY: a statement's table, source, authorisation and options.

    copy = parse(statement)
    copy.table, copy.columns, copy.source, copy.authorization, copy.settings

Options come in any order, each once. The files are CSV, or fields with ESCAPE and REMOVEQUOTES, as
UNLOAD's ESCAPE and ADDQUOTES write them; no tool sends another form (unsupported.py).

Source: r_COPY and the copy-parameters pages of the developer guide. "CSV is not compatible with
ESCAPE" is what a cluster says; the other pairs are worded after it.
"""
from dataclasses import dataclass
from typing import Optional

from .authorization import Authorization, Clause
from .copy_times import AUTO
from .errors import Refuse, not_supported, syntax_error
from .reader import Reader
from .unsupported import refuse_unsent, unsent

CONFLICTS = (('CSV', 'ESCAPE'), ('CSV', 'REMOVEQUOTES'), ('GZIP', 'ZSTD'))
FLAGS = ('CSV', 'ESCAPE', 'EXPLICIT_IDS', 'GZIP', 'MANIFEST', 'NOLOAD', 'REMOVEQUOTES', 'ZSTD')
STRINGS = ('DATEFORMAT', 'DELIMITER', 'NULL', 'REGION', 'TIMEFORMAT')
SWITCHES = ('COMPUPDATE', 'STATUPDATE')


@dataclass
class Settings:
    """What the reading of files and values needs to know."""
    csv: bool = False              # else fields with ESCAPE and REMOVEQUOTES
    delimiter: bytes = b'|'
    compression: Optional[str] = None
    null_as: bytes = b'\\N'
    auto_dates: bool = False       # DATEFORMAT 'auto', and TIMEFORMAT 'auto'
    auto_times: bool = False
    cast: object = None            # (bytes, type) -> bytes or None, by the backend


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


def incompatible(one, other):
    return Refuse('42601', f'{one} is not compatible with {other}', file='xen_load_unload.cpp')


def invalid(option, why):
    return Refuse('22023', f'Invalid value for {option}: {why}', file='xen_load_unload.cpp')


def read_options(reader, read_option, conflicts):
    """The authorisation, and the options by name with their values; of COPY or UNLOAD."""
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
    for one, other in conflicts:
        if one in options and other in options:
            raise incompatible(one, other)
    return clause.finish(), options


def read_option(reader):
    named = reader.take('FORMAT')
    if named:
        reader.take('AS')
    refuse_unsent('COPY', reader)
    word = reader.take_any(*FLAGS, *STRINGS, *SWITCHES)
    if word is None or (named and word != 'CSV'):
        raise syntax_error(reader.peek() if word is None else reader.peek(-1))
    if word in FLAGS:
        return word, True
    if word in SWITCHES:
        value = reader.take_any('ON', 'OFF', 'TRUE', 'FALSE', 'PRESET') or 'ON'
        if value not in ('OFF', 'FALSE'):
            raise unsent('COPY', f'{word} {value}')
        return word, value
    reader.take('AS')
    if word == 'NULL' and reader.peek() is not None and reader.peek().text == "'\\N'":
        reader.next()  # the marker as the manual writes it, although a backslash escapes
        return word, '\\N'
    return word, reader.string()


def one_byte(option, text):
    """A delimiter as a byte; the two characters \\t are a tab."""
    data = b'\t' if text == '\\t' else text.encode()
    if len(data) != 1 or data[0] > 127 or data in b'\n\r\0':
        raise invalid(option, 'it must be a single ASCII character')
    return data


def is_auto(options, option):
    """DATEFORMAT or TIMEFORMAT, of which 'auto' is a word in lower case."""
    text = options.get(option)
    if text not in (None, AUTO):
        if text.lower() == AUTO:
            raise invalid(option, f'"{text}"')
        raise unsent('COPY', f"{option} '{text}'")
    return text == AUTO


def settings_of(options):
    """Settings of checked options; their values are checked here."""
    csv = 'CSV' in options
    if not csv and not ('ESCAPE' in options and 'REMOVEQUOTES' in options):
        raise unsent('COPY', 'without CSV, or ESCAPE and REMOVEQUOTES')
    if '\n' in options.get('NULL', ''):
        raise invalid('NULL AS', 'a newline ends a line')
    null_as = options.get('NULL', '\\N').encode()
    return Settings(
        csv=csv, delimiter=one_byte('DELIMITER', options.get('DELIMITER', ',' if csv else '|')),
        compression=next((name for name in ('GZIP', 'ZSTD') if name in options), None),
        null_as=b'\0' if null_as in (b'\\0', b'\\000') else null_as,
        auto_dates=is_auto(options, 'DATEFORMAT'), auto_times=is_auto(options, 'TIMEFORMAT'))


def parse(statement):
    """A COPY statement taken apart; what Redshift refuses is refused here."""
    reader = Reader(statement, 1)
    schema, table = reader.qualified()
    at = reader.peek()
    columns = reader.names() if at is not None and at.is_operator('(') else None
    reader.expect('FROM')
    at = reader.peek()
    if at is None:
        raise syntax_error()
    if at.kind != 'string' or not at.value.startswith('s3://'):
        raise not_supported('LOAD source is not supported. (Hint: only S3 or DynamoDB or EMR based '
                            'load is allowed)')
    source = reader.string()
    authorization, options = read_options(reader, read_option, CONFLICTS)
    return Copy(schema, table, columns, source, authorization, options, settings_of(options))
