"""The files of a COPY: what a prefix or a manifest names, opened and decompressed.

    source = Source(client, storage, copy)
    for file in source.files():                    File(bucket, key, size)
        for block in source.blocks(file): ...      decompressed bytes

A prefix names every object whose key starts with it, manifests and *.bak among them.

Source: copy-parameters-data-source-s3 and loading-data-files-using-manifest of the developer guide.
"""
import collections
import http.client
import json
import zlib

from . import s3
from .errors import system_error
from .storage import listing, reading, s3_failure

File = collections.namedtuple('File', 'bucket key size')
BLOCK_BYTES = 1 << 18

BAD_MANIFEST = 'Problem reading manifest file - '
FULL_PATH = 'COPY with MANIFEST parameter requires full path of an S3 object.'


def gunzip(blocks):
    """Decompressed blocks of one gzip file, of one or many members."""
    member = zlib.decompressobj(wbits=31)
    started = False
    for block in blocks:
        while block:
            if member.eof:
                member, started = zlib.decompressobj(wbits=31), False
            started = True
            yield member.decompress(block)
            block = member.unused_data if member.eof else b''
    if started and not member.eof:
        raise EOFError('unexpected end of file')


def unzstd(blocks):
    import zstandard  # Debian's python3-zstandard; only a COPY or UNLOAD with ZSTD needs it
    stream = zstandard.ZstdDecompressor().decompressobj()
    fed = False
    for block in blocks:
        while block:
            if stream.eof:
                stream = zstandard.ZstdDecompressor().decompressobj()
            fed = True
            try:
                yield stream.decompress(block)
            except zstandard.ZstdError as error:
                raise ValueError(error) from None
            block = stream.unused_data if stream.eof else b''
    if fed and not stream.eof:
        raise EOFError('unexpected end of file')


DECOMPRESSORS = {None: iter, 'GZIP': gunzip, 'ZSTD': unzstd}


def read_blocks(body):
    """The blocks of a response; one that ends early is no end of the file."""
    yield from iter(lambda: body.read(BLOCK_BYTES), b'')
    if body.length:
        raise EOFError('the connection was closed before the end of the object')


class Source:
    def __init__(self, client, storage, copy):
        self.client = client
        self.storage = storage
        self.region = copy.options.get('REGION')
        self.manifest = copy.has('MANIFEST')
        self.compression = copy.settings.compression
        self.bucket, self.prefix = s3.split_url(copy.source) or ('', '')

    def files(self):
        """The files to load, in order; at least one, or a refusal."""
        return self.manifest_files() if self.manifest else self.prefix_files()

    def prefix_files(self):
        found = [File(self.bucket, item.key, item.size)
                 for item in self.list(self.bucket, self.prefix)]
        if not found:
            raise system_error(f"The specified S3 prefix '{self.prefix}' does not exist",
                               location='s3_utility.cpp:568')
        return found

    def list(self, bucket, prefix):
        try:
            self.storage.check_region(bucket, self.region)
            return list(self.client.list(bucket, prefix))
        except s3.S3Error as error:
            raise s3_failure(error, listing(bucket, prefix), 's3_utility.cpp:546') from None

    def manifest_files(self):
        found = []
        entries = self.entries()
        for bucket in sorted({bucket for bucket, _, _ in entries}):
            try:
                self.storage.check_region(bucket, self.region)
            except s3.S3Error as error:
                raise s3_failure(error, listing(bucket, '')) from None
        for bucket, key, mandatory in entries:
            try:
                found.append(File(bucket, key, self.client.head(bucket, key)))
            except s3.S3Error as error:
                if mandatory or error.status != 404:
                    raise s3_failure(error, reading(bucket, key)) from None
        if not found:
            raise system_error('No file of the manifest exists', context=reading(
                self.bucket, self.prefix), location='s3_utility.cpp:0')
        return found

    def entries(self):
        """(bucket, key, mandatory) of each entry of the manifest."""
        try:
            document = json.loads(self.read_manifest())
            entries = [(*s3.split_url(entry['url']), entry.get('mandatory', False))
                       for entry in document['entries']]
            if not all(key and isinstance(needed, bool) for _, key, needed in entries):
                raise ValueError
        except (ValueError, KeyError, TypeError, AttributeError):
            raise system_error(BAD_MANIFEST + 'Invalid manifest format',
                               context=reading(self.bucket, self.prefix),
                               location='s3_utility.cpp:0') from None
        return entries

    def read_manifest(self):
        try:
            self.storage.check_region(self.bucket, self.region)
            return self.client.read(self.bucket, self.prefix)
        except s3.S3Error as error:
            if error.code in ('NoSuchKey', 'AccessDenied') and self.is_prefix():
                raise system_error(FULL_PATH, location='s3_utility.cpp:0') from None
            raise s3_failure(error, reading(self.bucket, self.prefix),
                             prefix=BAD_MANIFEST) from None

    def is_prefix(self):
        """Do objects begin with the manifest's name, although it cannot be read itself?"""
        try:
            return any(self.client.list(self.bucket, self.prefix))
        except s3.S3Error:
            return False

    def blocks(self, file):
        """The content of a file, decompressed."""
        try:
            with self.client.get(file.bucket, file.key) as body:
                yield from DECOMPRESSORS[self.compression](read_blocks(body))
        except s3.S3Error as error:
            raise s3_failure(error, reading(file.bucket, file.key)) from None
        except (zlib.error, http.client.HTTPException, OSError, EOFError, ValueError) as error:
            raise system_error(f'{self.compression or "S3"} error: {error}',
                               context=reading(file.bucket, file.key),
                               location='s3_utility.cpp:0') from None
