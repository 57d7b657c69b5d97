"""What is refused by name: commands that Redshift does not have, and forms that no tool sends.

The latter Redshift takes. They would be code that nothing but its own tests runs, so the stand-in
answers 0A000 to them, and names the form: who begins to send one finds out at once.
"""
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
}


def unsent(command, form):
    return not_supported(f'{command} ... {form}: no tool sends this form, which Redshift takes; '
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
