"""The records of a load file, and the fields of a record.

    for line_number, record in records(blocks, shape): ...    raw bytes, without the line's end
    split = splitter(shape)
    split(b'1,"a ""b"" c"')  ->  [b'1', Quoted(b'a "b" c')]    or raises Fault

shape tells the format: kind ('delimited', 'csv' or 'fixed'), delimiter, quote, escape,
remove_quotes, widths. A record ends at a newline that is neither quoted (csv) nor escaped.
Blocks are bytes of any size, in the order of the file.

Source: copy-parameters-data-format and copy-parameters-data-conversion of the developer guide.
"""
import re

from .copy_values import Fault, Quoted

MAX_RECORD_BYTES = 4 << 20
BLOCK_BYTES = 1 << 20

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


def records(blocks, shape):
    """Yield (line number, record) of a file; a record of many lines has the number of its last."""
    if shape.kind == 'csv':
        quote = shape.quote
        return joined_lines(blocks, quote,
                            lambda line, was_open: bool(line.count(quote) & 1) ^ was_open)
    if shape.escape:
        return joined_lines(blocks, b'\\', lambda line, _: bool(
            (len(line) - len(line.rstrip(b'\\'))) & 1))
    return ((number, without_return(line)) for number, line in enumerate(lines(blocks), 1))


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
    d = re.escape(delimiter)
    field = re.compile(rb'((?:[^\\%s]|\\.)*\\?)(?:(%s)|$)' % (d, d), re.S)
    escape = re.compile(rb'\\(.)', re.S)

    def split(record):
        if b'\\' not in record:
            return record.split(delimiter)
        fields = []
        at = 0
        while True:
            match = field.match(record, at)
            text = match[1]
            # The marker \N works as it is, although its backslash would escape the N.
            fields.append(text if text == null_as else escape.sub(rb'\1', text))
            if match[2] is None:
                return fields
            at = match.end()
    return split


def unquoting_splitter(split_plain, delimiter, escape):
    """REMOVEQUOTES: quotes around a field go, what they hold stays, delimiters too."""
    inner = rb'(?:[^%s\\]|\\.)*' if escape else rb'[^%s]*'
    d = re.escape(delimiter)
    field = re.compile(b"(?:'(%s)'|\"(%s)\"|(%s))(?:(%s)|$)"
                       % (inner % b"'", inner % b'"', inner % d, d), re.S)
    escaped = re.compile(rb'\\(.)', re.S)

    def split(record):
        if b'"' not in record and b"'" not in record:
            return split_plain(record)
        fields = []
        at = 0
        while True:
            match = field.match(record, at)
            if not match or (match[3] or b'x')[:1] in b'"\'':
                raise Fault(1214, NO_END_QUOTE, at)
            text = match[3] if match[3] is not None else match[1] or match[2] or b''
            text = escaped.sub(rb'\1', text) if escape else text
            fields.append(text if match[3] is not None else Quoted(text))
            if match[4] is None:
                return fields
            at = match.end()
    return split


def fixed_splitter(widths):
    """Widths are characters, as the manual says of fixed-width files."""
    def split(record):
        try:
            text = record.decode()
        except UnicodeDecodeError as error:
            raise Fault(1220, 'String contains invalid or unsupported UTF-8 codepoints.',
                        error.start) from None
        fields = []
        at = 0
        for width in widths:
            fields.append(text[at:at + width].encode())
            at += width
        if len(text) > at:
            raise Fault(1202, EXTRA_COLUMNS, at)
        return fields
    return split


def splitter(shape):
    """Return the function that takes a record apart; a Fault tells why it cannot."""
    if shape.kind == 'fixed':
        return fixed_splitter(shape.widths)
    if shape.kind == 'csv':
        return csv_splitter(shape.delimiter, shape.quote)
    delimiter = shape.delimiter
    if shape.escape:
        split = escaped_splitter(delimiter, shape.null_as)
    else:
        def split(record):
            return record.split(delimiter)
    if shape.remove_quotes:
        split = unquoting_splitter(split, delimiter, shape.escape)
    return split


def fit(fields, count, fill_record, kinds, empty_as_null):
    """Make fields as many as the columns, or raise the Fault of too few or too many."""
    if len(fields) > count:
        raise Fault(1202, EXTRA_COLUMNS)
    if not fill_record:
        raise Fault(1214, NO_DELIMITER)
    for kind in kinds[len(fields):]:
        fields.append(Quoted(b'') if kind == 'varchar' and not empty_as_null else None)
    return fields
