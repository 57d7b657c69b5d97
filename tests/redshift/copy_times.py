"""Dates and times as COPY reads them: in the format of the manual, or as 'auto'.

    parse = timestamp_parser(True, with_zone=False, cast=ask_the_backend)
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

AUTO = 'auto'

ISO = re.compile(rb'(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(\.\d{1,9})?)?)'
                 rb' ?(Z|UTC|GMT|[+-](?:0\d|1[0-5])(?::?[0-5]\d)?)?)?')
STRICT_DATE = re.compile(rb'\d{4}-\d\d-\d\d')
STRICT_TIMESTAMP = re.compile(rb'(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,6})?)()')
STRICT_TIMESTAMPTZ = re.compile(rb'(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,6})?)'
                                rb' ?([+-](?:0?\d|1[0-5])(?::?[0-5]\d)?)?')
TIME = re.compile(rb'(\d\d):(\d\d)(?::(\d\d)(\.\d{1,6})?)?')


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


def date_parser(auto, cast):
    """A parser of DATE: YYYY-MM-DD, or 'auto'."""
    def parse_strict(value):
        return value if STRICT_DATE.fullmatch(value) and is_date(value) else None

    def parse_auto(value):
        match = ISO.fullmatch(value)
        if match and is_date(value):
            return match[1]
        return cast(value, 'date')
    return parse_auto if auto else parse_strict


def timestamp_parser(auto, with_zone, cast):
    """A parser of TIMESTAMP, or TIMESTAMPTZ: the format of the manual, or 'auto'."""
    if auto:
        return auto_timestamp_parser(with_zone, cast)
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
