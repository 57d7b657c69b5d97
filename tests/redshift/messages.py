"""What PostgreSQL says, in Redshift's words: errors, notices, tags, names in rows."""
import re
import struct

from . import wire
from .errors import Refuse, not_supported, system_error
from .names import MARK
from .rules import ABSENT_MARK

# Of an error: its SQLSTATE (or '*'), a pattern of its message, and how Redshift puts it.
REWORDED = [
    ('42P07', r'relation (".*") already exists', r'Relation \1 already exists'),
    ('*', r'permission denied for (?:table|view|sequence) (.*)',
     r'permission denied for relation \1'),
    ('*', r'must be owner of (?:table|view|sequence) (.*)', r'must be owner of relation \1'),
]
NOTICES = [
    (r'relation (".*") already exists, skipping',
     r'Relation \1 already exists and will be skipped'),
    (r'schema (".*") already exists, skipping', r'Schema \1 already exists and will be skipped'),
    (r'table (".*") does not exist, skipping', r'Table \1 does not exist and will be skipped'),
    (r'view (".*") does not exist, skipping', r'View \1 does not exist and will be skipped'),
    (r'schema (".*") does not exist, skipping', r'Schema \1 does not exist and will be skipped'),
]
SYSTEM_TABLE = re.compile(r'relation "(?:pg_catalog\.)?'
                          r'((?:st[lv]|sv[lv]|sys)_\w+|pg_user_info)" does not exist')
# Types that Redshift knows and PostgreSQL does not: what the wire calls them.
WIRE_OIDS = {'super': 4000, 'varbyte': 6551, 'geometry': 3000, 'geography': 3001}


def cancelled(session):
    return Refuse('57014', f"Query ({session.server.query_id()}) canceled on user's request",
                  file='postgres.c', routine='ProcessInterrupts')


def outward(session, fields):
    """The fields with long names in them again."""
    names = session.server.names
    return {code: names.outward(value) for code, value in fields.items()}


def refusal(session, error):
    """A ServerError as what Redshift would have said."""
    fields = outward(session, error.fields)
    sqlstate, message = fields.get('C', 'XX000'), fields.get('M', '')
    if sqlstate == '40001':
        return isolation_violation(session)
    if sqlstate == '57014':
        return cancelled(session)
    if sqlstate == '23502':
        column = re.search(r'column "(.*?)"', message)
        return system_error(f'Cannot insert a NULL value into column {column.group(1)}', code=8007,
                            context='query execution', query=session.server.query_id())
    if sqlstate == '22003' and 'numeric' in message:
        return system_error('Numeric data overflow', code=1058, context='64 bit overflow',
                            query=session.server.query_id())
    unsent = sqlstate == '42P01' and SYSTEM_TABLE.search(message)
    if unsent:
        return not_supported(f'{unsent[1]}: no tool asks this system table, if Redshift has it; '
                             'the stand-in does not know it')
    if message.startswith('tuple concurrently') or sqlstate == '23505':
        return Refuse('XX000', 'could not complete because of conflict with concurrent transaction')
    if sqlstate == '22001' and session.on_compute:
        return system_error('Value too long for character type', code=8001,
                            context=f'{message}', query=session.server.query_id())
    message = message.replace(ABSENT_MARK, '')
    for state, pattern, words in REWORDED:
        if state in ('*', sqlstate) and re.fullmatch(pattern, message):
            message = re.sub(pattern, words, message)
    hint = fields.get('H')
    position = None
    if session.place is not None and 'P' in fields:
        position = session.place + int(fields['P'])
    return Refuse(sqlstate, message, fields.get('D'), hint and hint.replace(ABSENT_MARK, ''),
                  position=position,
                  severity=fields.get('S', 'ERROR'), file=fields.get('F', 'standin.c'),
                  line=fields.get('L', '1'), routine=fields.get('R', 'standin'))


def isolation_violation(session):
    first, second = session.server.query_id(), session.server.query_id()
    return Refuse('XX000', '1023', 'Serializable isolation violation on table - 119371, '
                  f'transactions forming the cycle are: {first}, {second} (pid:{session.number})',
                  file='/opt/padb/src/sys/xen_execute.cpp', line=9964, routine='pg_throw')


def notice(session, fields):
    """The fields of a NoticeResponse, or None for what Redshift would not say."""
    fields = outward(session, fields)
    message = fields.get('M', '')
    for pattern, words in NOTICES:
        message = re.sub(pattern, words, message)
    severity = fields.get('S', 'INFO')
    if severity == 'NOTICE':
        severity = 'INFO'
    return [('S', severity), ('C', fields.get('C', '00000')), ('M', message),
            *((code, fields[code]) for code in 'DH' if code in fields),
            ('F', fields.get('F', 'notice.c')), ('L', fields.get('L', '1')),
            ('R', fields.get('R', 'standin'))]


def tag(words):
    """A command's tag: only INSERT, UPDATE, DELETE and MOVE carry a count."""
    verb = words.split(' ')[0]
    return verb if verb in ('SELECT', 'FETCH', 'COPY') else words


def rows_outward(names, rows):
    """A run of DataRow messages, with long names in them again."""
    if not names.long or MARK not in rows:
        return rows
    parts = []
    at = 0
    while at < len(rows):
        end = at + 1 + struct.unpack_from('!I', rows, at + 1)[0]
        one = rows[at:end]
        if MARK in one:
            one = wire.data_row([value if value is None or MARK not in value else
                                 names.outward(value.decode('utf-8', 'surrogateescape'))
                                 .encode('utf-8', 'surrogateescape')
                                 for value in wire.parse_row(one[5:])])
        parts.append(one)
        at = end
    return b''.join(parts)


def description_outward(server, body):
    """A RowDescription with long names and the types of Redshift in it."""
    columns = wire.parse_description(body)
    for column in columns:
        column[0] = server.names.outward(column[0].decode()).encode()
        column[3] = server.wire_oids.get(column[3], column[3])
    return wire.pack_description(columns)
