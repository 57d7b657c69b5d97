"""Redshift's tokens: a query as a list of Token, blanks and comments among them.

Joined again, the texts of the tokens are the query. value is what a token means: the name that an
identifier folds to, the characters of a literal once its backslashes are read, or the text.
"""
import re
from dataclasses import dataclass

from .errors import Refuse, syntax_error

NAME_BYTES = 127

WORD, QUOTED, STRING, NUMBER, PARAM, OPERATOR, BLANK, BODY = (
    'word', 'quoted', 'string', 'number', 'param', 'operator', 'blank', 'body')

PATTERN = re.compile(r'''
    (?P<mark>[(),;])
  | (?P<blank>[ \t\n\r\f\v]+|--[^\n\r]*)
  | (?P<comment>/\*)
  | (?P<word>\#?[A-Za-z_\u0080-\U0010ffff][A-Za-z0-9_$\u0080-\U0010ffff]*)
  | (?P<quoted>"(?:[^"]|"")*")
  | (?P<string>'(?:[^'\\]|''|\\.)*')
  | (?P<number>(?:[0-9]+(?:\.(?!\.)[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
  | (?P<param>\$[0-9]+)
  | (?P<body>\$(?P<tag>[A-Za-z_]*)\$)
  | (?P<cast>::|\.\.|:=)
  | (?P<operator>(?:(?!--|/\*)[-+*/<>=~!@\#%^&|`?])+|[\[\]:.])
''', re.X | re.S)

ESCAPES = {'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}
ESCAPE = re.compile(r"''|\\([0-7]{1,3}|.)", re.S)


@dataclass(slots=True)
class Token:
    kind: str
    text: str
    position: int  # in characters from the start of the query
    value: str

    def is_word(self, *words):
        """Is this one of the (upper-case) words, not quoted?"""
        return self.kind == WORD and self.text.upper() in words

    def is_operator(self, text):
        return self.kind == OPERATOR and self.text == text

    @property
    def is_name(self):
        return self.kind in (WORD, QUOTED)


def fold(name):
    """Lower case, ASCII letters only."""
    return name.lower() if name.isascii() else ''.join(
        letter.lower() if letter.isascii() else letter for letter in name)


def cut_name(name):
    """A name in the 127 bytes that Redshift keeps."""
    if len(name) * 4 <= NAME_BYTES:
        return name
    return name.encode()[:NAME_BYTES].decode('utf-8', 'ignore')


def unescape(token_text):
    """The characters of a literal: quotes doubled and backslashes, as PostgreSQL 8.0 reads them."""
    inner = token_text[1:-1]
    if '\\' not in inner:
        return inner.replace("''", "'")
    octal = False

    def one(match):
        nonlocal octal
        escape = match.group(1)
        if escape is None:
            return "'"
        if escape[0] in '01234567':
            octal = True
            return chr(0xdc00 + (int(escape, 8) & 255))  # a byte, kept apart till all are known
        return ESCAPES.get(escape, escape)

    value = ESCAPE.sub(one, inner)
    if not octal:
        return value
    try:
        raw = b''.join(bytes([ord(c) - 0xdc00]) if 0xdc00 <= ord(c) < 0xdd00 else c.encode()
                       for c in value)
        value = raw.decode()
    except UnicodeDecodeError as error:
        raise bad_bytes(error) from None
    if '\0' in value:
        raise Refuse('22021', 'invalid byte sequence for encoding "UTF8": 0x00')
    return value


def bad_bytes(error):
    """The refusal of bytes that are not UTF-8, from a UnicodeDecodeError."""
    found = ''.join(f'{byte:02x}' for byte in error.object[error.start:error.end])
    return Refuse('22021', f'invalid byte sequence for encoding "UTF8": 0x{found}')


def comment_end(query, start):
    """Where a comment ends; they nest."""
    depth = 0
    for match in re.finditer(r'/\*|\*/', query[start:]):
        depth += 1 if match.group() == '/*' else -1
        if depth == 0:
            return start + match.end()
    raise Refuse('42601', f'unterminated /* comment at or near "{query[start:]}"',
                 position=start + 1, file='scan.l', routine='yyerror')


def body_end(query, opening):
    """Where the body that a $tag$ opens ends."""
    end = query.find(opening.group(), opening.end())
    if end < 0:
        raise Refuse('42601', 'unterminated dollar-quoted string', position=opening.start() + 1)
    return end + len(opening.group())


def tokenize(query, case_sensitive=False):
    """All tokens of a query."""
    tokens = []
    at = 0
    size = len(query)
    read = PATTERN.match
    while at < size:
        match = read(query, at)
        if not match:
            raise unreadable(query, at)
        kind = match.lastgroup
        end = match.end()
        value = match.group()
        if kind == 'mark' or kind == OPERATOR or kind == BLANK or kind == NUMBER:
            tokens.append(Token(OPERATOR if kind == 'mark' else kind, value, at, value))
            at = end
            continue
        if kind == 'word':
            value = cut_name(fold(value))
        elif kind == 'quoted':
            inner = value[1:-1].replace('""', '"')
            value = cut_name(inner if case_sensitive else fold(inner))
        elif kind == 'string':
            value = unescape(value)
        elif kind == 'comment':
            kind, end = BLANK, comment_end(query, at)
        elif kind == 'body' or kind == 'tag':
            kind, end = BODY, body_end(query, match)
        elif kind == 'cast':
            kind = OPERATOR
        tokens.append(Token(kind, query[at:end], at, value))
        at = end
    return tokens


def unreadable(query, at):
    rest = query[at:]
    if rest[0] == "'":
        return Refuse('42601', f'unterminated quoted string at or near "{rest}"', position=at + 1,
                      file='scan.l', routine='yyerror')
    if rest[0] == '"':
        return Refuse('42601', f'unterminated quoted identifier at or near "{rest}"',
                      position=at + 1, file='scan.l', routine='yyerror')
    return syntax_error(Token(OPERATOR, rest[0], at, rest[0]))


def split(tokens):
    """The statements of a query: lists of tokens, without semicolons; empty ones are left out."""
    statements = []
    current = []
    for token in tokens:
        if token.is_operator(';'):
            statements.append(current)
            current = []
        else:
            current.append(token)
    statements.append(current)
    return [one for one in statements if any(token.kind != BLANK for token in one)]
