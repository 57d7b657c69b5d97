"""Commands that Redshift refuses by name."""
from .errors import not_supported, syntax_error
from .reader import Reader
from .statements import action

OBJECTS = ('SEQUENCE', 'TRIGGER', 'RULE', 'EXTENSION', 'DOMAIN', 'TYPE', 'TABLESPACE', 'OPERATOR',
           'AGGREGATE', 'POLICY', 'PUBLICATION', 'SUBSCRIPTION', 'COLLATION', 'CONVERSION', 'CAST',
           'EVENT', 'SERVER', 'LANGUAGE')
# Two words that open a command, and what it is called.
COMMANDS = [(verb, noun) for verb in ('CREATE', 'ALTER', 'DROP') for noun in OBJECTS + ('INDEX',)]


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
