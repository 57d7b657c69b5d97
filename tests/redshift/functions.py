"""Functions whose calls PostgreSQL wants in other words: NVL2, DECODE, LISTAGG, DATEADD, ...

A call is two items of a query's tree: the name and the Group behind it. Each function here gets the
writer, the items and the place of the Group, and returns PostgreSQL's text.
"""
from . import lexer
from .errors import Refuse


def is_blank(item):
    return isinstance(item, lexer.Token) and item.kind == lexer.BLANK


def arguments(items):
    """A list of items, split at its commas."""
    found = [[]]
    for item in items:
        if isinstance(item, lexer.Token) and item.is_operator(','):
            found.append([])
        else:
            found[-1].append(item)
    return found if len(found) > 1 or any(not is_blank(item) for item in found[0]) else []


def texts(writer, group, name='', least=0, most=1000):
    """The arguments of a call, translated; so many of them there have to be."""
    given = arguments(group.items)
    if not least <= len(given) <= most:
        raise Refuse('42883', f'function {name}() does not exist with {len(given)} arguments')
    return [writer.write(argument).strip() for argument in given]


def coalesce(writer, items, place):
    return 'coalesce(' + ', '.join(texts(writer, items[place])) + ')'


def nvl2(writer, items, place):
    value, some, none = texts(writer, items[place], 'nvl2', 3, 3)
    return f'(CASE WHEN ({value}) IS NOT NULL THEN {some} ELSE {none} END)'


def decode(writer, items, place):
    """DECODE(x, a, r, ..., [other]): NULL equals NULL."""
    value, *rest = texts(writer, items[place], 'decode', 3)
    cases = []
    while len(rest) > 1:
        search, result, *rest = rest
        cases.append(f'WHEN ({value}) IS NOT DISTINCT FROM ({search}) THEN {result}')
    other = rest[0] if rest else 'NULL'
    return f'(CASE {" ".join(cases)} ELSE {other} END)'


def with_part(name):
    """A function whose first argument is the bare name of a part of a date."""
    def write(writer, items, place):
        given = arguments(items[place].items)
        words = [item for item in given[0] if not is_blank(item)] if given else []
        if len(words) == 1 and isinstance(words[0], lexer.Token) and words[0].is_name:
            first = f"'{words[0].value}'"
        else:
            first = writer.write(given[0]).strip() if given else ''
        rest = [writer.write(argument).strip() for argument in given[1:]]
        return f'{name}(' + ', '.join([first, *rest]) + ')'
    return write


def listagg(writer, items, place):
    """LISTAGG([DISTINCT] x [, separator]) [WITHIN GROUP (ORDER BY ...)]."""
    first, *others = texts(writer, items[place], 'listagg', 1, 2)
    distinct = ''
    if first[:8].upper() == 'DISTINCT':
        distinct, first = 'DISTINCT ', first[8:].strip()
    separator = others[0] if others else "''"
    order = ''
    group = within(items, place)
    if group:
        order = ' ' + writer.write(items[group].items).strip()
    if distinct and order:
        order = f' ORDER BY ({first})::text' + (' DESC' if order.upper().endswith('DESC') else '')
    return f'string_agg({distinct}({first})::text, {separator}{order})'


def within(items, place):
    """The place of the Group of WITHIN GROUP (...) behind a call, or None."""
    found = [i for i in range(place + 1, len(items)) if not is_blank(items[i])][:3]
    if len(found) == 3 and all(isinstance(items[i], lexer.Token) for i in found[:2]) and \
            items[found[0]].is_word('WITHIN') and items[found[1]].is_word('GROUP'):
        return found[2]
    return None


def behind(items, place, name):
    """The last place of a call whose Group stands at a place."""
    return within(items, place) or place if name == 'LISTAGG' else place


def convert(writer, items, place):
    """CONVERT(type, x)."""
    kind, value = texts(writer, items[place], 'convert', 2, 2)
    return f'CAST({value} AS {kind})'


def renamed(name):
    """A function that the stand-in has under another name."""
    def write(writer, items, place):
        return f'{name}(' + ', '.join(texts(writer, items[place])) + ')'
    return write


def replace_all(writer, items, place):
    """REGEXP_REPLACE replaces every match, by nothing where no text is given."""
    given = texts(writer, items[place])
    given += ["''"] * (3 - len(given))
    return 'regexp_replace(' + ', '.join(given[:3]) + ", 'g')"


CALLS = {
    'REGEXP_REPLACE': replace_all,
    'CURRENT_SETTING': renamed('standin.shown_setting'),
    'NVL': coalesce, 'NVL2': nvl2, 'DECODE': decode, 'LISTAGG': listagg, 'CONVERT': convert,
    'DATEADD': with_part('pg_catalog.dateadd'), 'DATE_ADD': with_part('pg_catalog.dateadd'),
    'DATEDIFF': with_part('pg_catalog.datediff'), 'DATE_DIFF': with_part('pg_catalog.datediff'),
    'DATE_PART': with_part('date_part'), 'DATE_TRUNC': with_part('date_trunc'),
}
NAMES = frozenset(CALLS)
