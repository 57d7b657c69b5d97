"""How COPY takes files apart and converts values; no server is needed."""
import unittest

from .copy_columns import column_converter
from .copy_options import Settings
from .copy_records import rows
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
    every = rows(iter(blocks), Settings(**options), columns(*['varchar(99)'] * count))
    return [(row.code, row.reason) if isinstance(row, Fault) else row for _, _, row in every]


class RecordsTest(unittest.TestCase):
    def test_G1_a_record_may_be_cut_anywhere_between_blocks(self):
        data = b'a|b\nc|d\r\ne|"f|"'
        for size in range(1, len(data) + 1):
            blocks = [data[i:i + size] for i in range(0, len(data), size)]
            self.assertEqual(found(blocks), [[b'a', b'b'], [b'c', b'd'], [b'e', b'f|']])

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
                self.assertEqual(found([data], csv=True, delimiter=b','), [fields])

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
                self.assertEqual(found([data], csv=True, delimiter=b','), [(code, reason)])

    def test_G1_a_line_of_many_has_the_number_of_its_last(self):
        every = rows([b'a,"1\n2\n3"\nb,c\n'], Settings(csv=True, delimiter=b','),
                     columns('varchar(9)', 'varchar(9)'))
        self.assertEqual([number for number, _, _ in every], [3, 4])

    def test_G12_escape(self):
        data = b'1|a\\|b\n2|a\\\nb\n3|\\\\\n4|\\N\n'
        self.assertEqual(found([data]), [
            [b'1', b'a|b'], [b'2', b'a\nb'], [b'3', b'\\'], [b'4', b'\\N']])

    def test_G12_removequotes(self):
        data = b'\'a|b\'|"c"\nd|"e\'s"\n"f|g\n"h\\"i"|\\N\n'
        self.assertEqual(found([data]), [
            [b'a|b', b'c'], [b'd', b"e's"], (1214, 'Delimited value missing end quote'),
            [b'h"i', b'\\N']])

    def test_G11_a_row_over_4_mb_is_a_fault_and_a_pipe_counts_twice(self):
        half = b'x' * (2 << 20)
        self.assertEqual(found([half + b',' + half[:-1]], csv=True, delimiter=b',')[0][0],
                         half)
        self.assertEqual(found([half + b',' + half], csv=True, delimiter=b',')[0][0], 1216)
        self.assertEqual(found([half + b'|' + half[:-1]])[0][0], 1216)


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
            (text, b'', {}, b'""'), (text, b'', {'null_as': b''}, b''),
            (text, Quoted(b''), {'null_as': b''}, b'""'),
            (text, b'x', {'null_as': b'x'}, b''), (text, Quoted(b'x'), {'null_as': b'x'}, b'"x"'),
            (text, b'  ', {}, b'"  "'), (number, b'', {}, b''), (number, b'  ', {}, b''),
        ]
        for kind, value, options, wanted in cases:
            with self.subTest(kind=kind, value=value, options=options):
                self.assertEqual(self.convert(kind, value, **options), wanted)

    def test_G14_null_into_not_null_is_1213(self):
        for value in (b'', b'\\N'):
            self.fault('int4 not null', value, 1213, 'Missing data for not-null field')

    def test_G11_lengths_are_bytes(self):
        self.assertEqual(self.convert('varchar(3)', 'aé'.encode()), '"aé"'.encode())
        self.fault('varchar(3)', 'abé'.encode(), 1204, 'String length exceeds DDL length')
        self.fault('bpchar(1)', b'ab', 1204, 'Char length exceeds DDL length')
        self.assertEqual(self.convert('bpchar(1)', b'a   '), b'"a"')

    def test_C6_char_takes_single_bytes_only(self):
        self.fault('bpchar(9)', 'é'.encode(), 1220, 'Multibyte character not supported for CHAR '
                   '(Hint: Try using VARCHAR). Invalid char: c3 a9')

    def test_G12_invalid_utf8_is_1220(self):
        self.fault('varchar(9)', b'a\xa4', 1220, 'String contains invalid or unsupported UTF-8 '
                   'codepoints. Bad UTF-8 hex sequence: a4 (error 3)')
        self.fault('varchar(9)', b'\xed\xa0\x80', 1220)

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

    def test_G12_decimals_are_cut(self):
        self.assertEqual(self.convert('numeric(8,2)', b'20.259'), b'20.25')
        self.assertEqual(self.convert('numeric(3,0)', b'999.9'), b'999')
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
        self.assertEqual(self.convert('date', b'2024-02-29T11:12:13Z', auto_dates=True),
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
        auto = {'auto_times': True}
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
        self.assertEqual(self.convert('timestamp', b'Jan 8 1999', auto_times=True,
                                      cast=lambda value, name: b'1999-01-08'), b'1999-01-08')

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
        Quoted(b''), Quoted(b'\\N'), 'é'.encode(), b'\xc3', b'\xa9', b'a\0b',
        b'2024-02-29', b'2023-02-29', b'2024-13-01', b'0000-01-01', b'2024-2-1',
        b'2024-02-29 11:12:13', b'2024-02-29T11:12:13Z', b'2024-02-29T11:12:13.5+09:00',
        b'2024-02-29T24:00:00Z', b'2024-02-29T11:60:13Z', b'2024-02-29T11:12:13.1234567Z',
        b'2024-02-29T11:12:13+16:00', b'2024-02-30 11:12:13', b'2024-02-29T11:12',
    ]
    TYPES = ['int2', 'int4', 'int8', 'numeric(8,2)', 'numeric(19,0)', 'numeric(18,0)', 'float4',
             'float8', 'bool', 'date', 'timestamp', 'timestamptz', 'varchar(7)', 'bpchar(7)',
             'super', 'int4 not null', 'varchar(7) not null']
    SETTINGS = [{}, {'auto_times': True, 'auto_dates': True}, {'null_as': b'12'}, {'null_as': b''}]

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
