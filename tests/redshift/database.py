"""The PostgreSQL behind: a template with Redshift's catalog in it, and the first databases."""
import glob
import os

from .backend import Backend
from .session import quote_ident, quote_literal

TEMPLATE = 'standin'
FIRST = 'dev'
SQL = os.path.join(os.path.dirname(__file__), 'sql', '*.sql')


def prepare(options):
    """Make the template, the database "dev" and the administrator, where they are not there yet."""
    with_server = Backend(options.postgres, 'postgres')
    try:
        found = {name for (name,) in
                 with_server.query('SELECT datname FROM pg_catalog.pg_database').rows}
        if TEMPLATE not in found:
            with_server.query(f"CREATE DATABASE {TEMPLATE} TEMPLATE template0 ENCODING 'UTF8' "
                              "LC_COLLATE 'C' LC_CTYPE 'C.UTF-8' STRATEGY file_copy")
            fill_template(options)
            with_server.query(f'ALTER DATABASE {TEMPLATE} IS_TEMPLATE true')
            make_administrator(with_server, options)
        if FIRST not in found:
            create(with_server, FIRST, options.user)
    finally:
        with_server.close()


def create(backend, name, owner):
    """Make a database as Redshift has it: PUBLIC may create tables, and temporary ones."""
    backend.query(f'CREATE DATABASE {quote_ident(name)} TEMPLATE {TEMPLATE} STRATEGY file_copy '
                  f'OWNER {quote_ident(owner)}')


def fill_template(options):
    backend = Backend(options.postgres, TEMPLATE)
    try:
        backend.query('SET allow_system_table_mods = on; SET check_function_bodies = off')
        for path in sorted(glob.glob(SQL)):
            with open(path, encoding='utf-8') as file:
                backend.query(file.read())
    finally:
        backend.close()


def make_administrator(backend, options):
    name, password = quote_ident(options.user), quote_literal(options.password)
    backend.query("SET password_encryption = 'md5'")
    backend.query(f'CREATE ROLE {name} SUPERUSER CREATEDB LOGIN PASSWORD {password}')
