"""Schemas, views and databases; and what removes them and tables."""
from . import lexer
from .database import TEMPLATE
from .errors import Refuse
from .query import check_query, translate
from .reader import Reader
from .session import quote_ident
from .statements import Pass, Result, action, translation
from .unsupported import unsent

DROPPED = ('TABLE', 'VIEW', 'SCHEMA', 'FUNCTION', 'PROCEDURE')


@action('CREATE', 'SCHEMA')
def create_schema(session, statement):
    """CREATE SCHEMA [IF NOT EXISTS] s [AUTHORIZATION u] [QUOTA n [MB|GB|TB] | UNLIMITED]."""
    reader = Reader(statement, 2)
    guard = 'IF NOT EXISTS ' if reader.take('IF', 'NOT', 'EXISTS') else ''
    name = owner = None
    if not reader.at_words('AUTHORIZATION'):
        name = reader.name()
    if reader.take('AUTHORIZATION'):
        owner = reader.user_name()
    if reader.take('QUOTA') and not reader.take('UNLIMITED'):
        reader.integer()
        reader.take_any('MB', 'GB', 'TB')
    reader.end()
    if name == 'public' and not guard:
        raise Refuse('42P06', 'Schema "public" already exists')
    inward = session.server.names.inward
    session.query(f'CREATE SCHEMA {guard}{quote_ident(inward(name or owner))}'
                  + (f' AUTHORIZATION {quote_ident(inward(owner))}' if owner else ''))
    return Result('CREATE SCHEMA')


@translation('CREATE', 'VIEW')
@translation('CREATE', 'OR', 'REPLACE', 'VIEW')
def create_view(session, statement):
    """CREATE [OR REPLACE] VIEW v [(...)] AS query [WITH NO SCHEMA BINDING]."""
    tokens = statement.all_tokens
    words = [i for i, token in enumerate(tokens) if token.kind != lexer.BLANK]
    if [tokens[i].text.upper() for i in words[-4:]] == ['WITH', 'NO', 'SCHEMA', 'BINDING']:
        tokens = tokens[:words[-4]]
    body = next((i for i, token in enumerate(tokens) if token.is_word('AS')), None)
    if body is None:
        raise Reader(statement, len(statement.tokens)).error()
    check_query(session, [one for one in tokens[body + 1:] if one.kind != lexer.BLANK])
    return Pass(translate(session, tokens))


def inner_table(session, schema, name):
    """The table that holds a materialized view's rows, as it stands in SQL."""
    return session.quoted(schema, f'mv_tbl__{name}__0')


def is_materialized(session, schema, name):
    return session.value('SELECT to_regclass($1)', [inner_table(session, schema, name)]) is not None


@action('CREATE', 'MATERIALIZED', 'VIEW')
def create_materialized_view(session, statement):
    """CREATE MATERIALIZED VIEW v AS query: a view, and a table mv_tbl__v__0 that it reads."""
    reader = Reader(statement, 3)
    schema, name = reader.qualified()
    if not reader.take('AS'):
        raise unsent('CREATE MATERIALIZED VIEW', reader.next().text)
    tokens = statement.all_tokens
    body = tokens[next(i for i, token in enumerate(tokens) if token.is_word('AS')) + 1:]
    check_query(session, [one for one in body if one.kind != lexer.BLANK])
    inner = inner_table(session, schema, name)
    with session.atomic():
        session.query(f'CREATE TABLE {inner} AS {translate(session, body)}')
        session.query(f'CREATE VIEW {session.quoted(schema, name)} AS SELECT * FROM {inner}')
    return Result('CREATE MATERIALIZED VIEW')


@action('DROP', 'MATERIALIZED', 'VIEW')
def drop_materialized_view(session, statement):
    reader = Reader(statement, 3)
    schema, name = reader.qualified()
    reader.end()
    if not is_materialized(session, schema, name):
        raise Refuse('42P01', f'materialized view "{name}" does not exist')
    session.query(f'DROP TABLE {inner_table(session, schema, name)} CASCADE')
    return Result('DROP MATERIALIZED VIEW')


@action('CREATE', 'LIBRARY')
def create_library(session, statement):
    """CREATE LIBRARY l LANGUAGE plpythonu FROM 's3://...': of its files nothing is looked at."""
    reader = Reader(statement, 2)
    name = reader.name()
    reader.expect('LANGUAGE', 'PLPYTHONU', 'FROM')
    reader.string()
    reader.end()
    session.admin('INSERT INTO standin.libraries VALUES ($1, $2)',
                  [name, session.server.names.inward(session.user)])
    return Result('CREATE LIBRARY')


@action('DROP', 'LIBRARY')
def drop_library(session, statement):
    reader = Reader(statement, 2)
    name = reader.name()
    reader.end()
    if not session.admin('DELETE FROM standin.libraries WHERE name = $1 RETURNING 1', [name]).rows:
        raise Refuse('42704', f'library "{name}" does not exist')
    return Result('DROP LIBRARY')


@translation('DROP')
def drop(session, statement):
    """DROP TABLE | VIEW | SCHEMA | ... [IF EXISTS] a, b [CASCADE | RESTRICT]."""
    reader = Reader(statement, 1)
    kind = reader.take_any(*DROPPED)
    if kind is None:
        raise reader.error()
    reader.take('IF', 'EXISTS')
    if kind not in ('FUNCTION', 'PROCEDURE'):
        reader.qualified()
        while reader.take_operator(','):
            reader.qualified()
        reader.take_any('CASCADE', 'RESTRICT')
        reader.end()
    return Pass(translate(session, statement.all_tokens))


@translation('COMMENT', 'ON')
@translation('ALTER', 'SCHEMA')
@translation('ALTER', 'DATABASE')
@translation('ALTER', 'FUNCTION')
@translation('ALTER', 'PROCEDURE')
def through(session, statement):
    return Pass(translate(session, statement.all_tokens))


@translation('CREATE', 'FUNCTION')
@translation('CREATE', 'PROCEDURE')
@translation('CREATE', 'OR', 'REPLACE')
@translation('CALL')
def routine(session, statement):
    """Bodies between $$ go through as they are."""
    return Pass(''.join(token.text for token in statement.all_tokens))


@action('CREATE', 'DATABASE')
def create_database(session, statement):
    """CREATE DATABASE d."""
    outside(session, 'CREATE DATABASE')
    reader = Reader(statement, 2)
    name = reader.name()
    if not reader.ended():
        raise unsent('CREATE DATABASE', reader.peek().text)
    if session.value('SELECT rolcreatedb OR rolsuper FROM pg_catalog.pg_roles '
                     'WHERE rolname = current_user') != 't':
        raise Refuse('42501', 'permission denied to create database')
    inward = session.server.names.inward
    session.aside(f'CREATE DATABASE {quote_ident(inward(name))} TEMPLATE {TEMPLATE} '
                  f'STRATEGY file_copy OWNER {quote_ident(inward(session.user))}')
    return Result('CREATE DATABASE')


@action('DROP', 'DATABASE')
def drop_database(session, statement):
    outside(session, 'DROP DATABASE')
    reader = Reader(statement, 2)
    name = reader.name()
    reader.end()
    session.query(f'DROP DATABASE {quote_ident(session.server.names.inward(name))}')
    return Result('DROP DATABASE')


def outside(session, command):
    """Refuse what may not run in a transaction."""
    if session.in_transaction:
        raise Refuse('25001', f'{command} cannot run inside a transaction block')
