"""What the stand-in says when it refuses something: errors as Redshift words them."""


class Refuse(Exception):
    """An ErrorResponse to send; the statement, and its transaction, have failed."""

    def __init__(self, sqlstate, message, detail=None, hint=None, *, position=None,
                 severity='ERROR', file='parse_error.c', line=1, routine='standin'):
        super().__init__(message)
        self.sqlstate = sqlstate
        self.message = message
        self.detail = detail
        self.hint = hint
        self.position = position  # 1-based, in characters of the query; None: unknown
        self.severity = severity
        self.file = file
        self.line = line
        self.routine = routine

    def fields(self):
        """The fields of the message, in the order in which they are sent."""
        named = [('S', self.severity), ('C', self.sqlstate), ('M', self.message),
                 ('D', self.detail), ('H', self.hint), ('P', self.position),
                 ('F', self.file), ('L', self.line), ('R', self.routine)]
        return [(code, str(value)) for code, value in named if value is not None]


class Hangup(Exception):
    """Close the client's socket now, without a word."""


def fatal(sqlstate, message):
    """A refusal that ends the connection."""
    return Refuse(sqlstate, message, severity='FATAL', file='postinit.c', routine='InitPostgres')


def syntax_error(token=None):
    """A syntax error at a token (any object with text and position), or at the end of input."""
    if token is None:
        return Refuse('42601', 'syntax error at end of input', file='scan.l', routine='yyerror')
    return Refuse('42601', f'syntax error at or near "{token.text}"', position=token.position + 1,
                  file='scan.l', routine='yyerror')


def not_supported(message, detail=None, hint=None):
    """SQLSTATE 0A000: Redshift knows the words and will not do it."""
    return Refuse('0A000', message, detail, hint, file='utility.c', routine='ProcessUtility')


def system_error(message, *, code=8001, context='', query=0, location='xen_execute.cpp:0', pid=0):
    """XX000, as the compute nodes raise it: the message again in a block of DETAIL."""
    rule = '-' * 47
    detail = (f'\n  {rule}\n  error:  {message}\n  code:      {code}\n  context:   {context}\n'
              f'  query:     {query}\n  location:  {location}\n'
              f'  process:   padbmaster [pid={pid}]\n'
              f'  {rule}\n')
    return Refuse('XX000', message, detail, file='/opt/padb/src/sys/xen_execute.cpp',
                  line=9964, routine='pg_throw')
