"""What is refused by name: commands that Redshift does not have, and forms that no tool sends.

The latter Redshift takes. They would be code that nothing but its own tests runs, so the stand-in
answers 0A000 to them, and names the form: who begins to send one finds out at once.
"""
import functools

from .errors import not_supported, syntax_error
from .reader import Reader
from .statements import action

OBJECTS = ('SEQUENCE', 'TRIGGER', 'RULE', 'EXTENSION', 'DOMAIN', 'TYPE', 'TABLESPACE', 'OPERATOR',
           'AGGREGATE', 'POLICY', 'PUBLICATION', 'SUBSCRIPTION', 'COLLATION', 'CONVERSION', 'CAST',
           'EVENT', 'SERVER', 'LANGUAGE')
# Two words that open a command, and what it is called.
COMMANDS = [(verb, noun) for verb in ('CREATE', 'ALTER', 'DROP') for noun in OBJECTS + ('INDEX',)]

# Words that stand within a statement, by the command.
UNSENT = {
    'COPY': (
        'ACCEPTANYDATE', 'ACCEPTINVCHARS', 'AVRO', 'BLANKSASNULL', 'BZIP2', 'COMPROWS',
        'CREDENTIALS', 'EMPTYASNULL', 'ENCODING', 'ENCRYPTED', 'FILLRECORD', 'FIXEDWIDTH',
        'IGNOREALLERRORS', 'IGNOREBLANKLINES', 'IGNOREHEADER', 'JSON', 'LZOP',
        'MASTER_SYMMETRIC_KEY', 'MAXERROR', 'ORC', 'PARQUET', 'QUOTE', 'READRATIO', 'ROUNDEC',
        'SERIALIZETOJSON', 'SHAPEFILE', 'SSH', 'TRIMBLANKS', 'TRUNCATECOLUMNS',
        'WITH CREDENTIALS'),
    'UNLOAD': (
        'ALLOWOVERWRITE', 'BZIP2', 'CLEANPATH', 'CREDENTIALS', 'ENCRYPTED AUTO', 'EXTENSION',
        'FIXEDWIDTH', 'GZIP', 'HEADER', 'JSON', 'MANIFEST VERBOSE', 'MASTER_SYMMETRIC_KEY',
        'PARQUET', 'PARTITION', 'ROWGROUPSIZE', 'WITH CREDENTIALS'),
    'ALTER TABLE': (
        'ADD CONSTRAINT', 'ADD FOREIGN', 'ADD PRIMARY', 'ADD UNIQUE', 'ALTER DISTSTYLE ALL',
        'ALTER DISTSTYLE KEY', 'ALTER INTERLEAVED', 'APPEND', 'DROP CONSTRAINT'),
    'ALTER GROUP': ('DROP', 'RENAME'),
    'ALTER ROLE': ('RENAME',),
    'ALTER USER': ('RENAME', 'RESET'),
    'CREATE ROLE': ('EXTERNALID',),
    'CREATE TABLE': ('CONSTRAINT', 'FOREIGN KEY', 'REFERENCES'),
    'CREATE USER': ('EXTERNALID', 'IN GROUP'),
    'GRANT': (  # of system permissions, to a role
        'ALTER DEFAULT PRIVILEGES', 'ACCESS CATALOG', 'ACCESS SYSTEM TABLE', 'ALTER TABLE',
        'ALTER USER', 'ANALYZE', 'CANCEL', 'CREATE OR REPLACE', 'CREATE ROLE', 'CREATE SCHEMA',
        'CREATE TABLE', 'CREATE USER', 'DROP FUNCTION', 'DROP PROCEDURE', 'DROP ROLE',
        'DROP SCHEMA', 'DROP TABLE', 'DROP USER', 'DROP VIEW', 'TRUNCATE TABLE', 'VACUUM'),
    'GRANT ROLE': ('ROLE', 'WITH ADMIN'),
    'REVOKE': ('ADMIN OPTION',),
}
# Statements, by their first words.
UNSENT_STATEMENTS = (
    ('ANALYZE',), ('CANCEL',), ('DEALLOCATE',), ('EXECUTE',), ('EXPLAIN',), ('MERGE',),
    ('PREPARE',), ('REFRESH',), ('RESET', 'ALL'), ('RESET', 'SESSION', 'AUTHORIZATION'),
    ('SET', 'SESSION', 'AUTHORIZATION'), ('SHOW', 'ALL'), ('VACUUM',), ('WITH',))


def unsent(*words):
    return not_supported(f'{" ... ".join(words)}: no tool sends this form, which Redshift takes; '
                         'the stand-in does not know it')


def refuse_unsent(command, reader):
    """Refuse one of a command's words that no tool sends, where it stands here."""
    for words in UNSENT[command]:
        if reader.at_words(*words.split()):
            raise unsent(command, words)


def refuse(session, statement):
    """SQL command "create sequence s" not supported."""
    words = ' '.join(token.text for token in statement.tokens[:3])
    if statement.words[1:2] == ('INDEX',) or statement.words[1:3] == ('UNIQUE', 'INDEX'):
        raise not_supported(f'SQL command "{statement.text}" not supported on Redshift tables.')
    raise not_supported(f'SQL command "{words}" not supported.')


def refuse_form(words, session, statement):
    raise unsent(' '.join(words))


for command in UNSENT_STATEMENTS:
    action(*command)(functools.partial(refuse_form, command))
for command in COMMANDS:
    action(*command)(refuse)
for command in (('CREATE', 'UNIQUE', 'INDEX'), ('DO',), ('LISTEN',), ('NOTIFY',), ('UNLISTEN',),
                ('REINDEX',), ('CLUSTER',), ('CHECKPOINT',), ('LOAD',), ('SECURITY', 'LABEL')):
    action(*command)(refuse)


@action('CREATE', 'UNLOGGED')
@action('CREATE', 'GLOBAL')
@action('CREATE')
@action('ALTER')
def unknown(session, statement):
    """A verb with a word behind it that nobody knows."""
    raise syntax_error(Reader(statement, 1).peek())


@action('REASSIGN')
def reassign(session, statement):
    raise syntax_error(statement.tokens[0])
