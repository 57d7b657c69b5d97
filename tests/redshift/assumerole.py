"""GRANT and REVOKE ASSUMEROLE: who may have COPY and UNLOAD use which IAM role.

All may use all, until a superuser revokes that from PUBLIC; the books are standin.assumerole.
"""
from .identities import must_be_superuser

EVERY_ARN = '*'
COMMANDS = ('COPY', 'UNLOAD', 'EXTERNAL FUNCTION', 'CREATE MODEL')


def read_arns(read):
    """ON {'arn' | DEFAULT | ALL}, ..."""
    found = []
    while True:
        if read.take('ALL'):
            found.append(EVERY_ARN)
        elif read.take('DEFAULT'):
            found.append('default')
        else:
            found.append(read.string())
        if not read.take_operator(','):
            return found


def read_commands(read):
    """FOR {ALL | COPY | UNLOAD | EXTERNAL FUNCTION | CREATE MODEL}, ..."""
    found = []
    while True:
        if read.take('ALL'):
            found += COMMANDS
        else:
            command = next((one for one in COMMANDS if read.take(*one.split())), None)
            if not command:
                raise read.error()
            found.append(command)
        if not read.take_operator(','):
            return found


def change(session, read, read_grantees, granting):
    """The rest of the statement, after ASSUMEROLE."""
    read.expect('ON')
    arns = read_arns(read)
    read.expect('TO' if granting else 'FROM')
    grantees = read_grantees(read)
    read.expect('FOR')
    commands = read_commands(read)
    read.end()
    must_be_superuser(session, 'grant ASSUMEROLE')
    with session.atomic():
        for grantee in grantees:
            for arn in arns:
                for command in commands:
                    write(session, grantee.backend_name(session), arn, command, granting)


def write(session, grantee, arn, command, granting):
    row = [session.server.names.inward(grantee), arn, command]
    if granting:
        session.admin('INSERT INTO standin.assumerole VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
                      row)
    else:
        session.admin("DELETE FROM standin.assumerole WHERE grantee = $1 AND command = $3 "
                      f"AND ($2 = '{EVERY_ARN}' OR arn = $2)", row)


def may_assume(session, arn, command):
    """May the session's user have a command (COPY or UNLOAD) use an IAM role?"""
    return session.value('SELECT has_assumerole_privilege($1, $2)', [arn, command]) == 't'
