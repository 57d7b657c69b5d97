"""Messages of PostgreSQL's protocol 3.0, as bytes, and a socket read a message at a time."""
import struct

PROTOCOL_3 = 196608
SSL_REQUEST = 80877103
GSS_REQUEST = 80877104
CANCEL_REQUEST = 80877102
MAX_MESSAGE = 1 << 30


def text(value):
    """A C string."""
    return value.encode() + b'\0'


def message(kind, *parts):
    """One message: a letter, its length, and the parts of its body."""
    body = b''.join(parts)
    return kind + struct.pack('!I', len(body) + 4) + body


def error_response(refuse):
    return message(b'E', fields_body(refuse.fields()))


def notice_response(fields):
    return message(b'N', fields_body(fields))


def fields_body(fields):
    return b''.join(code.encode() + text(value) for code, value in fields) + b'\0'


def parse_fields(body):
    """The fields of an error or a notice, as a dictionary."""
    return {part[:1].decode(): part[1:].decode('utf-8', 'replace')
            for part in bytes(body).split(b'\0') if part}


def parameter_status(name, value):
    return message(b'S', text(name), text(value))


def ready(status):
    """ReadyForQuery; status is 'I', 'T' or 'E'."""
    return message(b'Z', status.encode())


def command_complete(tag):
    return message(b'C', text(tag))


def row_description(columns):
    """RowDescription of (name, type's oid, typmod) or of (name, type's oid)."""
    parts = [struct.pack('!H', len(columns))]
    for name, oid, *typmod in columns:
        parts.append(text(name))
        parts.append(struct.pack('!IhIhih', 0, 0, oid, SIZES.get(oid, -1),
                                 typmod[0] if typmod else -1, 0))
    return message(b'T', *parts)


SIZES = {16: 1, 20: 8, 21: 2, 23: 4, 26: 4, 700: 4, 701: 8, 1082: 4, 1114: 8, 1184: 8}


def data_row(values):
    """DataRow of strings, bytes and None."""
    parts = [struct.pack('!H', len(values))]
    for value in values:
        if value is None:
            parts.append(b'\xff\xff\xff\xff')
        else:
            value = value if isinstance(value, bytes) else str(value).encode()
            parts.append(struct.pack('!I', len(value)) + value)
    return message(b'D', *parts)


def parse_row(body):
    """The values of a DataRow, as bytes and None."""
    count, = struct.unpack_from('!H', body)
    at = 2
    values = []
    for _ in range(count):
        length, = struct.unpack_from('!i', body, at)
        at += 4
        if length < 0:
            values.append(None)
        else:
            values.append(bytes(body[at:at + length]))
            at += length
    return values


def parse_description(body):
    """The columns of a RowDescription: lists of name, table, column, type, size, typmod, format."""
    count, = struct.unpack_from('!H', body)
    at = 2
    columns = []
    for _ in range(count):
        end = body.index(b'\0', at)
        columns.append([body[at:end], *struct.unpack_from('!IhIhih', body, end + 1)])
        at = end + 19
    return columns


def pack_description(columns):
    parts = [struct.pack('!H', len(columns))]
    for name, *rest in columns:
        parts.append(name + b'\0' + struct.pack('!IhIhih', *rest))
    return message(b'T', *parts)


class Reader:
    """Takes a message's body apart."""

    def __init__(self, body):
        self.body = body
        self.at = 0

    def string(self):
        end = self.body.index(b'\0', self.at)
        value = self.body[self.at:end]
        self.at = end + 1
        return value

    def number(self, form='!i'):
        value, = struct.unpack_from(form, self.body, self.at)
        self.at += struct.calcsize(form)
        return value

    def take(self, length):
        value = self.body[self.at:self.at + length]
        self.at += length
        return value


class Stream:
    """A socket, buffered in both directions."""

    def __init__(self, socket):
        self.socket = socket
        self.buffer = bytearray()
        self.start = 0
        self.out = []
        self.out_bytes = 0

    def fill(self, wanted):
        """Have at least so many bytes in the buffer."""
        while len(self.buffer) - self.start < wanted:
            if self.start > 1 << 16:
                del self.buffer[:self.start]
                self.start = 0
            data = self.socket.recv(1 << 17)
            if not data:
                raise ConnectionResetError('the peer has gone')
            self.buffer += data

    def take(self, length):
        self.fill(length)
        value = bytes(self.buffer[self.start:self.start + length])
        self.start += length
        if self.start == len(self.buffer):
            self.buffer.clear()
            self.start = 0
        return value

    def read(self):
        """The next message: its letter and its body."""
        head = self.take(5)
        length = struct.unpack_from('!I', head, 1)[0] - 4
        if not 0 <= length < MAX_MESSAGE:
            raise ConnectionResetError('that is no message of the protocol')
        return head[:1], self.take(length)

    def take_run(self, kind):
        """All whole messages of a kind that stand next in the buffer, as they are."""
        buffer = self.buffer
        letter = kind[0]
        at = self.start
        limit = len(buffer) - 5
        while at <= limit and buffer[at] == letter:
            end = at + 1 + int.from_bytes(buffer[at + 1:at + 5], 'big')
            if end > limit + 5:
                break
            at = end
        run = bytes(buffer[self.start:at])
        self.start = at
        if at == len(buffer):
            buffer.clear()
            self.start = 0
        return run

    def write(self, data):
        self.out.append(data)
        self.out_bytes += len(data)
        if self.out_bytes > 1 << 16:
            self.flush()

    def flush(self):
        if self.out:
            data = b''.join(self.out)
            self.out.clear()
            self.out_bytes = 0
            self.socket.sendall(data)
