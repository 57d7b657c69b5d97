"""What a query may not say: PostgreSQL's newer syntax, and functions of the leader node."""
import re

from . import lexer
from .errors import Refuse, not_supported, syntax_error, system_error
from .reader import RESERVED
from .unsupported import unsent

# Functions that PostgreSQL has and Redshift does not.
ABSENT = re.compile(r'''
    pg_(try_)?advisory_.* | pg_sleep.* | clock_timestamp | statement_timestamp
  | transaction_timestamp | string_agg | array_agg | jsonb_.* | json_(agg|object_agg|build_.*|
    each.*|object|object_keys|populate_.*|to_record.*|strip_nulls|array_elements.*) | to_jsonb?
  | row_to_json
  | array_to_json | gen_random_uuid | uuid_.* | hashtext(extended)? | regexp_match(es)?
  | regexp_split_to_.* | string_to_table | concat_ws | format
  | make_(date|time|timestamp|interval).*
  | txid_.* | pg_current_.* | nextval | currval | setval | lastval | to_regclass | num_n.*nulls
  | xpath.* | unnest | percentile_agg | pg_notify | dblink.* | pg_read_.*file | lo_.*
''', re.X)
ABSENT_MARK = '~absent'
# Functions and words that Redshift has and no tool uses.
UNSENT = re.compile(r'''
    add_months | charindex | convert | convert_timezone | date_?add | date_?diff | date_part_year
  | decode | is_valid_json(_array)? | json_array_length | json_extract_.* | json_serialize_to_varbyte
  | json_typeof
  | last_day | months_between | nvl2? | pg_cancel_backend | regexp_replace | regexp_substr | sha2
''', re.X)
UNSENT_WORDS = ('MINUS', 'QUALIFY', 'TOP')

# Functions of the leader node, which the compute nodes do not have.
LEADER = re.compile(r'''
    current_schemas? | has_.*_privilege | age | isfinite | now | getbit | get_bit | get_byte
  | set_bit | set_byte | to_ascii | generate_series | array_to_string | array_upper | array_lower
  | pg_get_.*def | pg_backend_pid | obj_description | col_description | format_type
''', re.X)
LEADER_WORDS = ('CURRENT_TIME', 'CURRENT_TIMESTAMP', 'LOCALTIME', 'LOCALTIMESTAMP',
                'CURRENT_SCHEMA')
# Within these functions' parentheses FROM is not followed by a table.
FROM_IS_A_WORD = ('EXTRACT', 'SUBSTRING', 'TRIM', 'OVERLAY', 'POSITION')
# Reserved words that no query has a use for: names only behind a dot or AS.
NEVER = frozenset('''
    AES128 AES256 ALLOWOVERWRITE AZ64 BACKUP BLANKSASNULL BYTEDICT BZIP2 CREDENTIALS DEFLATE DEFRAG
    DELTA DELTA32K DISABLE EMPTYASNULL ENABLE ENCODE ENCRYPT ENCRYPTION EXPLICIT GLOBALDICT256
    GLOBALDICT64K GZIP IDENTITY LUN LUNS LZO LZOP MOSTLY16 MOSTLY32 MOSTLY8 NEW OFFLINE OLD OPEN
    PARALLEL PERCENT PERMISSIONS RAW READRATIO RECOVER REJECTLOG RESORT RESTORE SNAPSHOT SYSTEM TAG
    TDES TEXT255 TEXT32K TRUNCATECOLUMNS WALLET'''.split()) & RESERVED

# Catalogs of newer servers.
ABSENT_RELATIONS = ('pg_roles', 'pg_auth_members', 'pg_extension', 'pg_matviews', 'pg_sequence',
                    'pg_sequences', 'pg_policies', 'pg_publication', 'pg_available_extensions',
                    'pg_enum', 'pg_range', 'pg_partitioned_table', 'pg_seclabel', 'pg_seclabels')
CATALOGS = ('pg_catalog', 'information_schema')
INT4 = 23  # its oid


CATALOG_WORDS = ('pg_', 'svv_', 'stl_', 'stv_', 'svl_', 'sys_', 'has_', 'information_schema')


def reads_catalog(tokens):
    """May a relation's name stand in a literal of this query?"""
    names = {token.value for token in tokens if token.kind in (lexer.WORD, lexer.QUOTED)}
    return any(name.startswith(CATALOG_WORDS) for name in names) or any(
        token.text == '::' for token in tokens)


def word_places(tokens):
    """Where the words stand: few places, in a long list of values."""
    return [i for i, token in enumerate(tokens) if token.kind == lexer.WORD]


def at(tokens, i):
    return tokens[i] if 0 <= i < len(tokens) else lexer.Token(lexer.BLANK, '', 0, '')


def check_syntax(tokens):
    """Refuse words of PostgreSQL that Redshift's grammar does not have."""
    places = word_places(tokens)
    changes = any(tokens[i].is_word('INSERT', 'UPDATE', 'DELETE', 'MERGE') for i in places)
    for i in places:
        token = tokens[i]
        if at(tokens, i - 1).is_operator('.'):
            continue
        word, after, before = token.text.upper(), at(tokens, i + 1), at(tokens, i - 1)
        if (word in NEVER and not before.is_word('AS')
                or word == 'ON' and after.is_word('CONFLICT')
                or word == 'RETURNING' and changes and i > 0
                or word == 'LATERAL' and before.is_word('FROM', 'JOIN')
                or word == 'LATERAL' and before.is_operator(',') and after.is_operator('(')
                or word == 'FOR' and after.is_word('UPDATE', 'SHARE', 'NO', 'KEY')
                or word == 'ON' and before.is_word('DISTINCT')
                and at(tokens, i - 2).is_word('SELECT')
                or word == 'TABLESAMPLE'
                or word == 'FETCH' and after.is_word('FIRST', 'NEXT') and i > 0
                or word == 'DISTINCT' and after.is_word('FROM')
                or word == 'VALUES' and before.is_operator('(')
                or word in ('INSERT', 'UPDATE', 'DELETE') and before.is_operator('(')
                or word == 'OVERRIDING' and after.is_word('SYSTEM', 'USER')):
            raise syntax_error(token)
        if token.is_word(*UNSENT_WORDS) and not before.is_word('AS') or \
                after.is_operator('(') and UNSENT.fullmatch(token.value):
            raise unsent('SELECT', word)
        if word == 'FILTER' and before.is_operator(')') and after.is_operator('('):
            raise syntax_error(after)
        if word in ('U', 'B', 'X') and follows_at_once(token, after):
            raise syntax_error(after)
        if word == 'U' and after.is_operator('&') and follows_at_once(after, at(tokens, i + 2)):
            raise syntax_error(at(tokens, i + 2))
    for token in tokens:
        if token.kind == lexer.BODY:
            raise syntax_error(lexer.Token(lexer.OPERATOR, token.text[:2], token.position, ''))


def follows_at_once(token, string):
    return string.kind == lexer.STRING and string.position == token.position + len(token.text)


def common_tables(tokens):
    """The names that WITH gives to its queries."""
    found = set()
    for i in word_places(tokens):
        if tokens[i].is_word('AS') and at(tokens, i + 1).is_operator('(') and \
                at(tokens, i - 1).is_name:
            found.add(tokens[i - 1].value)
        elif tokens[i].is_word('WITH', 'RECURSIVE') and at(tokens, i + 1).is_name:
            found.add(tokens[i + 1].value)
    return found


def tables(tokens):
    """The relations that a query names: (schema or None, name), without those of its WITH."""
    found = []
    own = common_tables(tokens)
    behind = 0
    for i in word_places(tokens):
        if i >= behind and tokens[i].is_word('FROM', 'JOIN', 'INTO', 'UPDATE', 'USING') and not (
                tokens[i].is_word('FROM') and opener(tokens, i).is_word(*FROM_IS_A_WORD)):
            behind = read_tables(tokens, i + 1, own, found)
    return found


def opener(tokens, i):
    """What stands before the parenthesis that a place is in."""
    depth = 0
    for place in range(i - 1, -1, -1):
        depth += tokens[place].is_operator(')') - tokens[place].is_operator('(')
        if depth < 0:
            return at(tokens, place - 1)
    return at(tokens, -1)


def read_tables(tokens, i, own, found):
    """Read "a [AS x], b [AS y], ..."; the place behind it."""
    into = at(tokens, i - 1).is_word('INTO')  # what stands in parentheses then are columns
    while at(tokens, i).is_name and not at(tokens, i).is_word('SELECT', 'WITH', 'SET', 'ONLY'):
        parts = [tokens[i].value]
        i += 1
        while at(tokens, i).is_operator('.') and at(tokens, i + 1).is_name:
            parts.append(tokens[i + 1].value)
            i += 2
        schema = parts[-2] if len(parts) > 1 else None
        called = at(tokens, i).is_operator('(') and not into
        if not called and (schema or parts[-1] not in own):
            found.append((schema, parts[-1]))
        if at(tokens, i).is_word('AS'):
            i += 1
        if at(tokens, i).is_name and at(tokens, i + 1).is_operator(','):
            i += 1
        if not at(tokens, i).is_operator(','):
            break
        i += 1
    return i


def is_leaders(schema, name):
    """Is it a catalog that only the leader node has?"""
    return schema in CATALOGS and not name.startswith(('stl_', 'stv_', 'svl_', 'svv_', 'sys_')) or \
        schema is None and name.startswith('pg_')


def users_tables(tokens):
    """The relations of a query whose rows are on the compute nodes."""
    return [table for table in tables(tokens) if not is_leaders(*table)]


def leader_functions(tokens):
    """The functions of a query that only the leader node has, as Redshift prints them."""
    found = []
    for i in word_places(tokens):
        token = tokens[i]
        if at(tokens, i - 1).is_operator('.') and not at(tokens, i - 2).is_word('PG_CATALOG'):
            continue
        called = at(tokens, i + 1).is_operator('(')
        if called and LEADER.fullmatch(token.value) or not called and token.is_word(*LEADER_WORDS):
            found.append(f'{token.value}()')
    return found


def has_array(tokens):
    """= ANY (array) and the like."""
    return any(tokens[i].is_word('ANY', 'SOME', 'ALL') and at(tokens, i + 1).is_operator('(')
               and at(tokens, i - 1).kind == lexer.OPERATOR
               and not at(tokens, i + 2).is_word('SELECT', 'WITH')
               for i in word_places(tokens))


def check_nodes(session, tokens):
    """Refuse what the compute nodes cannot do where a query has rows from there."""
    for schema, name in tables(tokens):
        if name in ABSENT_RELATIONS and schema in (None, 'pg_catalog'):
            raise Refuse('42P01', f'relation "{name}" does not exist')
    if not users_tables(tokens):
        return
    found = [f'Function "{name}" not supported.' for name in leader_functions(tokens)]
    if has_array(tokens):
        found.append('Operator "ANY/ALL (array)" not supported.')
    if not found:
        return
    for message in dict.fromkeys(found):
        session.info(message)
    raise not_supported('Specified types or functions (one per INFO message) not supported on '
                        'Redshift tables.')


def end_of(tokens, i, *words):
    """The place of the first of some words behind a place, or of the end of its parentheses."""
    depth = 0
    for place in range(i, len(tokens)):
        depth += tokens[place].is_operator('(') - tokens[place].is_operator(')')
        if depth < 0 or depth == 0 and tokens[place].is_word(*words):
            return place
    return len(tokens)


def refused_places(tokens):
    """Where no parameter may stand, as (start, end) of tokens."""
    for i, token in enumerate(tokens):
        after = at(tokens, i + 1)
        if token.is_word('LIMIT', 'OFFSET'):
            yield i + 1, i + 2
        elif token.is_word('GROUP') and after.is_word('BY'):
            yield i + 2, end_of(tokens, i + 2, 'HAVING', 'ORDER', 'LIMIT', 'OFFSET', 'UNION',
                                'INTERSECT', 'EXCEPT')
        elif token.is_word('PERCENTILE_CONT') and after.is_operator('('):
            yield i + 2, end_of(tokens, i + 2)
        elif token.is_operator('(') and after.is_word('SELECT', 'WITH'):
            end = end_of(tokens, i + 1)
            if users_tables(tokens[i + 1:end]):
                yield i + 1, end


def check_parameters(tokens, types):
    """Refuse $1 where a cluster is reported to; types are the oids that the client declared.

    aws/amazon-redshift-python-driver#24, #188; amazon-redshift-jdbc-driver#37, #43;
    sqlalchemy-redshift#252, #265; launchbadge/sqlx#801. LIMIT takes one declared as int4.
    """
    for start, end in refused_places(tokens):
        limit = at(tokens, start - 1).is_word('LIMIT', 'OFFSET')
        for token in tokens[start:end]:
            number = int(token.text[1:]) if token.kind == lexer.PARAM else 0
            declared = types[number - 1] if 0 < number <= len(types) else 0
            if number and not (limit and declared == INT4):
                raise system_error('Not implemented', code=1001, context="'IsA(cons, Const)'")
