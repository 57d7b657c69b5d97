"""How COPY takes files apart and converts values; no server is needed."""
import unittest

from . import copy_json, copy_rows
from .copy_columns import column_converter
from .copy_options import Settings
from .copy_target import Column
from .copy_values import Fault, Quoted, converter


def columns(*types):
    """Columns c0, c1, ... of types such as 'int4', 'varchar(3)' and 'date not null'."""
    made = []
    for at, text in enumerate(types):
        kind, _, rest = text.partition(' ')
        name, _, numbers = kind.partition('(')
        sizes = [int(one) for one in numbers.rstrip(')').split(',')] if numbers else [0]
        made.append(Column(f'c{at}', name, sizes[0], sizes[0], sizes[-1], rest == 'not null'))
    return made


def found(blocks, count=2, **options):
    """The rows of a file of columns of text: fields as bytes, faults as (code, reason)."""
    rows = copy_rows.rows(iter(blocks), Settings(**options), columns(*['varchar(99)'] * count))
    return [(row.code, row.reason) if isinstance(row, Fault) else row for _, _, row in rows]


class RecordsTest(unittest.TestCase):
    def test_G1_a_record_may_be_cut_anywhere_between_blocks(self):
        data = b'a|b\nc|d\r\ne|"f'
        for size in range(1, len(data) + 1):
            blocks = [data[i:i + size] for i in range(0, len(data), size)]
            self.assertEqual(found(blocks), [[b'a', b'b'], [b'c', b'd'], [b'e', b'"f']])

    def test_G1_csv_fields(self):
        cases = [
            (b'a,b', [b'a', b'b']),
            (b'a,', [b'a', b'']),
            (b'"a,1","b\n2"', [b'a,1', b'b\n2']),
            (b'"a ""q""",""', [b'a "q"', b'']),
            (b' "a" ,\t"b"', [b'a', b'b']),
            (b' a ,b ', [b' a ', b'b ']),
        ]
        for data, fields in cases:
            with self.subTest(data=data):
                self.assertEqual(found([data], kind='csv', delimiter=b','), [fields])

    def test_G1_csv_faults(self):
        cases = [
            (b'a"b,c', 1214, 'Invalid quote formatting for CSV'),
            (b'a,"b"t', 1216, 'Missing newline: Unexpected character 0x74 found at location 5'),
            (b'a,"b', 1214, 'Delimited value missing end quote'),
            (b'a', 1214, 'Delimiter not found'),
            (b'a,b,c', 1202, 'Extra column(s) found'),
        ]
        for data, code, reason in cases:
            with self.subTest(data=data):
                self.assertEqual(found([data], kind='csv', delimiter=b','), [(code, reason)])

    def test_G1_a_line_of_many_has_the_number_of_its_last(self):
        rows = copy_rows.rows([b'a,"1\n2\n3"\nb,c\n'], Settings(kind='csv', delimiter=b','),
                              columns('varchar(9)', 'varchar(9)'))
        self.assertEqual([number for number, _, _ in rows], [3, 4])

    def test_G12_escape(self):
        data = b'1|a\\|b\n2|a\\\nb\n3|\\\\\n4|\\N\n'
        self.assertEqual(found([data], escape=True), [
            [b'1', b'a|b'], [b'2', b'a\nb'], [b'3', b'\\'], [b'4', b'\\N']])

    def test_G12_removequotes(self):
        data = b'\'a|b\'|"c"\nd|"e\'s"\n"f|g\n'
        self.assertEqual(found([data], remove_quotes=True), [
            [b'a|b', b'c'], [b'd', b"e's"], (1214, 'Delimited value missing end quote')])

    def test_G12_fillrecord_gives_empty_strings_or_nulls(self):
        self.assertEqual(found([b'a'], 3, fill_record=True), [[b'a', b'', b'']])
        self.assertEqual(found([b'a'], 3, fill_record=True, empty_as_null=True),
                         [[b'a', None, None]])

    def test_G12_ignoreheader_and_ignoreblanklines(self):
        data = b'h|h\n\na|b\n\n'
        self.assertEqual(found([data], ignore_header=1, ignore_blank_lines=True), [[b'a', b'b']])
        self.assertEqual(found([data], ignore_header=2),
                         [[b'a', b'b'], (1214, 'Delimiter not found')])

    def test_G12_fixedwidth_counts_characters(self):
        self.assertEqual(found(['é1234'.encode()], kind='fixed', widths=[2, 3]),
                         [['é1'.encode(), b'234']])

    def test_G12_utf16(self):
        for encoding, codec in (('UTF16', 'utf-16'), ('UTF16LE', 'utf-16-le')):
            self.assertEqual(found(['é|b\n'.encode(codec)], encoding=encoding),
                             [['é'.encode(), b'b']])

    def test_G12_another_encoding_than_the_one_named_is_1221(self):
        self.assertEqual(found([b'abc'], encoding='UTF16LE')[0][0], 1221)

    def test_G11_a_row_over_4_mb_is_a_fault_and_a_pipe_counts_twice(self):
        half = b'x' * (2 << 20)
        self.assertEqual(found([half + b',' + half[:-1]], kind='csv', delimiter=b',')[0][0],
                         half)
        self.assertEqual(found([half + b',' + half], kind='csv', delimiter=b',')[0][0], 1216)
        self.assertEqual(found([half + b'|' + half[:-1]])[0][0], 1216)


class JsonTest(unittest.TestCase):
    def load(self, data, option='auto', paths=None, types=('varchar(99)', 'varchar(99)')):
        settings = Settings(kind='json', json_option=option, json_paths=paths)
        rows = copy_rows.rows([data[i:i + 7] for i in range(0, len(data), 7)], settings,
                              columns(*types))
        return [(number, row.code if isinstance(row, Fault) else row) for number, _, row in rows]

    def test_G10_keys_are_matched_in_lower_case_and_the_rest_is_ignored(self):
        self.assertEqual(self.load(b'{"c0": "x", "C1": 1, "other": 2}\n{"c1": null}'),
                         [(1, [b'x', None]), (2, [None, None])])
        self.assertEqual(self.load(b'{"C0": "x", "C1": 1}', 'auto ignorecase'),
                         [(1, [b'x', b'1'])])

    def test_G10_documents_may_span_lines_and_share_one(self):
        self.assertEqual(self.load(b'{"c0":\n 1\n}{"c0": 2}\n'),
                         [(3, [b'1', None]), (3, [b'2', None])])

    def test_G10_a_nested_value_is_its_json_text(self):
        self.assertEqual(self.load('{"c0": {"a": [1, "é"]}, "c1": true}'.encode()),
                         [(1, ['{"a":[1,"é"]}'.encode(), b'true'])])

    def test_G10_a_super_column_takes_values_as_json(self):
        self.assertEqual(self.load(b'{"c0": "x", "c1": {"a": 1}}', types=('super', 'super')),
                         [(1, [b'"x"', b'{"a":1}'])])

    def test_G10_noshred_takes_the_whole_document(self):
        self.assertEqual(self.load(b'{"A": [1]}', 'noshred', types=('super',)),
                         [(1, [b'{"A":[1]}'])])

    def test_G10_commas_and_an_outer_array_are_faults(self):
        self.assertEqual(self.load(b'{"c0": 1},\n{"c0": 2}'),
                         [(1, [b'1', None]), (1, 1216), (2, [b'2', None])])
        self.assertEqual(self.load(b'[{"c0": 1}]'), [(1, 1216)])

    def test_G10_a_broken_document_costs_its_line(self):
        self.assertEqual(self.load(b'{"c0": 1\n{"c0": 2}\n{"c0": NaN}\n'),
                         [(1, 1216), (2, [b'2', None]), (3, 1216)])

    def test_G10_numbers_pass_through_a_double(self):
        self.assertEqual(self.load(b'{"c0": 0.1234567890123456789, "c1": 12345678901234567890}'),
                         [(1, [b'0.12345678901234568', b'12345678901234567890'])])

    def test_G10_jsonpaths(self):
        data = b'{"jsonpaths": ["$[\'a\'][\'b\'][1]", "$.c.d"]}'
        paths = copy_json.parse_paths(data)
        self.assertEqual(paths, [['a', 'b', 1], ['c', 'd']])
        self.assertEqual(self.load(b'{"a": {"b": [1, 2]}}', 's3://', paths), [(1, [b'2', None])])
        self.assertEqual(self.load(b'{"a": {"b": [1]}}', 's3://', paths), [(1, 1216)])

    def test_G10_a_wrong_outer_key_of_jsonpaths_means_auto(self):
        self.assertIsNone(copy_json.parse_paths(b'{"paths": ["$.a"]}'))


class ValuesTest(unittest.TestCase):
    def convert(self, kind, value, **options):
        options.setdefault('cast', lambda value, name: None)
        return converter(columns(kind)[0], Settings(**options))(value)

    def fault(self, kind, value, code, reason=None, **options):
        with self.assertRaises(Fault, msg=f'{kind} {value}') as caught:
            self.convert(kind, value, **options)
        self.assertEqual(caught.exception.code, code, f'{kind} {value}: {caught.exception}')
        if reason:
            self.assertEqual(caught.exception.reason, reason)

    def test_G12_null_marker_empty_and_blank(self):
        text, number = 'varchar(9)', 'int4'
        cases = [
            (text, b'\\N', {}, b''), (text, Quoted(b'\\N'), {}, b'"\\N"'),
            (text, b'', {}, b'""'), (text, b'', {'empty_as_null': True}, b''),
            (text, Quoted(b''), {'empty_as_null': True}, b'""'),
            (text, Quoted(b''), {'empty_as_null': True, 'quoted_null': True}, b''),
            (text, b'x', {'null_as': b'x'}, b''), (text, Quoted(b'x'), {'null_as': b'x'}, b'"x"'),
            (text, Quoted(b'x'), {'null_as': b'x', 'quoted_null': True}, b''),
            (text, b'  ', {}, b'"  "'), (text, b'  ', {'blanks_as_null': True}, b''),
            (text, b' x ', {'trim_blanks': True}, b'" x"'),
            (number, b'', {}, b''), (number, b'  ', {}, b''), (number, None, {}, b''),
        ]
        for kind, value, options, wanted in cases:
            with self.subTest(kind=kind, value=value, options=options):
                self.assertEqual(self.convert(kind, value, **options), wanted)

    def test_G14_null_into_not_null_is_1213(self):
        for value in (b'', b'\\N', None):
            self.fault('int4 not null', value, 1213, 'Missing data for not-null field')

    def test_G11_lengths_are_bytes(self):
        self.assertEqual(self.convert('varchar(3)', 'aé'.encode()), '"aé"'.encode())
        self.fault('varchar(3)', 'abé'.encode(), 1204, 'String length exceeds DDL length')
        self.assertEqual(self.convert('varchar(3)', 'abé'.encode(), truncate_columns=True),
                         b'"ab"')
        self.fault('bpchar(1)', b'ab', 1204, 'Char length exceeds DDL length')
        self.assertEqual(self.convert('bpchar(1)', b'a   '), b'"a"')

    def test_C6_char_takes_single_bytes_only(self):
        self.fault('bpchar(9)', 'é'.encode(), 1220, 'Multibyte character not supported for CHAR '
                   '(Hint: Try using VARCHAR). Invalid char: c3 a9')

    def test_G12_invalid_utf8_is_1220_or_replaced(self):
        self.fault('varchar(9)', b'a\xa4', 1220, 'String contains invalid or unsupported UTF-8 '
                   'codepoints. Bad UTF-8 hex sequence: a4 (error 3)')
        self.fault('varchar(9)', b'\xed\xa0\x80', 1220)
        self.assertEqual(self.convert('varchar(9)', b'a\xa4b\xff', invalid_chars=b'?'), b'"a?b?"')

    def test_G12_nul_cuts_a_string_and_cannot_begin_it(self):
        self.assertEqual(self.convert('varchar(9)', b'ab\0c'), b'"ab"')
        self.fault('varchar(9)', b'\0c', 1218)
        self.assertEqual(self.convert('varchar(9)', b'\0', null_as=b'\0'), b'')

    def test_G12_integers(self):
        for kind, low, high in (('int2', -32768, 32767), ('int4', -2147483648, 2147483647),
                                ('int8', -9223372036854775808, 9223372036854775807)):
            for number in (low, high, 0, -1):
                self.assertEqual(self.convert(kind, b'%d' % number), b'%d' % number)
            for number in (low - 1, high + 1, 10 ** 40):
                self.fault(kind, b'%d' % number, 1222)
        self.fault('int2', b'40000', 1222, 'Overflow (Short valid range -32768 to 32767)')
        self.fault('int4', b'a', 1207, "Invalid digit, Value 'a', Pos 0, Type: Integer")
        self.fault('int4', b'12.5', 1207, "Invalid digit, Value '.', Pos 2, Type: Integer")
        self.fault('int8', b'true', 1207, "Invalid digit, Value 't', Pos 0, Type: Long")
        self.fault('int4', b'1_000', 1207)

    def test_G12_decimals_are_cut_unless_rounded(self):
        self.assertEqual(self.convert('numeric(8,2)', b'20.259'), b'20.25')
        self.assertEqual(self.convert('numeric(8,2)', b'20.259', round_decimals=True), b'20.26')
        self.assertEqual(self.convert('numeric(8,2)', b'-20.255', round_decimals=True), b'-20.26')
        self.assertEqual(self.convert('numeric(3,0)', b'999.9'), b'999')
        self.fault('numeric(3,0)', b'999.9', 1209, round_decimals=True)
        self.fault('numeric(8,2)', b'1000000', 1209, 'Overflow for NUMERIC(8,2)')
        self.fault('numeric(8,2)', b'1e3', 1207, "Invalid digit, Value 'e', Pos 1, Type: Decimal")
        self.assertEqual(self.convert('numeric(19,0)', b'9223372036854775807'),
                         b'9223372036854775807')
        self.fault('numeric(19,0)', b'9223372036854775808', 1209)
        self.assertEqual(self.convert('numeric(38,10)', b'.5'), b'0.5')

    def test_G12_floats(self):
        for text in (b'1', b'-1.5e10', b'.5', b'1.7976931348623157e308', b'0e-999', b'NaN'):
            self.assertEqual(self.convert('float8', text), text)
        self.fault('float8', b'1e309', 1208)
        self.fault('float8', b'1e-400', 1208)
        self.fault('float4', b'1e39', 1208)
        self.fault('float8', b'x', 1207, "Invalid digit, Value 'x', Pos 0, Type: Double")

    def test_G12_booleans(self):
        for text in (b't', b'TRUE', b'y', b'Yes', b'1'):
            self.assertEqual(self.convert('bool', text), b't')
        for text in (b'f', b'false', b'N', b'no', b'0'):
            self.assertEqual(self.convert('bool', text), b'f')
        self.fault('bool', b'2', 1210, 'Unknown boolean format')

    def test_G12_dates(self):
        self.assertEqual(self.convert('date', b'2024-02-29'), b'2024-02-29')
        self.fault('date', b'2023-02-29', 1205)
        self.fault('date', b'24-1-1', 1205, 'Invalid Date Format - length must be 10 or more')
        self.assertEqual(self.convert('date', b'00/00/00', accept_any_date=True), b'')
        self.assertEqual(self.convert('date', b'01-31-2024', date_format='MM-DD-YYYY'),
                         b'2024-01-31')
        self.assertEqual(self.convert('date', b'2024-02-29T11:12:13Z', date_format='auto'),
                         b'2024-02-29')

    def test_G12_timestamps_in_the_default_format(self):
        self.assertEqual(self.convert('timestamp', b'2024-02-29 11:12:13.123456'),
                         b'2024-02-29 11:12:13.123456')
        self.fault('timestamp', b'2024-02-29T11:12:13Z', 1206,
                   'Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]')
        self.fault('timestamp', b'2024-02-29 25:12:13', 1206)
        self.fault('timestamptz', b'2025-09-22T14:42:59.172000Z', 1206,
                   'Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SSOF]')
        self.assertEqual(self.convert('timestamptz', b'2024-02-29 11:12:13-08'),
                         b'2024-02-29 11:12:13-08')

    def test_G12_timestamps_auto(self):
        auto = {'time_format': 'auto'}
        cases = [
            ('timestamp', b'2024-02-29T11:12:13.5Z', b'2024-02-29 11:12:13.5'),
            ('timestamp', b'2024-02-29 11:12:13+09:00', b'2024-02-29 11:12:13'),
            ('timestamp', b'2024-02-29', b'2024-02-29'),
            ('timestamp', b'2024-02-29T11:12', b'2024-02-29 11:12'),
            ('timestamptz', b'2024-02-29T11:12:13.123456789+0900',
             b'2024-02-29 11:12:13.123456+0900'),
        ]
        for kind, value, wanted in cases:
            with self.subTest(kind=kind, value=value):
                self.assertEqual(self.convert(kind, value, **auto), wanted)
        self.fault('timestamp', b'2024-02-30T00:00:00Z', 1206, **auto)
        self.assertEqual(self.convert('timestamp', b'Jan 8 1999', time_format='auto',
                                      cast=lambda value, name: b'1999-01-08'), b'1999-01-08')

    def test_G12_timestamps_of_epochs_and_formats(self):
        self.assertEqual(self.convert('timestamp', b'1700000000', time_format='epochsecs'),
                         b'2023-11-14 22:13:20')
        self.assertEqual(self.convert('timestamp', b'1700000000123', time_format='epochmillisecs'),
                         b'2023-11-14 22:13:20.123000')
        self.fault('timestamp', b'2024-01-01 00:00:00', 1206, time_format='epochsecs')
        self.assertEqual(self.convert('timestamp', b'03/04/24 1:02:03.5 PM',
                                      time_format='MM/DD/YY HH12:MI:SS AM'),
                         b'2024-03-04 13:02:03.5')

    def test_G12_super_has_to_be_json(self):
        self.assertEqual(self.convert('super', b'{"a": 1}'), b'"{""a"": 1}"')
        for value in (b'{', b'NaN', b'abc'):
            self.fault('super', value, 1224)

    def test_G12_varbyte_is_hexadecimal(self):
        self.assertEqual(self.convert('varbyte(2)', b'0aFF'), b'0aff')
        self.fault('varbyte(1)', b'0aff', 1204)

    def test_C2_other_types_are_1223(self):
        self.fault('geometry', b'x', 1223)


class ColumnsTest(unittest.TestCase):
    """The short ways of copy_columns take and make what copy_values does."""

    VALUES = [
        b'', b' ', b'0', b'-1', b'+1', b'12', b'9999', b'99999', b'32768', b'2147483648', b'1e3',
        b'9' * 18, b'9' * 19, b'9' * 40, b'1.5', b'-1.55555', b'.5', b'1.', b'-', b'.', b'1_0',
        b'nan', b'x', b't', b'true', b'a"b', b'a,b', b'a\nb', b'a\rb', b'\\N', b'\\.', b'abcdefgh',
        Quoted(b''), Quoted(b'\\N'), 'é'.encode(), b'\xc3', b'\xa9', b'a\0b', None,
        b'2024-02-29', b'2023-02-29', b'2024-13-01', b'0000-01-01', b'2024-2-1',
        b'2024-02-29 11:12:13', b'2024-02-29T11:12:13Z', b'2024-02-29T11:12:13.5+09:00',
        b'2024-02-29T24:00:00Z', b'2024-02-29T11:60:13Z', b'2024-02-29T11:12:13.1234567Z',
        b'2024-02-29T11:12:13+16:00', b'2024-02-30 11:12:13', b'2024-02-29T11:12',
    ]
    TYPES = ['int2', 'int4', 'int8', 'numeric(8,2)', 'numeric(19,0)', 'numeric(18,0)', 'float4',
             'float8', 'bool', 'date', 'timestamp', 'timestamptz', 'varchar(7)', 'bpchar(7)',
             'super', 'int4 not null', 'varchar(7) not null']
    SETTINGS = [
        {}, {'time_format': 'auto', 'date_format': 'auto'}, {'empty_as_null': True},
        {'blanks_as_null': True}, {'trim_blanks': True}, {'truncate_columns': True},
        {'invalid_chars': b'?'}, {'accept_any_date': True}, {'null_as': b'12'},
        {'round_decimals': True}, {'quoted_null': True}, {'null_as': None}]

    @staticmethod
    def outcome(call, fields):
        """What the fields become, timestamps in one spelling; or the code of the fault."""
        try:
            return [one.replace(b'T', b' ').removesuffix(b'Z').removesuffix(b'+09:00')
                    if one[4:5] == b'-' else one for one in call(fields)]
        except Fault as fault:
            return fault.code

    def test_G12_many_fields_at_once_are_converted_as_one_by_one(self):
        for kind in self.TYPES:
            for options in self.SETTINGS:
                settings = Settings(cast=lambda value, name: None, **options)
                column = columns(kind)[0]
                convert = converter(column, settings)
                at_once = column_converter(column, settings, convert)
                good = []
                for value in self.VALUES:
                    wanted = self.outcome(lambda fields: [convert(fields[0])], [value])
                    with self.subTest(kind=kind, options=options, value=value):
                        self.assertEqual(self.unquoted(self.outcome(at_once, [value])),
                                         self.unquoted(wanted))
                    if not isinstance(wanted, int):
                        good.append(value)
                for fields in (good, good[:5] * 9):
                    with self.subTest(kind=kind, options=options, fields=fields):
                        self.assertEqual(
                            self.unquoted(self.outcome(at_once, fields)),
                            self.unquoted(self.outcome(lambda all_: [*map(convert, all_)], fields)))

    @staticmethod
    def unquoted(found):
        """CSV fields without the quotes that they need not have."""
        return found if isinstance(found, int) else [
            one[1:-1] if len(one) > 2 and one[:1] == b'"' and
            not set(one[1:-1]) & set(b'",\r\n\\') else one for one in found]


if __name__ == '__main__':
    unittest.main()
