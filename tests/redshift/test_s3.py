"""The stand-in's S3 client against a real server and against Amazon's published signature.

RS_TEST_S3, RS_TEST_S3_KEY and RS_TEST_S3_SECRET name the server.
"""
import datetime
import os
import tempfile
import unittest
import uuid

from . import s3


def client_from_environment():
    """A client for the server of the tests, or a skip where there is none."""
    endpoint = os.environ.get('RS_TEST_S3')
    if not endpoint:
        raise unittest.SkipTest('no S3 server: RS_TEST_S3 is not set')
    keys = s3.Keys(os.environ['RS_TEST_S3_KEY'], os.environ['RS_TEST_S3_SECRET'])
    return s3.Client(endpoint, keys)


class SignatureTest(unittest.TestCase):
    KEYS = s3.Keys('AKIAIOSFODNN7EXAMPLE', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY')
    NOW = datetime.datetime(2013, 5, 24, tzinfo=datetime.timezone.utc)

    def sign(self, method, path, query, **headers):
        all_headers = {'Host': 'examplebucket.s3.amazonaws.com', 'x-amz-date': '20130524T000000Z',
                       'x-amz-content-sha256': s3.EMPTY_SHA256}
        all_headers.update(headers)
        text = s3.sign(self.KEYS, 'us-east-1', method, path, query, all_headers, self.NOW)
        return text.rpartition('Signature=')[2]

    def test_get_object_of_the_manual(self):
        self.assertEqual(self.sign('GET', '/test.txt', [], Range='bytes=0-9'),
                         'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41')

    def test_bucket_lifecycle_of_the_manual(self):
        self.assertEqual(self.sign('GET', '/', [('lifecycle', '')]),
                         'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543')

    def test_list_objects_of_the_manual(self):
        self.assertEqual(self.sign('GET', '/', [('prefix', 'J'), ('max-keys', '2')]),
                         '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7')


class ClientTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.client = client_from_environment()
        cls.bucket = 's3-' + uuid.uuid4().hex
        cls.client.create_bucket(cls.bucket)

    def error(self, call, *arguments):
        with self.assertRaises(s3.S3Error) as caught:
            call(*arguments)
        return caught.exception

    def with_keys(self, access, secret):
        client = s3.Client(os.environ['RS_TEST_S3'], s3.Keys(access, secret))
        self.addCleanup(client.close)
        return client

    def test_an_object_comes_back_as_it_was_put(self):
        for key in ('plain', "a b+c&d=e?f#g%20h/i//j'(k)*!", 'ключ/\u00e9\U0001f600'):
            with self.subTest(key=key):
                self.client.put(self.bucket, 'odd/' + key, key.encode())
                self.assertEqual(self.client.read(self.bucket, 'odd/' + key), key.encode())
                self.assertEqual(self.client.head(self.bucket, 'odd/' + key), len(key.encode()))
                self.assertIn('odd/' + key, [i.key for i in self.client.list(self.bucket, 'odd/')])

    def test_a_file_is_sent_whole(self):
        with tempfile.TemporaryFile() as file:
            file.write(b'x' * 3000000)
            self.client.put(self.bucket, 'file', file)
        self.assertEqual(self.client.head(self.bucket, 'file'), 3000000)

    def test_a_listing_crosses_pages_in_order(self):
        keys = ['page/%02d' % i for i in range(7)]
        for key in reversed(keys):
            self.client.put(self.bucket, key, b'x')
        self.client.put(self.bucket, 'pagf', b'x')
        self.assertEqual([i.key for i in self.client.list(self.bucket, 'page/', page=3)], keys)

    def test_a_missing_object_is_told_in_one_line(self):
        error = self.error(self.client.read, self.bucket, 'gone')
        self.assertRegex(str(error), r'^S3ServiceException:The specified key does not exist\.,'
                                     r'Status 404,Error NoSuchKey,Rid .*,ExtRid .*,CanRetry 1$')

    def test_a_missing_bucket_is_named_as_such(self):
        error = self.error(lambda: list(self.client.list('no-such-' + self.bucket[:30])))
        self.assertEqual((error.status, error.code), (404, 'NoSuchBucket'))

    def test_a_wrong_secret_is_refused(self):
        client = self.with_keys(os.environ['RS_TEST_S3_KEY'], 'wrong')
        error = self.error(lambda: list(client.list(self.bucket)))
        self.assertEqual((error.status, error.code), (403, 'SignatureDoesNotMatch'))

    def test_an_unknown_key_is_refused(self):
        error = self.error(lambda: list(self.with_keys('AKIANOBODY', 'x').list(self.bucket)))
        self.assertEqual((error.status, error.code), (403, 'InvalidAccessKeyId'))

    def test_no_server_is_an_error_of_its_own(self):
        client = s3.Client('http://127.0.0.1:1', s3.Keys('x', 'x'))
        error = self.error(client.read, self.bucket, 'key')
        self.assertRegex(str(error), r'^S3CurlException: .*, CurlError 7, multiCurlError 0, '
                                     r'CanRetry 1, UserError 0$')


if __name__ == '__main__':
    unittest.main()
