"""Names of 58 to 127 bytes, which PostgreSQL would cut at 63: a short name stands for each.

The short name is the beginning of the long one, "~z" and a hash; the pairs are kept in a table, so
that they outlive the stand-in. Whatever leaves PostgreSQL is put back by outward(). 6 of the 63 bytes are
for "group:" or "role:" before the name of such.
"""
import hashlib
import re
import threading

LIMIT = 57
PREFIXES = ('group:', 'role:')
MARK = b'~z'
HASH_LETTERS = 18
FOUND = re.compile(r'~z([0-9a-f]{%d})' % HASH_LETTERS)


class Names:
    """All long names of one stand-in, by the hash that stands for them."""

    def __init__(self, backend=None, lock=None):
        self.backend = backend
        self.lock = lock or threading.Lock()  # of the backend, where others use it too
        self.long = {}  # hash -> (the short name's beginning, the long name)
        if backend:
            for (name,) in backend.query('SELECT name FROM standin.long_names').rows:
                self.remember(name)

    def remember(self, name):
        digest = hashlib.sha1(name.encode()).hexdigest()[:HASH_LETTERS]
        begin = name.encode()[:LIMIT - HASH_LETTERS - len(MARK)].decode('utf-8', 'ignore')
        known = digest in self.long
        self.long[digest] = (begin, name)
        return f'{begin}{MARK.decode()}{digest}', known

    def inward(self, name):
        """The name that PostgreSQL is to see."""
        for prefix in PREFIXES:
            if name.startswith(prefix):
                return prefix + self.inward(name[len(prefix):])
        if len(name) * 4 <= LIMIT or len(name.encode()) <= LIMIT:
            return name
        with self.lock:
            short, known = self.remember(name)
            if not known and self.backend:
                self.backend.query('INSERT INTO standin.long_names VALUES ($1) '
                                   'ON CONFLICT DO NOTHING', [name])
        return short

    def outward(self, text):
        """A text of PostgreSQL with the long names in it again."""
        if not self.long or MARK.decode() not in text:
            return text
        parts = []
        done = 0
        for match in FOUND.finditer(text):
            begin, name = self.long.get(match.group(1), (None, None))
            if name is not None and text[done:match.start()].endswith(begin):
                parts += [text[done:match.start() - len(begin)], name]
                done = match.end()
        return ''.join(parts) + text[done:]

    def literal_inward(self, text):
        """A literal in a query of the catalog, in which long names may stand."""
        if not self.long or len(text) * 4 <= LIMIT:
            return text
        with self.lock:
            names = sorted((name for _, name in self.long.values()), key=len, reverse=True)
        for name in names:
            if name in text:
                text = re.sub(rf'(?<![\w$]){re.escape(name)}(?![\w$])',
                              lambda match: self.inward(match.group()), text)
        return text
