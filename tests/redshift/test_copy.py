"""COPY against a real S3 server: its statement, authorisation and sources."""
import os
import socket
import subprocess
import threading
import unittest

from .s3_case import ACCESS_KEY, ENDPOINT, SECRET_KEY, S3Case, gzipped, zstandard_or_skip
from .storage import DEFAULT_ROLE
from .unsupported import UNSENT

SESSION_ENDPOINT = os.environ.get('RS_TEST_S3_STS')  # a gateway that knows sessions
TWO_ROWS = '1,one\n2,two\n'


class CutShort:
    """A server that lists one object and ends the connection in the middle of its body."""

    LIST = (b'<?xml version="1.0"?><ListBucketResult><IsTruncated>false</IsTruncated><Contents>'
            b'<Key>key</Key><Size>12</Size></Contents></ListBucketResult>')

    def __enter__(self):
        self.listener = socket.create_server(('127.0.0.1', 0))
        threading.Thread(target=self.serve, daemon=True).start()
        return 'http://127.0.0.1:%d' % self.listener.getsockname()[1]

    def __exit__(self, *_):
        self.listener.close()

    def serve(self):
        for body, length in ((self.LIST, len(self.LIST)), (TWO_ROWS.encode(), 99)):
            connection, _ = self.listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b'HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n'
                                   b'\r\n%s' % (length, body))


class StatementTest(S3Case):
    def setUp(self):
        super().setUp()
        self.client.query('create table t (a int, b varchar(20))')

    def test_G1_options_come_in_any_order(self):
        self.put('data', '1;one\n')
        self.client.query(f"copy t (a, b) from '{self.url()}' delimiter ';' csv "
                          f"iam_role '{DEFAULT_ROLE}' compupdate off region 'us-east-1'")
        self.assertEqual(self.client.rows('select * from t'), [('1', 'one')])

    def test_G1_option_sets_that_are_in_use(self):
        """By either protocol."""
        self.put('part', gzipped('1,one\n2,"two"\n'))
        self.put_manifest('manifest', (self.url('part'), True))
        sql = self.copy_sql(f'"{self.schema}"."t" ("a", "b")', 'manifest',
                            "\nFORMAT CSV GZIP MANIFEST REGION 'us-east-1' NULL AS '\\\\N' "
                            "TIMEFORMAT 'auto' COMPUPDATE OFF STATUPDATE OFF", 'IAM_ROLE default')
        self.assertEqual(self.client.query(sql).tag, 'COPY')
        self.assertEqual(self.client.execute(sql).tag, 'COPY')
        self.assertEqual(self.client.value('select count(*) from t'), '4')

    def test_forms_that_no_tool_sends_are_refused_by_name(self):
        for form in UNSENT['COPY'] + ("dateformat 'MM-DD-YYYY'", "timeformat 'epochsecs'",
                                      'compupdate on', 'statupdate'):
            word = form.split()[0]
            with self.subTest(form=form):
                self.refused(self.copy_sql('t', options=f'csv {form}'), '0A000', word.upper())
        self.refused(self.copy_sql('t', options='format as json'), '0A000', 'JSON')
        for options in ('', 'escape', 'removequotes', "delimiter ','"):
            with self.subTest(options=options):
                self.refused(self.copy_sql('t', options=options), '0A000', 'without CSV')

    def test_G1_other_sources_are_refused(self):
        self.refused('copy t from stdin', '0A000', 'LOAD source is not supported. (Hint: only S3 '
                     'or DynamoDB or EMR based load is allowed)')
        self.refused("copy t from '/tmp/file'", '0A000', 'LOAD source is not supported.')
        self.syntax_error('copy t to stdout', 'to')
        self.syntax_error("copy (select 1) to 's3://b/k'", '(')

    def test_G1_unknown_options_are_syntax_errors(self):
        self.put('data', TWO_ROWS)
        self.syntax_error(self.copy_sql('t', options='csv nonsense'), 'nonsense')
        self.syntax_error(self.copy_sql('t', options='format gzip'), 'gzip')
        self.refused(self.copy_sql('t', options='csv csv'), '42601', 'conflicting or redundant')

    def test_G1_a_missing_table_or_column(self):
        self.refused(self.copy_sql('nowhere'), '42P01',
                     'Cannot COPY into nonexistent table nowhere')
        self.refused(self.copy_sql('t (a, c)'), '42703',
                     'column "c" of relation "t" does not exist')
        self.refused(self.copy_sql('t (a, a)'), '42701', 'column "a" specified more than once')

    def test_G7_conflicting_options_are_refused(self):
        for options in ('csv escape', 'csv removequotes', 'csv gzip zstd'):
            with self.subTest(options=options):
                self.refused(self.copy_sql('t', options=options), '42601', ' compatible with ')
        self.refused(self.copy_sql('t', options='csv escape'), '42601',
                     'CSV is not compatible with ESCAPE')

    def test_G12_auto_is_a_word_in_lower_case(self):
        for option in ("timeformat 'AUTO'", "dateformat 'Auto'"):
            self.refused(self.copy_sql('t', options=f'csv {option}'), '22023', 'Invalid value for')

    def test_G14_columns_left_out_get_their_defaults(self):
        self.client.query("create table d (a int, b varchar(9) default 'none', c int)")
        self.put('data', '1\n')
        self.copy('d (a)')
        self.assertEqual(self.client.rows('select * from d'), [('1', 'none', None)])

    def test_G16_copy_needs_insert(self):
        self.client.query("create user g16 password 'Abcdefg1'")
        try:
            self.client.query(f'grant usage on schema {self.schema} to g16')
            other = self.connect('g16', 'Abcdefg1')
            self.put('data', TWO_ROWS)
            self.refused(self.copy_sql('t'), '42501', 'permission denied for relation t', other)
            self.client.query('grant insert on t to g16')
            self.assertEqual(self.copy('t', client=other).tag, 'COPY')
        finally:
            self.client.query(f'revoke all on t from g16; revoke all on schema {self.schema} from '
                              'g16; drop user g16')

    def test_G18_views_are_refused_and_temporary_tables_loaded(self):
        self.client.query('create view v as select * from t; create temp table tmp (a int, b '
                          'varchar(20))')
        self.put('data', TWO_ROWS)
        self.refused(self.copy_sql('v'), '0A000', 'cannot copy to view "v"')
        self.copy('tmp')
        self.assertEqual(self.client.value('select count(*) from tmp'), '2')


class AuthorizationTest(S3Case):
    def setUp(self):
        super().setUp()
        self.client.query('create table t (a int, b varchar(20))')
        self.put('data', TWO_ROWS)

    def sql(self, auth):
        return self.copy_sql('t', auth=auth)

    def test_G2_every_form_is_taken(self):
        for auth in (f"iam_role '{DEFAULT_ROLE}'", 'iam_role default',
                     f"access_key_id '{ACCESS_KEY}' secret_access_key '{SECRET_KEY}'",
                     f"access_key_id '{ACCESS_KEY}' secret_access_key '{SECRET_KEY}' "
                     "session_token 'abc'"):
            with self.subTest(auth=auth):
                self.assertEqual(self.client.query(self.sql(auth)).tag, 'COPY')

    def test_G2_none_two_and_half_a_form_are_refused(self):
        for auth in ('', f"iam_role default iam_role '{DEFAULT_ROLE}'",
                     f"access_key_id '{ACCESS_KEY}'", "iam_role 'loader'"):
            with self.subTest(auth=auth):
                self.refused(self.sql(auth), 'XX000', 'Invalid credentials. Must be of the format: '
                             "credentials 'aws_access_key_id=")

    def test_G3_keys_are_really_used(self):
        self.refused(self.sql(f"access_key_id '{ACCESS_KEY}' secret_access_key 'wrong'"), 'XX000',
                     'Error SignatureDoesNotMatch')
        self.refused(self.sql("access_key_id 'AKIANOBODY' secret_access_key 'x'"), 'XX000',
                     'The AWS Access Key Id you provided does not exist in our records.')

    def test_G3_a_user_may_have_to_be_granted_the_role(self):
        self.client.query("create user g3 password 'Abcdefg1'; "
                          f'grant usage on schema {self.schema} to g3; grant insert on t to g3')
        try:
            other = self.connect('g3', 'Abcdefg1')
            other.query(self.sql('iam_role default'))
            self.client.query('revoke assumerole on all from public for all')
            self.refused(self.sql(f"iam_role '{DEFAULT_ROLE}'"), '42501', 'User g3 does not have '
                         f'ASSUMEROLE permission on IAM role "{DEFAULT_ROLE}" for COPY', other)
            self.client.query(f"grant assumerole on '{DEFAULT_ROLE}' to g3 for copy")
            other.query(self.sql(f"iam_role '{DEFAULT_ROLE}'"))
            self.client.query(f"revoke assumerole on '{DEFAULT_ROLE}' from g3 for copy")
        finally:
            self.client.query('grant assumerole on all to public for all; '
                              f'revoke all on t from g3; revoke all on schema {self.schema} from '
                              'g3; drop user g3')

    def test_G3_a_role_has_to_be_attached(self):
        role = 'arn:aws:iam::123456789012:role/g3'
        error = self.refused(self.sql(f"iam_role '{role}'"), 'XX000',
                             f'is not authorized to assume IAM Role {role}')
        self.assertIn('code:      8001', error.fields['D'])
        self.client.query(f"standin iam_role '{role}'")
        self.client.query(self.sql(f"iam_role '{role}'"))
        chain = f'{role},{role}-other'
        self.refused(self.sql(f"iam_role '{chain}'"), 'XX000', 'is not authorized to assume')
        self.client.query(f"standin iam_role '{chain}'")
        self.client.query(self.sql(f"iam_role '{chain}'"))
        self.client.query(f"standin iam_role '{role}' detach; standin iam_role '{chain}' detach")
        self.refused(self.sql(f"iam_role '{role}'"), 'XX000', 'is not authorized to assume')

    @unittest.skipUnless(SESSION_ENDPOINT, 'RS_TEST_S3_STS is not set')
    def test_G3_temporary_keys_need_their_token(self):
        answer = subprocess.run(
            ['aws', '--endpoint-url', SESSION_ENDPOINT, '--region', 'us-east-1', '--output', 'text',
             'sts', 'assume-role', '--role-arn', os.environ['RS_TEST_S3_ROLE'],
             '--role-session-name', 'copy', '--query',
             'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]'],
            env={**os.environ, 'AWS_ACCESS_KEY_ID': ACCESS_KEY,
                 'AWS_SECRET_ACCESS_KEY': SECRET_KEY}, check=True, capture_output=True, text=True)
        access, secret, token = answer.stdout.split()
        sql = self.copy_sql(
            't', auth=f"access_key_id '{access}' secret_access_key '{secret}'") + ' '
        self.client.query(f"standin s3 '{SESSION_ENDPOINT}' 'x' 'x'")
        try:
            self.client.query(sql + f"session_token '{token}'")
            self.refused(sql, 'XX000', 'Error AccessDenied')
            self.refused(sql + f"session_token '{token[:-8]}AAAAAAA='", 'XX000', 'AccessDenied')
        finally:
            self.client.query(f"standin s3 '{ENDPOINT}' '{ACCESS_KEY}' '{SECRET_KEY}'")

    def test_G3_a_role_may_have_keys_of_its_own(self):
        role = 'arn:aws:iam::123456789012:role/g3-weak'
        self.client.query(f"standin iam_role '{role}' keys 'AKIANOBODY' 'x'")
        self.refused(self.sql(f"iam_role '{role}'"), 'XX000', 'Error InvalidAccessKeyId')

    def test_G6_a_bucket_of_another_region_needs_region(self):
        self.client.query(f"standin bucket '{self.bucket}' region 'eu-west-1'")
        try:
            self.refused(self.copy_sql('t'), 'XX000', 'S3ServiceException:The bucket you are '
                         'attempting to access must be addressed using the specified endpoint.')
            self.copy('t', options="csv region 'eu-west-1'")
            self.copy('t', options="csv region as 'eu-west-1'")
        finally:
            self.client.query(f"standin bucket '{self.bucket}' region 'us-east-1'")


class SourceTest(S3Case):
    def setUp(self):
        super().setUp()
        self.client.query('create table t (a int, b varchar(20))')

    def count(self):
        return int(self.client.value('select count(*) from t'))

    def test_G4_every_object_with_the_prefix_is_loaded(self):
        for name in ('part.1', 'part.2', 'part.bak', 'part/deep'):
            self.put(name, TWO_ROWS)
        self.put('other', TWO_ROWS)
        self.copy('t', 'part')
        self.assertEqual(self.count(), 8)

    def test_G4_a_prefix_of_nothing_is_refused(self):
        error = self.refused(self.copy_sql('t', 'nothing'), 'XX000', 'The specified S3 prefix '
                             f"'{self.folder}nothing' does not exist")
        self.assertRegex(error.fields['D'], r'code: +8001\n')
        self.assertIn('s3_utility.cpp', error.fields['D'])

    def test_G4_a_missing_bucket_is_refused(self):
        error = self.refused("copy t from 's3://no-such-bucket-here/x' csv iam_role default",
                             'XX000', 'S3ServiceException:The specified bucket does not exist,'
                             'Status 404,Error NoSuchBucket')
        self.assertIn('Listing bucket=no-such-bucket-here.s3.amazonaws.com prefix=x',
                      error.fields['D'])

    def test_G5_a_manifest_names_the_files(self):
        self.put('a', TWO_ROWS)
        self.put('b', TWO_ROWS)
        self.put_manifest('manifest', self.url('a'), self.url('a'), (self.url('b'), True),
                          (self.url('gone'), False))
        self.copy('t', 'manifest', 'csv manifest')
        self.assertEqual(self.count(), 6)

    def test_G5_a_missing_mandatory_file_and_no_file_at_all(self):
        self.put('a', TWO_ROWS)
        self.put_manifest('manifest', self.url('a'), (self.url('gone'), True))
        error = self.refused(self.copy_sql('t', 'manifest', 'csv manifest'), 'XX000',
                             'S3ServiceException:The specified key does not exist.,Status 404,'
                             'Error NoSuchKey')
        self.assertIn(f"S3 key being read : {self.url('gone')}", error.fields['D'])
        self.put_manifest('none', self.url('gone'))
        self.refused(self.copy_sql('t', 'none', 'csv manifest'), 'XX000')
        self.assertEqual(self.count(), 0)

    def test_G5_a_manifest_that_cannot_be_read(self):
        self.refused(self.copy_sql('t', 'gone', 'csv manifest'), 'XX000', 'Problem reading '
                     'manifest file - S3ServiceException:The specified key does not exist.,Status '
                     '404,')
        for text in ('not json', '[]', '{"entries": [{}]}', '{"entries": [{"url": "x"}]}'):
            self.put('bad', text)
            self.refused(self.copy_sql('t', 'bad', 'csv manifest'), 'XX000',
                         'Problem reading manifest')
        self.put('files/a', TWO_ROWS)
        self.refused(self.copy_sql('t', 'files', 'csv manifest'), 'XX000', 'COPY with MANIFEST '
                     'parameter requires full path of an S3 object')

    def test_G5_without_the_keyword_a_manifest_is_data(self):
        self.put_manifest('manifest', self.url('a'))
        self.refused(self.copy_sql('t', 'manifest'), 'XX000', "Load into table 't' failed.")

    def test_G9_every_compression_is_read(self):
        self.put('gz', gzipped('1,one\n') + gzipped('2,two\n'))
        compress = zstandard_or_skip().compress
        self.put('zst', compress(b'1,one\n') + compress(b'2,two\n'))
        for name, word in (('gz', 'gzip'), ('zst', 'zstd')):
            with self.subTest(word=word):
                self.client.query('truncate t')
                self.copy('t', name, f'csv {word}')
                self.assertEqual(self.client.rows('select * from t order by a'),
                                 [('1', 'one'), ('2', 'two')])

    def test_G9_the_keyword_has_to_match_the_bytes(self):
        self.put('gz', gzipped(TWO_ROWS))
        self.refused(self.copy_sql('t', 'gz'), 'XX000', "Load into table 't' failed.")
        self.put('plain', TWO_ROWS)
        for word in ('gzip', 'zstd'):
            self.refused(self.copy_sql('t', 'plain', f'csv {word}'), 'XX000',
                         f'{word.upper()} error')
        self.put('cut', gzipped(TWO_ROWS)[:-12])
        self.refused(self.copy_sql('t', 'cut', 'csv gzip'), 'XX000', 'GZIP error')

    def test_G9_an_object_cut_short_is_no_shorter_object(self):
        with CutShort() as endpoint:
            self.client.query(f"standin s3 '{endpoint}' 'x' 'x'")
            try:
                self.refused(self.copy_sql('t'), 'XX000', 'the connection was closed before')
            finally:
                self.client.query(f"standin s3 '{ENDPOINT}' '{ACCESS_KEY}' '{SECRET_KEY}'")
        self.assertEqual(self.count(), 0)


if __name__ == '__main__':
    unittest.main()
