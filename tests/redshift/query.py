"""Queries: Redshift's words put into PostgreSQL's.

Tokens become a tree of parentheses, and the tree becomes text; functions.py has the functions whose
arguments PostgreSQL wants otherwise, this file the clauses of a SELECT.
"""
from dataclasses import dataclass

from . import functions, lexer, rules
from .coltypes import CHARACTERS, SIMPLE, read_type
from .errors import Refuse, not_supported, syntax_error
from .reader import Reader
from .statements import Pass, translation

RAW = 'raw'  # a token that is PostgreSQL's text already
# Without one of these words a query has nothing to be put into other words.
SPECIAL = frozenset({'TOP', 'MINUS', 'QUALIFY', 'SYSDATE', 'CAST'} | functions.NAMES)
SET_WORDS = ('UNION', 'EXCEPT', 'INTERSECT', 'MINUS')
TAIL_WORDS = ('ORDER', 'LIMIT', 'OFFSET') + SET_WORDS
ABSENT_TYPES = ('json', 'jsonb', 'uuid', 'xml', 'hstore', 'citext', 'bytea', 'serial', 'bigserial',
                'regnamespace', 'regrole')


@dataclass
class Group:
    """What stands between two parentheses."""
    items: list


def check_query(session, tokens):
    """Refuse what Redshift would; tokens without blanks."""
    rules.check_syntax(tokens)
    rules.check_nodes(session, tokens)


def translate(session, tokens):
    """Tokens, blanks among them, as PostgreSQL's SQL."""
    words = {token.text.upper() for token in tokens if token.kind == lexer.WORD}
    writer = Writer(session, rules.reads_catalog(tokens))
    if not words & SPECIAL and not any(token.text == '::' for token in tokens):
        return writer.write_plain(tokens)
    return writer.write(grouped(typed(tokens)))


def typed(tokens):
    """The tokens, with the types of casts put into PostgreSQL's."""
    found = []
    opened = []
    i = 0
    while i < len(tokens):
        token = tokens[i]
        if token.is_operator('('):
            before = next((one for one in reversed(found) if one.kind != lexer.BLANK), None)
            opened.append(before is not None and before.is_word('CAST'))
        elif token.is_operator(')') and opened:
            opened.pop()
        found.append(token)
        i += 1
        if token.is_operator('::') or token.is_word('AS') and opened and opened[-1]:
            text, taken = cast_type(tokens, i)
            if text:
                found.append(lexer.Token(RAW, ' ' + text, token.position, text))
                i = taken
    return found


def cast_type(tokens, start):
    """PostgreSQL's text of the type that stands at a place, and the place behind it; or None."""
    places = [i for i in range(start, min(start + 24, len(tokens)))
              if tokens[i].kind != lexer.BLANK]
    ahead = [tokens[i] for i in places]
    if not ahead or not ahead[0].is_name:
        return None, start
    word = ahead[0].value
    if word in ABSENT_TYPES:
        raise Refuse('42704', f'type "{word}" does not exist')
    bare = len(ahead) < 2 or not ahead[1].is_operator('(') and not ahead[1].is_word('VARYING')
    if word in ('varchar', 'text', 'nvarchar', 'bpchar') and bare:
        return ('text' if word == 'text' else 'varchar'), places[0] + 1
    known = ('decimal', 'numeric', 'dec', 'timestamp', 'time', 'double', 'float', 'varbyte',
             'varbinary')
    if word not in SIMPLE and word not in CHARACTERS and word not in known:
        return None, start
    reader = Reader.of(ahead)
    text = read_type(reader).sql
    return text, places[reader.at - 1] + 1


def grouped(tokens):
    """Tokens as a tree: a list of tokens and Groups."""
    stack = [[]]
    for token in tokens:
        if token.is_operator('('):
            stack.append([])
        elif token.is_operator(')'):
            if len(stack) == 1:
                raise syntax_error(token)
            group = Group(stack.pop())
            stack[-1].append(group)
        else:
            stack[-1].append(token)
    if len(stack) > 1:
        raise syntax_error()
    return stack[0]


def is_word(item, *words):
    return isinstance(item, lexer.Token) and item.is_word(*words)


def is_blank(item):
    return isinstance(item, lexer.Token) and item.kind == lexer.BLANK


def next_of(items, i):
    """The next item behind a place that is no blank: its place."""
    i += 1
    while i < len(items) and is_blank(items[i]):
        i += 1
    return i


class Writer:
    """Turns a tree into text."""

    def __init__(self, session, catalog=False):
        self.session = session
        self.names = session.server.names
        self.catalog = catalog  # long names may stand in literals

    def write(self, items):
        """The text of items that stand next to each other."""
        if any(is_word(item, 'QUALIFY') for item in items):
            return self.write_qualify(items)
        if any(is_word(item, 'TOP', 'MINUS') for item in items):
            items = self.clauses(items)
        parts = []
        before = None
        i = 0
        while i < len(items):
            item = items[i]
            after = next_of(items, i)
            if isinstance(item, Group):
                parts.append('(' + self.write(item.items) + ')')
            elif item.kind == lexer.WORD and after < len(items) and \
                    isinstance(items[after], Group) and item.text.upper() in functions.CALLS:
                parts.append(functions.CALLS[item.text.upper()](self, items, after))
                i = after = functions.behind(items, after, item.text.upper())
            else:
                parts.append(self.put(item, before, items, after))
            before = item
            i += 1
        return ''.join(parts)

    def write_plain(self, tokens):
        """Tokens in which nothing has to be put into other words; there may be very many."""
        parts = []
        before = None
        for i, token in enumerate(tokens):
            kind = token.kind
            if kind in (lexer.OPERATOR, lexer.NUMBER):
                parts.append(token.text)
            elif kind == lexer.WORD:
                parts.append(self.put_word(token, before, tokens, next_of(tokens, i)))
            else:
                parts.append(self.put(token, before, None, None))
            before = token
        return ''.join(parts)

    def put(self, token, before, items, after):
        """One token as PostgreSQL has to see it."""
        if token.kind == lexer.WORD:
            return self.put_word(token, before, items, after)
        if token.kind == lexer.QUOTED:
            return '"' + self.names.inward(token.value).replace('"', '""') + '"'
        if token.kind == lexer.STRING:
            value = self.names.literal_inward(token.value) if self.catalog else token.value
            literal = "'" + value.replace("'", "''") + "'"
            glued = isinstance(before, lexer.Token) and before.is_name
            return ' ' + literal if glued else literal
        if token.kind == lexer.BLANK and token.text.startswith(('--', '/*')):
            return ' '
        return token.text

    def put_word(self, token, before, items, after):
        dotted = isinstance(before, lexer.Token) and before.is_operator('.')
        called = after < len(items) and (isinstance(items[after], Group)
                                         or items[after].is_operator('('))
        if called and rules.ABSENT.fullmatch(token.value):
            return f'"{token.value}{rules.ABSENT_MARK}"'
        if token.is_word('SYSDATE') and not called and not dotted:
            return 'pg_catalog.sysdate()'
        if token.text[0] != '#' and len(token.text.encode()) <= 63:
            return token.text
        return '"' + self.names.inward(token.value) + '"'

    def clauses(self, items):
        """TOP n becomes LIMIT n behind its SELECT, MINUS becomes EXCEPT."""
        found = []
        limit = None
        i = 0
        while i < len(items):
            item = items[i]
            after = next_of(items, i)
            following = items[after] if after < len(items) else None
            if is_word(item, 'MINUS') and (is_word(following, 'SELECT', 'ALL', 'DISTINCT')
                                           or isinstance(following, Group)):
                item = lexer.Token(RAW, 'EXCEPT', 0, '')
            if is_word(item, *SET_WORDS) or isinstance(item, lexer.Token) and \
                    item.text == 'EXCEPT':
                found += self.limited(limit)
                limit = None
            if is_word(item, 'TOP') and isinstance(following, lexer.Token) and \
                    following.kind in (lexer.NUMBER, lexer.PARAM) and self.follows_select(found):
                limit = following
                i = after + 1
                continue
            found.append(item)
            i += 1
        return found + self.limited(limit)

    def follows_select(self, found):
        words = [one for one in found if not is_blank(one)]
        return bool(words) and is_word(words[-1], 'SELECT', 'DISTINCT', 'ALL')

    def limited(self, limit):
        return [lexer.Token(RAW, f' LIMIT {limit.text} ', 0, '')] if limit else []

    def write_qualify(self, items):
        """SELECT ... QUALIFY c: the condition becomes a column of an inner query."""
        start = next((i for i, item in enumerate(items) if is_word(item, 'SELECT')), None)
        place = next(i for i, item in enumerate(items) if is_word(item, 'QUALIFY'))
        end = next((i for i in range(place, len(items)) if is_word(items[i], *TAIL_WORDS)),
                   len(items))
        if start is None or start > place:
            raise syntax_error(items[place])
        begin = next((i for i in range(start, place) if is_word(items[i], 'FROM')), None)
        if begin is None or any(is_word(item, *SET_WORDS) for item in items):
            raise not_supported('the stand-in knows QUALIFY only in a SELECT with FROM and without '
                                'UNION, EXCEPT or INTERSECT')
        plain = self.write(items[start:place])
        chosen = self.output_names(items[start + 1:begin], self.write(items[:start]) + plain)
        condition = self.write(items[place + 1:end])
        inner = (self.write(items[start:begin]) + f', ({condition}) AS qualify_ '
                 + self.write(items[begin:place]))
        return (self.write(items[:start]) + f'SELECT {", ".join(chosen)} FROM ({inner}) AS '
                f'qualified WHERE qualify_ ' + self.write(items[end:]))

    def output_names(self, items, sql):
        """The quoted names of a SELECT's columns: as written, or as PostgreSQL describes them."""
        found = []
        for argument in functions.arguments(items):
            words = [item for item in argument if not is_blank(item)]
            last = words[-1] if words else None
            if not (isinstance(last, lexer.Token) and last.is_name):
                found = None
                break
            found.append('"' + self.names.inward(last.value).replace('"', '""') + '"')
        if found is not None:
            return found
        columns = self.session.query(f'SELECT * FROM ({sql}) AS described LIMIT 0').columns
        return ['"' + name.replace('"', '""') + '"' for name, *_ in columns]


@translation('SELECT')
def select(session, statement):
    refuse_into(statement)
    check_query(session, statement.tokens)
    return Pass(translate(session, statement.all_tokens))


def refuse_into(statement):
    """SELECT INTO makes a table; the stand-in asks for CREATE TABLE AS instead."""
    depth = 0
    for token in statement.tokens:
        depth += token.is_operator('(') - token.is_operator(')')
        if depth == 0 and token.is_word('INTO'):
            raise not_supported('the stand-in does not know SELECT INTO',
                                hint='Use CREATE TABLE AS.')


@translation('EXPLAIN')
def explain(session, statement):
    reader = Reader(statement, 1)
    reader.take('VERBOSE')
    if not reader.at_words('SELECT') and not reader.at_words('WITH') and not any(
            reader.at_words(word) for word in ('INSERT', 'UPDATE', 'DELETE', 'CREATE')):
        raise reader.error()
    check_query(session, statement.tokens)
    return Pass(translate(session, statement.all_tokens))
