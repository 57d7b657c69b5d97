"""JSON as COPY loads it: 'auto', 'auto ignorecase', 'noshred' and jsonpaths files.

    for line_number, raw, value in documents(blocks): ...   value is a Fault where none was found
    pick = picker('auto', columns, None)
    pick({'id': 1, 'extra': {}})  ->  [b'1', None, ...]      a field a column; None for a NULL

Documents stand one after the other with white space between them, as many lines long as they like.
Numbers with a fraction pass through a double, as the manual warns.

Source: copy-parameters-data-format and copy-usage_notes-copy-from-json of the developer guide.
"""
import codecs
import decimal
import json
import re

from .copy_values import Fault, refuse_constant

MAX_DOCUMENT_BYTES = 4 << 20
SPACE = re.compile(r'[ \t\r\n]*')
START = re.compile(r'[{\[]|\n')

INVALID_PATH = 'Invalid JSONPath format: Not an array or index out of range.'
NOT_JSON = 'Invalid JSON format. Error at position %d'

BRACKETS = re.compile(r'''\[(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(\d+))\]''')
DOTS = re.compile(r'\.([^.\[\]]+)|\[(\d+)\]')


DECODER = json.JSONDecoder(parse_constant=refuse_constant)


def documents(blocks):
    """Yield (number of its last line, its bytes, its value or a Fault) of each document."""
    decode = codecs.getincrementaldecoder('utf-8')('surrogateescape').decode
    blocks = iter(blocks)
    text = ''
    at = 0
    line = 1
    ended = False
    while True:
        start = SPACE.match(text, at).end()
        line += text.count('\n', at, start)
        at = start
        value = fault = None
        if at < len(text):
            value, end, fault = read_document(text, at)
        if not ended and (at == len(text) or fault or end == len(text)):
            if len(text) - at <= 2 * MAX_DOCUMENT_BYTES:
                block = next(blocks, None)
                ended = block is None
                text = text[at:] + (decode(b'', True) if ended else decode(block))
                at = 0
                continue
        if at == len(text):
            return
        line += text.count('\n', at, end)
        raw = text[at:end].encode('utf-8', 'surrogateescape')
        if len(raw) > MAX_DOCUMENT_BYTES:
            fault = Fault(1216, 'JSON object exceeds the limit of 4194304 bytes')
        yield line, raw, fault or value
        at = end


def read_document(text, at):
    """Return (value, where it ends, None), or (None, where to go on, Fault)."""
    try:
        if text[at] not in '{[':
            raise ValueError
        value, end = DECODER.raw_decode(text, at)
        return value, end, None
    except (ValueError, RecursionError) as error:
        position = getattr(error, 'pos', at) - at
        following = START.search(text, at + 1 if text[at] not in '{[' else line_end(text, at))
        end = following.start() if following else len(text)
        return None, end, Fault(1216, NOT_JSON % position, position)


def line_end(text, at):
    end = text.find('\n', at)
    return end if end >= 0 else len(text)


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(',', ':'))


def encode(text):
    """Bytes of a decoded text; what was no UTF-8 in the file is again none."""
    try:
        return text.encode('utf-8', 'surrogateescape')
    except UnicodeEncodeError:
        return text.encode('utf-8', 'surrogatepass')


def field_text(value, is_super):
    """A JSON value as the bytes of a field; None for null."""
    if value is None:
        return None
    if is_super:
        return encode(compact(value))
    if type(value) is str:
        return encode(value)
    if type(value) is float:
        return format(decimal.Decimal(repr(value)), 'f').encode()
    if type(value) is bool:
        return b'true' if value else b'false'
    if type(value) is int:
        return b'%d' % value
    return encode(compact(value))


def parse_path(text):
    """"$['a'][0]" or "$.a[0]" -> ['a', 0]; ValueError when it is neither."""
    if not text.startswith('$'):
        raise ValueError(text)
    pattern = DOTS if text[1:2] == '.' else BRACKETS
    steps = []
    at = 1
    while at < len(text):
        match = pattern.match(text, at)
        if not match:
            raise ValueError(text)
        *names, index = match.groups()
        steps.append(int(index) if index is not None else next(n for n in names if n is not None))
        at = match.end()
    return steps


def parse_paths(data):
    """The paths of a jsonpaths file; None when its outer key is another (COPY then means 'auto').

    ValueError when it is no JSON, or a path is none.
    """
    document = json.loads(data)
    if not isinstance(document, dict) or not isinstance(document.get('jsonpaths'), list):
        return None
    return [parse_path(path) for path in document['jsonpaths']]


def follow(value, steps):
    for step in steps:
        if isinstance(step, int):
            if not isinstance(value, list) or step >= len(value):
                raise Fault(1216, INVALID_PATH, fatal=True)
            value = value[step]
        elif isinstance(value, dict):
            value = value.get(step)
        else:
            return None
    return value


def picker(option, columns, paths):
    """Return the function from a document to the fields of columns."""
    supers = [column.type == 'super' for column in columns]
    if paths is not None:
        return lambda document: [field_text(follow(document, steps), is_super)
                                 for steps, is_super in zip(paths, supers)]
    if option == 'noshred':
        return lambda document: [field_text(document, True)]
    wanted = [(column.name, is_super) for column, is_super in zip(columns, supers)]
    fold = option == 'auto ignorecase'

    def pick(document):
        if type(document) is not dict:
            raise Fault(1216, 'Invalid JSON format. An array needs a jsonpaths file')
        if fold:
            document = {name.lower(): value for name, value in document.items()}
        get = document.get
        return [field_text(get(name), is_super) for name, is_super in wanted]
    return pick
