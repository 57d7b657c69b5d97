"""A statement, and a reader that takes its tokens apart from left to right."""
import os

from . import lexer
from .errors import syntax_error

RESERVED_FILE = os.path.join(os.path.dirname(__file__), 'reserved-words.txt')
with open(RESERVED_FILE, encoding='ascii') as lines:
    RESERVED = frozenset(line.strip().upper() for line in lines if line.strip())


class Statement:
    """One statement: all its tokens, those that are no blanks, and its text."""

    def __init__(self, tokens):
        while tokens and tokens[0].kind == lexer.BLANK:
            tokens = tokens[1:]
        while tokens and tokens[-1].kind == lexer.BLANK:
            tokens = tokens[:-1]
        self.all_tokens = tokens
        self.tokens = [token for token in tokens if token.kind != lexer.BLANK]

    @property
    def text(self):
        return ''.join(token.text for token in self.all_tokens)

    @property
    def words(self):
        """The leading words in upper case, up to four."""
        found = []
        for token in self.tokens[:4]:
            if token.kind != lexer.WORD:
                break
            found.append(token.text.upper())
        return tuple(found)


class Reader:
    """Reads a statement. What is not there is a syntax error at the token that stands there."""

    def __init__(self, statement, at=0):
        self.statement = statement
        self.tokens = statement.tokens
        self.at = at

    @classmethod
    def of(cls, tokens):
        """A reader of some tokens."""
        return cls(Statement(tokens))

    def peek(self, ahead=0):
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else None

    def error(self):
        """The syntax error to raise for the token that stands here."""
        return syntax_error(self.peek())

    def next(self):
        token = self.peek()
        if token is None:
            raise syntax_error()
        self.at += 1
        return token

    def at_words(self, *words):
        """Do these words stand here?"""
        for ahead, word in enumerate(words):
            token = self.peek(ahead)
            if token is None or not token.is_word(word):
                return False
        return True

    def take(self, *words):
        """Take these words if they all stand here; say whether they did."""
        if not self.at_words(*words):
            return False
        self.at += len(words)
        return True

    def take_any(self, *words):
        """Take one of these words: the word, or None."""
        token = self.peek()
        if token is not None and token.is_word(*words):
            self.at += 1
            return token.text.upper()
        return None

    def expect(self, *words):
        for word in words:
            if not self.take(word):
                raise self.error()

    def take_operator(self, text):
        token = self.peek()
        if token is None or not token.is_operator(text):
            return False
        self.at += 1
        return True

    def expect_operator(self, text):
        if not self.take_operator(text):
            raise self.error()

    def name(self, reserved=False):
        """A name, folded and cut; a reserved word is none unless quoted or so asked for."""
        token = self.peek()
        if token is None or not token.is_name:
            raise self.error()
        if token.kind == lexer.WORD and not reserved and token.text.upper() in RESERVED:
            raise self.error()
        self.at += 1
        return token.value

    def user_name(self):
        """A user's name: one in quotes keeps its case (B3)."""
        token = self.peek()
        name = self.name()
        return token.text[1:-1].replace('""', '"') if token.kind == lexer.QUOTED else name

    def qualified(self):
        """[schema.]name: (schema or None, name). A database before the schema is dropped."""
        parts = [self.name()]
        while self.take_operator('.'):
            parts.append(self.name(reserved=True))
        if len(parts) > 3:
            raise self.error()
        return (parts[-2] if len(parts) > 1 else None), parts[-1]

    def names(self):
        """(name, name, ...)."""
        self.expect_operator('(')
        found = [self.name()]
        while self.take_operator(','):
            found.append(self.name())
        self.expect_operator(')')
        return found

    def string(self):
        """A literal's characters."""
        token = self.peek()
        if token is None or token.kind != lexer.STRING:
            raise self.error()
        self.at += 1
        return token.value

    def integer(self):
        """A whole number, perhaps with a sign."""
        start = self.at
        sign = -1 if self.take_operator('-') else 1
        token = self.peek()
        if token is None or token.kind != lexer.NUMBER or not token.text.isdigit():
            self.at = start
            raise self.error()
        self.at += 1
        return sign * int(token.text)

    def parenthesized(self):
        """Skip ( ... ), nested: the tokens within."""
        self.expect_operator('(')
        start = self.at
        depth = 1
        while depth:
            token = self.next()
            depth += token.is_operator('(') - token.is_operator(')')
        return self.tokens[start:self.at - 1]

    def ended(self):
        return self.peek() is None

    def end(self):
        """The statement has to end here."""
        if not self.ended():
            raise self.error()
