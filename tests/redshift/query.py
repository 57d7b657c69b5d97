"""SELECT and whatever else passes through: Redshift's words put into PostgreSQL's."""
from . import lexer
from .statements import Pass, translation


def put(session, token, before=None):
    """One token as PostgreSQL has to see it."""
    if token.kind == lexer.QUOTED:
        return '"' + session.server.names.inward(token.value).replace('"', '""') + '"'
    if token.kind == lexer.WORD:
        short = session.server.names.inward(token.value)
        return token.text if len(token.text.encode()) <= 63 else '"' + short + '"'
    if token.kind == lexer.STRING:
        literal = "'" + token.value.replace("'", "''") + "'"
        return ' ' + literal if before is not None and before.is_name else literal
    return token.text


def translate(session, tokens):
    """Tokens, blanks among them, as PostgreSQL's SQL."""
    parts = []
    before = None
    for token in tokens:
        parts.append(' ' if token.kind == lexer.BLANK and token.text.startswith(('--', '/*'))
                     else put(session, token, before))
        before = token
    return ''.join(parts)


@translation('SELECT')
@translation('WITH')
@translation('INSERT')
@translation('UPDATE')
@translation('DELETE')
@translation('CREATE')
@translation('DROP')
@translation('ALTER')
@translation('EXPLAIN')
def through(session, statement):
    return Pass(translate(session, statement.all_tokens))
