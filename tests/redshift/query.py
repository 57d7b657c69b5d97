"""Queries: Redshift's words put into PostgreSQL's; what they may not say is in rules.py."""
from . import lexer, rules
from .coltypes import CHARACTERS, SIMPLE, read_type
from .errors import Refuse, not_supported, syntax_error
from .reader import Reader
from .statements import Pass, translation
from .unsupported import unsent

RAW = 'raw'  # a token that is PostgreSQL's text already
ABSENT_TYPES = ('json', 'jsonb', 'uuid', 'xml', 'hstore', 'citext', 'bytea', 'serial', 'bigserial',
                'regnamespace', 'regrole')


def check_query(session, tokens):
    """Refuse what Redshift would; tokens without blanks."""
    rules.check_syntax(tokens)
    rules.check_nodes(session, tokens)


def translate(session, tokens):
    """Tokens, blanks among them, as PostgreSQL's SQL."""
    catalog = rules.reads_catalog(tokens)
    if any(token.is_word('CAST') or token.text == '::' for token in tokens):
        tokens = typed(tokens)
    if any(token.is_word('LISTAGG') for token in tokens):
        tokens = without_group(tokens)
    return Writer(session, catalog).write(tokens)


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


def next_of(tokens, i):
    """The place of the next token behind a place that is no blank."""
    i += 1
    while i < len(tokens) and tokens[i].kind == lexer.BLANK:
        i += 1
    return i


def without_group(tokens):
    """LISTAGG(x, y) WITHIN GROUP (ORDER BY z) as string_agg(x, y ORDER BY z)."""
    found = list(tokens)
    for i in reversed(range(len(found))):
        if not found[i].is_word('LISTAGG') or not is_opener(found, next_of(found, i)):
            continue
        end, depth = i, 0
        while depth or end == i:
            end = next_of(found, end)
            if end >= len(found):
                raise syntax_error()
            depth += found[end].is_operator('(') - found[end].is_operator(')')
        within = next_of(found, end)
        opener = next_of(found, next_of(found, within))
        if not is_opener(found, opener) or not found[within].is_word('WITHIN'):
            raise unsent('SELECT', 'LISTAGG without WITHIN GROUP')
        found[end:opener + 1] = [lexer.Token(lexer.BLANK, ' ', 0, ' ')]
        found[i] = lexer.Token(RAW, 'string_agg', found[i].position, 'string_agg')
    return found


def is_opener(tokens, i):
    return i < len(tokens) and tokens[i].is_operator('(')


class Writer:
    """Turns tokens into text; there may be very many."""

    def __init__(self, session, catalog):
        self.names = session.server.names
        self.catalog = catalog  # long names may stand in literals

    def write(self, tokens):
        parts = []
        before = None
        for i, token in enumerate(tokens):
            kind = token.kind
            if kind == lexer.WORD:
                parts.append(self.put_word(token, tokens, next_of(tokens, i)))
            elif kind in (lexer.OPERATOR, lexer.NUMBER):
                parts.append(token.text)
            else:
                parts.append(self.put(token, before))
            before = token
        return ''.join(parts)

    def put(self, token, before):
        if token.kind == lexer.QUOTED:
            return '"' + self.names.inward(token.value).replace('"', '""') + '"'
        if token.kind == lexer.STRING:
            value = self.names.literal_inward(token.value) if self.catalog else token.value
            literal = "'" + value.replace("'", "''") + "'"
            return ' ' + literal if before is not None and before.is_name else literal
        if token.kind == lexer.BLANK and token.text.startswith(('--', '/*')):
            return ' '
        return token.text

    def put_word(self, token, tokens, after):
        if is_opener(tokens, after):
            if rules.ABSENT.fullmatch(token.value):
                return f'"{token.value}{rules.ABSENT_MARK}"'
            if token.is_word('CURRENT_SETTING'):
                return 'standin.shown_setting'
        elif token.is_word('SYSDATE'):
            return 'pg_catalog.sysdate()'
        if token.text[0] != '#' and len(token.text.encode()) <= 63:
            return token.text
        return '"' + self.names.inward(token.value) + '"'


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
