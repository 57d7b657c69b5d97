"""The S3 that the stand-in's cluster sees: its server, its own keys, the roles attached to it.

    STANDIN S3 'http://127.0.0.1:7480' 'access key' 'secret key'
    STANDIN IAM_ROLE 'arn:aws:iam::123456789012:role/loader' [DEFAULT]    attach a role, or a chain
    STANDIN IAM_ROLE 'arn:...' KEYS 'access key' 'secret key' [DEFAULT]   one with its own rights
    STANDIN IAM_ROLE 'arn:...' DETACH
    STANDIN BUCKET 'name' REGION 'eu-west-1'                              it lives elsewhere

Until told otherwise the server is that of the options --s3-endpoint, --s3-access-key and
--s3-secret-key; DEFAULT_ROLE is attached, and the default.
"""
import threading

from . import s3
from .control import control
from .errors import Refuse, system_error
from .statements import Result

ACCOUNT = '123456789012'
CLUSTER = 'standin'
DEFAULT_ROLE = f'arn:aws:iam::{ACCOUNT}:role/loader'


class Storage:
    """The cluster's endpoint and keys; roles: ARN or chain -> its keys, None for the cluster's."""

    def __init__(self, options):
        self.endpoint = options.s3_endpoint
        self.keys = s3.Keys(options.s3_access_key or '', options.s3_secret_key or '')
        self.ca_file = options.s3_ca
        self.region = options.region
        self.roles = {DEFAULT_ROLE: None}
        self.default_role = DEFAULT_ROLE
        self.bucket_regions = {}

    def client(self, keys, region):
        if not self.endpoint:
            raise system_error(str(s3.Unreachable('no S3 server is known to the stand-in')),
                               location='s3_utility.cpp:0')
        return s3.Client(self.endpoint, keys, region or self.region, self.ca_file)

    def check_region(self, bucket, region):
        """Raise S3's redirect when the bucket does not live where it is looked for."""
        if self.bucket_regions.get(bucket, self.region) != (region or self.region):
            raise s3.S3Error(301, 'PermanentRedirect')


LOCK = threading.Lock()


def storage_of(server):
    """The Storage of a stand-in, made when it is first asked for."""
    with LOCK:
        if getattr(server, 'storage', None) is None:
            server.storage = Storage(server.options)
        return server.storage


def s3_failure(error, context, location='s3_utility.cpp:0', prefix=''):
    """What the cluster says of an S3Error; context tells what it was doing."""
    return system_error(prefix + str(error), context=context, location=location)


def listing(bucket, prefix):
    return f'Listing bucket={bucket}.s3.amazonaws.com prefix={prefix}'


def reading(bucket, key):
    return f'S3 key being read : s3://{bucket}/{key}'


def must_be_superuser(session):
    if not session.is_superuser:
        raise Refuse('42501', 'must be superuser to change the stand-in')


@control('S3')
def set_server(session, reader):
    must_be_superuser(session)
    storage = storage_of(session.server)
    storage.endpoint = reader.string()
    storage.keys = s3.Keys(reader.string(), reader.string())
    reader.end()
    return Result('STANDIN')


@control('IAM_ROLE')
def set_role(session, reader):
    must_be_superuser(session)
    storage = storage_of(session.server)
    role = reader.string()
    if reader.take('DETACH'):
        storage.roles.pop(role, None)
        if storage.default_role == role:
            storage.default_role = None
    else:
        keys = s3.Keys(reader.string(), reader.string()) if reader.take('KEYS') else None
        storage.roles[role] = keys
        if reader.take('DEFAULT'):
            storage.default_role = role
    reader.end()
    return Result('STANDIN')


@control('BUCKET')
def set_bucket(session, reader):
    must_be_superuser(session)
    bucket = reader.string()
    reader.expect('REGION')
    storage_of(session.server).bucket_regions[bucket] = reader.string()
    reader.end()
    return Result('STANDIN')
