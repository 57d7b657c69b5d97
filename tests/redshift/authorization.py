"""The authorisation of COPY and UNLOAD: a role or keys, and what it opens.

    clause = Clause()
    while clause.take(reader): ...          any of its words, wherever they stand
    keys = clause.finish().open(session, 'COPY')     s3.Keys, or the refusal that Redshift gives

Source: copy-parameters-authorization of the developer guide.
"""
import re

from . import s3
from .assumerole import may_assume
from .errors import Refuse, syntax_error, system_error
from .storage import ACCOUNT, CLUSTER, storage_of

INVALID = ("Invalid credentials. Must be of the format: credentials 'aws_access_key_id="
           "<access-key-id>;aws_secret_access_key=<secret-access-key>"
           "[;token=<temporary-session-token>]'")
ARN = re.compile(r'arn:aws[-a-z]*:iam::\d{12}:role/[^\s,]+')
DEFAULT = 'default'


def invalid():
    return Refuse('XX000', INVALID, routine='pg_throw')


class Authorization:
    """A role (an ARN, a chain of them, or DEFAULT), or a pair of keys."""

    def __init__(self, role=None, keys=None):
        self.role = role
        self.keys = keys

    def open(self, session, command):
        """The keys for S3; refuses a role that the cluster, or the user, may not assume."""
        if self.keys:
            return self.keys
        storage = storage_of(session.server)
        role = storage.default_role if self.role == DEFAULT else self.role
        if role is None:
            raise system_error('The cluster has no default IAM role', location='xen_aws.cpp:0')
        if not may_assume(session, self.role, command):
            raise Refuse('42501', f'User {session.user} does not have ASSUMEROLE permission on IAM '
                                  f'role "{role}" for {command}')
        if role not in storage.roles:
            user = (f'arn:aws:redshift:{storage.region}:{ACCOUNT}:dbuser:{CLUSTER}/{session.user}')
            raise system_error(f'User {user} is not authorized to assume IAM Role {role}',
                               context='IAM Role=' + role, location='xen_aws_credentials_mgr.cpp:0',
                               pid=session.number)
        return storage.roles[role] or storage.keys


class Clause:
    """Collects the words of the authorisation from among the options."""

    def __init__(self):
        self.forms = []
        self.parts = {}

    def take(self, reader):
        """Take one part of the clause if it stands here; say whether it did."""
        if reader.take('IAM_ROLE'):
            self.forms.append(self.iam_role(reader))
            return True
        word = reader.take_any('ACCESS_KEY_ID', 'SECRET_ACCESS_KEY', 'SESSION_TOKEN')
        if word is None:
            return False
        if word in self.parts:
            raise syntax_error(reader.peek(-1))
        self.parts[word] = reader.string()
        return True

    @staticmethod
    def iam_role(reader):
        if reader.take('DEFAULT'):
            return Authorization(role=DEFAULT)
        role = reader.string()
        if role != DEFAULT and not all(ARN.fullmatch(arn) for arn in role.split(',')):
            raise invalid()
        return Authorization(role=role)

    def finish(self):
        """The Authorization; none, two, or half of one is refused."""
        if self.parts:
            try:
                self.forms.append(Authorization(keys=s3.Keys(
                    self.parts['ACCESS_KEY_ID'], self.parts['SECRET_ACCESS_KEY'],
                    self.parts.get('SESSION_TOKEN'))))
            except KeyError:
                raise invalid() from None
        if len(self.forms) != 1:
            raise invalid()
        return self.forms[0]
