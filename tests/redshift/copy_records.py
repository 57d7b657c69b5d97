"""The records of a load file, and the fields of a record.

    for line_number, raw, row in rows(blocks, settings, columns): ...

row is the list of fields, one a column (bytes, or Quoted bytes), or the Fault that kept the record
from being taken apart. A record ends at a newline that is neither quoted (CSV) nor escaped. Blocks
are bytes of any size, in the order of the file.

Source: copy-parameters-data-format and copy-parameters-data-conversion of the developer guide.
"""
import re

from .copy_values import Fault, Quoted

MAX_RECORD_BYTES = 4 << 20

NO_DELIMITER = 'Delimiter not found'
EXTRA_COLUMNS = 'Extra column(s) found'
NO_END_QUOTE = 'Delimited value missing end quote'
BAD_QUOTE = 'Invalid quote formatting for CSV'
TOO_LONG = 'Input row exceeds the limit of 4194304 bytes'


def lines(blocks):
    """Yield the lines of a file without their newlines; the last one need not have one."""
    rest = b''
    for block in blocks:
        found = block.split(b'\n')
        if len(found) > 1:
            found[0] = rest + found[0]
            rest = found.pop()
            yield from found
        else:
            rest += block
    if rest:
        yield rest


def without_return(line):
    return line[:-1] if line.endswith(b'\r') else line


def joined_lines(blocks, trigger, stays_open):
    """Yield (number of the last line, record).

    stays_open(line, was_open) says whether the record goes on after this line of it; a line that
    begins one and has no trigger in it ends it.
    """
    parts = []
    size = number = 0
    is_open = False
    for line in lines(blocks):
        number += 1
        if not parts and trigger not in line:
            yield number, line[:-1] if line[-1:] == b'\r' else line
            continue
        is_open = stays_open(line, is_open)
        if not is_open and not parts:
            yield number, without_return(line)
            continue
        parts.append(line)
        size += len(line) + 1
        if not is_open or size > MAX_RECORD_BYTES:
            yield number, without_return(b'\n'.join(parts))
            parts, size, is_open = [], 0, False
    if parts:
        yield number, without_return(b'\n'.join(parts))


def records(blocks, settings):
    """Yield (line number, record) of a file; a record of many lines has the number of its last."""
    if settings.csv:
        return joined_lines(blocks, b'"',
                            lambda line, was_open: bool(line.count(b'"') & 1) ^ was_open)
    return joined_lines(blocks, b'\\', lambda line, _: bool(
        (len(line) - len(line.rstrip(b'\\'))) & 1))


def check_size(record):
    """Refuse a row of more than 4 MB; a pipe counts twice, as the manual has it."""
    if len(record) + record.count(b'|') > MAX_RECORD_BYTES:
        raise Fault(1216, TOO_LONG)


def csv_splitter(delimiter, quote):
    blank = re.escape(bytes(set(b' \t') - set(delimiter)))
    d, q = re.escape(delimiter), re.escape(quote)
    field = re.compile(b'(?:[%s]*(%s)((?:[^%s]|%s%s)*)%s[%s]*|([^%s%s]*))(?=%s|$)'
                       % (blank, q, q, q, q, q, blank, d, q, d), re.S)
    double = quote + quote

    def fault(record, at):
        rest = record[at:].lstrip(b' \t')
        if not rest.startswith(quote):
            return Fault(1214, BAD_QUOTE, at)
        closed = re.match(b'%s(?:[^%s]|%s%s)*%s' % (q, q, q, q, q), rest, re.S)
        if not closed:
            return Fault(1214, NO_END_QUOTE, at)
        after = at + len(record[at:]) - len(rest) + closed.end()
        if delimiter in record[after:]:
            return Fault(1214, BAD_QUOTE, after)
        return Fault(1216, 'Missing newline: Unexpected character 0x%x found at location %d'
                     % (record[after], after), after)

    def split_slowly(record):
        fields = []
        at = 0
        while True:
            match = field.match(record, at)
            if not match:
                raise fault(record, at)
            opened, inner, plain = match.groups()
            fields.append(plain if opened is None else Quoted(inner.replace(double, quote)))
            at = match.end() + 1
            if at > len(record):
                return fields

    def split(record):
        """Quotes are where the record falls apart: outside, inside, outside, inside, ..."""
        if quote not in record:
            return record.split(delimiter)
        parts = record.split(quote)
        last = len(parts) - 1
        outside, fields, at = parts[0], [], 1
        if outside:
            if outside[-1:] != delimiter:
                return split_slowly(record)
            fields = outside[:-1].split(delimiter)
        while at < last:
            inner = parts[at]
            while not parts[at + 1] and at + 1 < last:
                inner += quote + parts[at + 2]
                at += 2
            fields.append(Quoted(inner))
            outside = parts[at + 1]
            at += 2
            if outside and outside != delimiter:
                if outside[:1] != delimiter or (at < last and outside[-1:] != delimiter):
                    return split_slowly(record)
                fields += (outside[1:-1] if at < last else outside[1:]).split(delimiter)
            elif outside and at > last:
                fields.append(b'')
        return fields if at == last + 1 else split_slowly(record)
    return split


def escaped_splitter(delimiter, null_as):
    """ESCAPE and REMOVEQUOTES: quotes around a field go, what they hold stays, delimiters too."""
    d = re.escape(delimiter)
    inner = rb'(?:[^%s\\]|\\.)*'
    field = re.compile(b"(?:'(%s)'|\"(%s)\"|(%s))(?:(%s)|$)"
                       % (inner % b"'", inner % b'"', inner % d, d), re.S)
    escape = re.compile(rb'\\(.)', re.S)

    def split(record):
        fields = []
        at = 0
        while True:
            match = field.match(record, at)
            if not match or (match[3] or b'x')[:1] in b'"\'':
                raise Fault(1214, NO_END_QUOTE, at)
            if match[3] is None:
                fields.append(Quoted(escape.sub(rb'\1', match[1] or match[2] or b'')))
            else:
                # The marker \N works as it is, although its backslash would escape the N.
                fields.append(match[3] if match[3] == null_as else escape.sub(rb'\1', match[3]))
            if match[4] is None:
                return fields
            at = match.end()
    return split


def rows(blocks, settings, columns):
    """Yield (line number, raw line, fields or Fault) of one file."""
    split = csv_splitter(settings.delimiter, b'"') if settings.csv else \
        escaped_splitter(settings.delimiter, settings.null_as)
    count = len(columns)
    half = MAX_RECORD_BYTES // 2
    for number, raw in records(blocks, settings):
        try:
            if len(raw) > half:
                check_size(raw)
            row = split(raw)
            if len(row) != count:
                raise Fault(1202, EXTRA_COLUMNS) if len(row) > count else Fault(1214, NO_DELIMITER)
        except Fault as fault:
            row = fault
        yield number, raw, row
