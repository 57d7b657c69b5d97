"""Dates and times as COPY reads them: DATEFORMAT and TIMEFORMAT.

    parse = timestamp_parser("auto", with_zone=False, cast=ask_the_backend)
    parse(b"2024-05-01T10:11:12.5Z")  ->  b"2024-05-01 10:11:12.5"
    parse(b"yesterday")               ->  None

A parser takes the bytes of a field and returns text for the backend, or None when the value is
not in the format. 'auto' means, as the manual has it, what a CAST takes; what is not ISO 8601 is
therefore put to cast(text, type), which returns text or None.

Source: automatic-recognition and r_DATEFORMAT_and_TIMEFORMAT_strings of the developer guide. A
zone in a value for TIMESTAMP is ignored (r_Datetime_types says so of every input string).
"""
import datetime
import re

AUTO, EPOCH_SECONDS, EPOCH_MILLISECONDS = 'auto', 'epochsecs', 'epochmillisecs'

ISO = re.compile(rb'(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(\.\d{1,9})?)?)'
                 rb' ?(Z|UTC|GMT|[+-](?:0\d|1[0-5])(?::?[0-5]\d)?)?)?')
STRICT_DATE = re.compile(rb'\d{4}-\d\d-\d\d')
STRICT_TIMESTAMP = re.compile(rb'(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,6})?)()')
STRICT_TIMESTAMPTZ = re.compile(rb'(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,6})?)'
                                rb' ?([+-](?:0?\d|1[0-5])(?::?[0-5]\d)?)?')
TIME = re.compile(rb'(\d\d):(\d\d)(?::(\d\d)(\.\d{1,6})?)?')
INTEGER = re.compile(rb'-?\d{1,16}')
MONTHS = b'jan feb mar apr may jun jul aug sep oct nov dec'.split()
EPOCH = datetime.datetime(1970, 1, 1)

# The parts a format may have, longest first, and what each of them matches.
PARTS = (
    ('YYYY', r'(?P<year>\d{4})'), ('MONTH', r'(?P<name>[A-Za-z]{3,9})'),
    ('HH24', r'(?P<hour>\d{1,2})'), ('HH12', r'(?P<hour12>\d{1,2})'),
    ('MON', r'(?P<name>[A-Za-z]{3,9})'), ('YY', r'(?P<year2>\d{2})'), ('MM', r'(?P<month>\d{1,2})'),
    ('DD', r'(?P<day>\d{1,2})'), ('HH', r'(?P<hour>\d{1,2})'), ('MI', r'(?P<minute>\d{1,2})'),
    ('SS', r'(?P<second>\d{1,2}(?:\.\d{1,6})?)'), ('AM', r'(?P<half>[AaPp][Mm])'),
    ('PM', r'(?P<half>[AaPp][Mm])'),
)
ZONE_PARTS = ('TZ', 'OF')


def is_date(text):
    """Say whether b'YYYY-MM-DD' is a day of the calendar."""
    try:
        datetime.date(int(text[:4]), int(text[5:7]), int(text[8:10]))
    except ValueError:
        return False
    return True


def is_time(text):
    """Say whether b'HH:MM[:SS..]' is a time of day."""
    return text[:2] < b'24' and text[3:5] < b'60' and text[6:8] < b'60'


def compile_format(text):
    """Return a pattern for a format string; ValueError when it has a part COPY does not know."""
    pattern, rest, seen = '', text, set()
    while rest:
        upper = rest.upper()
        if upper.startswith(ZONE_PARTS):
            raise ValueError('a time zone cannot be part of a format: %s' % text)
        for part, expression in PARTS:
            if upper.startswith(part) and expression not in seen:
                seen.add(expression)
                pattern += expression
                rest = rest[len(part):]
                break
        else:
            pattern += re.escape(rest[0]) if rest[0] != '"' else ''
            rest = rest[1:]
    return re.compile(pattern.encode())


def read_with(pattern, value):
    """Return (date, time) of value as ISO text by a pattern of compile_format, or None."""
    match = pattern.fullmatch(value)
    if not match:
        return None
    parts = {name: text for name, text in match.groupdict().items() if text is not None}
    year = int(parts.get('year') or 1970)
    if 'year2' in parts:
        year = int(parts['year2']) + (1900 if int(parts['year2']) >= 70 else 2000)
    month = int(parts.get('month') or 1)
    if 'name' in parts:
        if parts['name'][:3].lower() not in MONTHS:
            return None
        month = MONTHS.index(parts['name'][:3].lower()) + 1
    hour = int(parts.get('hour') or parts.get('hour12') or 0)
    if 'half' in parts:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if parts['half'].lower() == b'pm' else 0)
    second = parts.get('second', b'0').rjust(2, b'0')
    if b'.' in second:
        second = second.rjust(len(second) + 2 - second.index(b'.'), b'0')
    date = b'%04d-%02d-%02d' % (year, month, int(parts.get('day') or 1))
    time = b'%02d:%02d:%s' % (hour, int(parts.get('minute') or 0), second)
    return (date, time) if is_date(date) and is_time(time) else None


def epoch_parser(units_per_second):
    def parse(value):
        if not INTEGER.fullmatch(value):
            return None
        try:
            delta = datetime.timedelta(microseconds=int(value) * 1000000 // units_per_second)
            return (EPOCH + delta).isoformat(' ').encode()
        except OverflowError:
            return None
    return parse


def date_parser(format_text, cast):
    """A parser of DATE; format_text is a format, 'auto' or None for YYYY-MM-DD."""
    if format_text is None:
        return lambda value: value if STRICT_DATE.fullmatch(value) and is_date(value) else None
    if format_text != AUTO:
        pattern = compile_format(format_text)

        def parse(value):
            found = read_with(pattern, value)
            return found and found[0]
        return parse

    def parse_auto(value):
        match = ISO.fullmatch(value)
        if match and is_date(value):
            return match[1]
        return cast(value, 'date')
    return parse_auto


def timestamp_parser(format_text, with_zone, cast):
    """A parser of TIMESTAMP, or TIMESTAMPTZ; format_text None means the format of the manual."""
    if format_text == EPOCH_SECONDS:
        return epoch_parser(1)
    if format_text == EPOCH_MILLISECONDS:
        return epoch_parser(1000)
    if format_text == AUTO:
        return auto_timestamp_parser(with_zone, cast)
    if format_text is not None:
        pattern = compile_format(format_text)

        def parse(value):
            found = read_with(pattern, value)
            return found and b' '.join(found)
        return parse
    strict = STRICT_TIMESTAMPTZ if with_zone else STRICT_TIMESTAMP

    def parse_strict(value):
        match = strict.fullmatch(value)
        return value if match and is_date(match[1]) and is_time(match[2]) else None
    return parse_strict


def auto_timestamp_parser(with_zone, cast):
    type_name = 'timestamptz' if with_zone else 'timestamp'

    def parse(value):
        match = ISO.fullmatch(value)
        if match and is_date(value):
            date, time, fraction, zone = match.groups()
            if time is None:
                return date
            if is_time(time):
                if fraction and len(fraction) > 7:
                    time = time[:8 + 7]
                return b'%s %s%s' % (date, time, zone or b'' if with_zone else b'')
            return None
        return cast(value, type_name)
    return parse


def time_parser(with_zone, cast):
    """A parser of TIME, or TIMETZ."""
    def parse(value):
        match = TIME.fullmatch(value)
        if match:
            return value if is_time(value) else None
        return cast(value, 'timetz' if with_zone else 'time')
    return parse
