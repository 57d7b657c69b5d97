"""For the tests of COPY and UNLOAD: a bucket of their own on a real S3 server."""
import gzip
import json
import os
import unittest
import uuid

from . import s3
from .storage import DEFAULT_ROLE
from .support import Case

ENDPOINT = os.environ.get('RS_TEST_S3')
ACCESS_KEY = os.environ.get('RS_TEST_S3_KEY')
SECRET_KEY = os.environ.get('RS_TEST_S3_SECRET')


class S3Case(Case):
    """self.s3 is a client of the server, self.bucket a bucket; keys begin with self.folder."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not ENDPOINT:
            raise unittest.SkipTest('no S3 server: RS_TEST_S3 is not set')
        cls.s3 = s3.Client(ENDPOINT, s3.Keys(ACCESS_KEY, SECRET_KEY))
        cls.bucket = 'standin-' + uuid.uuid4().hex
        cls.s3.create_bucket(cls.bucket)

    @classmethod
    def tearDownClass(cls):
        cls.s3.close()

    def setUp(self):
        super().setUp()
        self.folder = self._testMethodName + '/'
        self.client.notices.clear()

    def url(self, name=''):
        return f's3://{self.bucket}/{self.folder}{name}'

    def put(self, name, data):
        """Store text or bytes under a name in the test's folder."""
        self.s3.put(self.bucket, self.folder + name,
                    data.encode() if isinstance(data, str) else data)

    def put_manifest(self, name, *entries):
        """Store a manifest of (url, mandatory) or url."""
        listed = [{'url': entry} if isinstance(entry, str) else
                  {'url': entry[0], 'mandatory': entry[1]} for entry in entries]
        self.put(name, json.dumps({'entries': listed}))

    def read(self, name):
        return self.s3.read(self.bucket, self.folder + name)

    def names(self):
        """The names of the objects in the test's folder."""
        return [item.key[len(self.folder):] for item in self.s3.list(self.bucket, self.folder)]

    def copy_sql(self, table, name='', options='csv', auth=f"iam_role '{DEFAULT_ROLE}'"):
        return f"copy {table} from '{self.url(name)}' {auth} {options}"

    def copy(self, table, name='', options='csv', client=None):
        return (client or self.client).query(self.copy_sql(table, name, options))

    def load(self, data, columns='a int, b varchar(20)', options='csv'):
        """Make a table, load data into it, and return its rows in the order of the file."""
        self.client.query(f'drop table if exists t; create table t ({columns})')
        self.put('data', data)
        self.copy('t', 'data', options)
        return self.client.rows('select * from t')

    def load_fails(self, data, columns='a int, b varchar(20)', options='csv'):
        """Load what cannot be loaded: (err_code, err_reason) of each row of STL_LOAD_ERRORS."""
        self.client.query(f'drop table if exists t; create table t ({columns})')
        self.put('data', data)
        self.refused(self.copy_sql('t', 'data', options), 'XX000', "Load into table 't' failed.  "
                     "Check 'stl_load_errors' system table for details.")
        return self.errors()

    def errors(self, columns='err_code, trim(err_reason)'):
        """The load errors of the last COPY of this connection."""
        query = self.client.value('select pg_last_copy_id()')
        return self.client.rows(f'select {columns} from stl_load_errors where query = {query} '
                                'order by filename, line_number')

    def infos(self):
        """The texts of the INFO messages since the last call."""
        found = [notice['M'] for notice in self.client.notices if notice['S'] == 'INFO']
        self.client.notices.clear()
        return found


def gzipped(text):
    return gzip.compress(text.encode())


def zstandard_or_skip():
    """Debian's python3-zstandard, without which the stand-in reads and writes no ZSTD."""
    try:
        import zstandard
    except ImportError:
        raise unittest.SkipTest('python3-zstandard is not here') from None
    return zstandard
