"""A small S3 client with a SigV4 of its own: list, get, put, head.

    client = Client("http://127.0.0.1:7480", Keys("AKIA..", "secret"))
    for item in client.list("bucket", "prefix"):   # every page, in key order
        with client.get("bucket", item.key) as body:
            body.read(65536)

It shares nothing with the client under test, so that two readings of SigV4 meet at the server.
Path style only. An error is an S3Error whose text is what Redshift prints of it.
"""
import collections
import datetime
import hashlib
import hmac
import http.client
import os
import ssl
import urllib.parse
import xml.etree.ElementTree

Keys = collections.namedtuple('Keys', 'access secret token', defaults=(None,))
Item = collections.namedtuple('Item', 'key size')

DEFAULT_REGION = 'us-east-1'
TIMEOUT_SECONDS = 60
EMPTY_SHA256 = hashlib.sha256(b'').hexdigest()

# What Amazon says for a code: radosgw leaves <Message> empty.
MESSAGES = {
    'AccessDenied': 'Access Denied',
    'ExpiredToken': 'The provided token has expired.',
    'InvalidAccessKeyId': 'The AWS Access Key Id you provided does not exist in our records.',
    'InvalidToken': 'The provided token is malformed or otherwise invalid.',
    'NoSuchBucket': 'The specified bucket does not exist',
    'NoSuchKey': 'The specified key does not exist.',
    'PermanentRedirect': 'The bucket you are attempting to access must be addressed using the '
                         'specified endpoint. Please send all future requests to this endpoint.',
    'SignatureDoesNotMatch': 'The request signature we calculated does not match the signature '
                             'you provided. Check your key and signing method.',
    'SlowDown': 'Please reduce your request rate.',
}
# What an answer without a body (to HEAD) means.
CODES = {301: 'PermanentRedirect', 403: 'AccessDenied', 404: 'NoSuchKey', 503: 'SlowDown'}


class S3Error(Exception):
    """An answer of S3 that is not a success; str() is Redshift's one-line form of it."""

    def __init__(self, status, code, message='', request_id='', extended_id=''):
        self.status = status
        self.code = code
        self.reason = message or MESSAGES.get(code, code)
        super().__init__('S3ServiceException:%s,Status %d,Error %s,Rid %s,ExtRid %s,CanRetry 1'
                         % (self.reason, status, code, request_id, extended_id))


class Unreachable(S3Error):
    """No answer at all; str() is what the cluster's HTTP client says."""

    def __init__(self, reason):
        super().__init__(0, 'CurlError')
        self.args = ('S3CurlException: %s, CurlError 7, multiCurlError 0, CanRetry 1, UserError 0'
                     % reason,)


def quote(text):
    return urllib.parse.quote(text, safe='-_.~')


def quote_path(key):
    return urllib.parse.quote(key, safe='-_.~/')


def sign(keys, region, method, path, query, headers, now):
    """Return the Authorization header's value for a request.

    path is encoded already; query is a list of encoded (name, value); headers are all signed.
    """
    stamp = now.strftime('%Y%m%dT%H%M%SZ')
    scope = '/'.join((stamp[:8], region, 's3', 'aws4_request'))
    lines = sorted((name.lower(), ' '.join(str(value).split())) for name, value in headers.items())
    names = ';'.join(name for name, _ in lines)
    canonical = '\n'.join((
        method,
        path,
        '&'.join('%s=%s' % pair for pair in sorted(query)),
        ''.join('%s:%s\n' % line for line in lines),
        names,
        dict(lines)['x-amz-content-sha256'],
    ))
    to_sign = '\n'.join(('AWS4-HMAC-SHA256', stamp, scope,
                         hashlib.sha256(canonical.encode()).hexdigest()))
    key = ('AWS4' + keys.secret).encode()
    for part in scope.split('/') + [to_sign]:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return ('AWS4-HMAC-SHA256 Credential=%s/%s,SignedHeaders=%s,Signature=%s'
            % (keys.access, scope, names, key.hex()))


def split_url(url):
    """'s3://bucket/some/key' -> ('bucket', 'some/key'); None when it is not such a URL."""
    if not url.startswith('s3://'):
        return None
    bucket, _, key = url[5:].partition('/')
    return (bucket, key) if bucket else None


class Client:
    """One caller at a time: a connection is kept, and a body being read holds it."""

    def __init__(self, endpoint, keys, region=DEFAULT_REGION, ca_file=None):
        self.url = urllib.parse.urlsplit(endpoint)
        self.ca_file = ca_file
        self.keys = keys
        self.region = region
        self.connection = None

    def close(self):
        if self.connection:
            self.connection.close()
            self.connection = None

    def list(self, bucket, prefix='', page=1000):
        """Yield an Item for each object whose key starts with prefix, in the order of keys."""
        query = {'list-type': '2', 'max-keys': str(page), 'prefix': prefix, 'encoding-type': 'url'}
        while True:
            root = self._xml('GET', bucket, query=query)
            for entry in root.iterfind('{*}Contents'):
                key = urllib.parse.unquote_plus(entry.findtext('{*}Key'))
                yield Item(key, int(entry.findtext('{*}Size')))
            if root.findtext('{*}IsTruncated') != 'true':
                return
            query['continuation-token'] = root.findtext('{*}NextContinuationToken')

    def get(self, bucket, key):
        """Return the object's body as a file; close it before the next call."""
        return self._send('GET', bucket, key)

    def read(self, bucket, key):
        with self.get(bucket, key) as body:
            return body.read()

    def head(self, bucket, key):
        """Return the object's size in bytes."""
        response = self._send('HEAD', bucket, key)
        response.read()
        return int(response.headers['Content-Length'])

    def put(self, bucket, key, body):
        """Store body: bytes, or a seekable binary file which is sent from its start."""
        if isinstance(body, bytes):
            digest, size = hashlib.sha256(body), len(body)
        else:
            digest, size = hashlib.sha256(), body.seek(0, os.SEEK_END)
            body.seek(0)
            for block in iter(lambda: body.read(1 << 20), b''):
                digest.update(block)
            body.seek(0)
        self._send('PUT', bucket, key, body=body, size=size, digest=digest.hexdigest()).read()

    def create_bucket(self, bucket):
        self._send('PUT', bucket).read()

    def _xml(self, method, bucket, query):
        return xml.etree.ElementTree.fromstring(self._send(method, bucket, query=query).read())

    def _send(self, method, bucket, key='', query=None, body=None, size=0, digest=EMPTY_SHA256):
        path = '/' + quote(bucket) + ('/' + quote_path(key) if key else '')
        pairs = [(quote(name), quote(value)) for name, value in (query or {}).items()]
        now = datetime.datetime.now(datetime.timezone.utc)
        headers = {'Host': self.url.netloc, 'x-amz-content-sha256': digest,
                   'x-amz-date': now.strftime('%Y%m%dT%H%M%SZ')}
        if self.keys.token:
            headers['x-amz-security-token'] = self.keys.token
        headers['Authorization'] = sign(self.keys, self.region, method, path, pairs, headers, now)
        if body is not None or method == 'PUT':
            headers['Content-Length'] = str(size)
        target = path + ('?' + '&'.join('%s=%s' % pair for pair in sorted(pairs)) if pairs else '')
        response = self._exchange(method, target, body, headers)
        if response.status >= 300:
            raise self._error(response)
        return response

    def _exchange(self, method, target, body, headers):
        """Send a request; a kept connection may have been closed meanwhile, a fresh one may not."""
        if self.connection is not None:
            try:
                return self._exchange_once(method, target, body, headers)
            except (http.client.HTTPException, OSError):
                self.close()
            if hasattr(body, 'seek'):
                body.seek(0)
        try:
            return self._exchange_once(method, target, body, headers)
        except (http.client.HTTPException, OSError) as error:
            self.close()
            raise Unreachable(error) from None

    def _exchange_once(self, method, target, body, headers):
        if self.connection is None and self.url.scheme == 'https':
            context = ssl.create_default_context(cafile=self.ca_file)
            self.connection = http.client.HTTPSConnection(
                self.url.netloc, timeout=TIMEOUT_SECONDS, context=context)
        elif self.connection is None:
            self.connection = http.client.HTTPConnection(self.url.netloc, timeout=TIMEOUT_SECONDS)
        self.connection.request(method, target, body=body, headers=headers)
        return self.connection.getresponse()

    @staticmethod
    def _error(response):
        text = response.read()
        code, message = CODES.get(response.status, 'InternalError'), ''
        if text.startswith(b'<?xml') or text.startswith(b'<Error'):
            root = xml.etree.ElementTree.fromstring(text)
            code = root.findtext('{*}Code') or root.findtext('Code') or code
            message = root.findtext('{*}Message') or root.findtext('Message') or ''
        return S3Error(response.status, code, message, response.headers.get('x-amz-request-id', ''),
                       response.headers.get('x-amz-id-2', ''))
