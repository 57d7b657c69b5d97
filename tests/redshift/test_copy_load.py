"""COPY against a real S3 server: what is loaded, what is refused, and what is written down."""
import socket
import struct
import time
import unittest

from . import wire
from .s3_case import S3Case
from .support import Error

TWO_ROWS = '1|one\n2|two\n'


class LoadTest(S3Case):
    def test_G10_json(self):
        rows = self.load('{"a": 1, "b": "x", "z": 0}\n{"a": 2, "b": {"c": [1]}}\n{"B": "no"}',
                         options="json 'auto'")
        self.assertEqual(rows, [('1', 'x'), ('2', '{"c":[1]}'), (None, None)])

    def test_G10_json_with_jsonpaths(self):
        self.put('paths', '{"jsonpaths": ["$.id", "$.name.first"]}')
        rows = self.load('{"id": 1, "name": {"first": "x"}}', options=f"json '{self.url('paths')}'")
        self.assertEqual(rows, [('1', 'x')])
        self.put('one', '{"jsonpaths": ["$.id"]}')
        self.refused(self.copy_sql('t', 'data', f"json '{self.url('one')}'"), 'XX000',
                     'Number of jsonpaths and the number of columns should match.')
        self.put('index', '{"jsonpaths": ["$.id", "$.name[3]"]}')
        self.refused(self.copy_sql('t', 'data', f"json '{self.url('index')}' maxerror 9"), 'XX000')
        self.assertEqual(self.errors(), [('1216', 'Invalid JSONPath format: Not an array or index '
                                                  'out of range.')])

    def test_G11_long_values(self):
        self.assertEqual(self.load_fails('1|abcdé\n', 'a int, b varchar(5)'),
                         [('1204', 'String length exceeds DDL length')])
        self.assertEqual(self.load('1|abcdé\n', 'a int, b varchar(5)', 'truncatecolumns'),
                         [('1', 'abcd')])

    def test_G12_null_and_empty(self):
        self.assertEqual(self.load('1,\n2,""\n3,\\N\n4,"\\N"\n', options='csv'),
                         [('1', ''), ('2', ''), ('3', None), ('4', '\\N')])
        self.assertEqual(self.load('1,\n2,""\n3,NIL\n4,"NIL"\n', options="csv null as 'NIL'"),
                         [('1', ''), ('2', ''), ('3', None), ('4', 'NIL')])
        self.assertEqual(self.load('1,\n2,""\n', options='csv emptyasnull'),
                         [('1', None), ('2', '')])

    def test_G12_quoted_null_is_a_switch(self):
        self.client.query('standin copy quoted_null on')
        try:
            self.assertEqual(self.load('1,""\n2,"NIL"\n', options="csv emptyasnull null as 'NIL'"),
                             [('1', None), ('2', None)])
        finally:
            self.client.query('standin copy quoted_null off')

    def test_G12_text_comes_through_unharmed(self):
        text = 'q"\t\\ , | \\. é\U0001f600'
        self.assertEqual(self.load('1,"%s\r\n2"\n' % text.replace('"', '""'),
                                   'a int, b varchar(99)', 'csv'), [('1', text + '\r\n2')])
        self.assertEqual(self.load('1,\\.\n', options='csv'), [('1', '\\.')])

    def test_G12_auto_formats_are_what_a_cast_takes(self):
        rows = self.load('1|J2451187\n2|17 Dec 07:37:16 1997\n'
                         '3|20240131 101112\n4|12/17/1997 07:37:16.00 PST\n',
                         'a int, b timestamp', "timeformat 'auto'")
        self.assertEqual(rows, [('1', '1999-01-08 00:00:00'), ('2', '1997-12-17 07:37:16'),
                                ('3', '2024-01-31 10:11:12'), ('4', '1997-12-17 07:37:16')])
        self.assertEqual(self.load_fails('1|now\n', 'a int, b timestamp', "timeformat 'auto'"),
                         [('1206', 'Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]')])

    def test_G12_super(self):
        self.load('1,"{""a"": [1, 2]}"\n', 'a int, b super', 'csv')
        self.assertEqual(self.load_fails('1,abc\n', 'a int, b super', 'csv')[0][0], '1224')

    def test_G12_acceptinvchars_tells_how_many(self):
        self.assertEqual(self.load(b'1|a\xff\n', options="acceptinvchars as '^'"), [('1', 'a^')])
        self.assertIn('1 record(s) were loaded with replacements made for ACCEPTINVCHARS',
                      self.infos()[-1])

    def test_G14_identity_columns(self):
        self.client.query('create table i (id int identity(1,1), b varchar(9))')
        self.put('data', 'x\ny\n')
        self.copy('i')
        self.assertEqual(self.client.rows('select b from i order by id'), [('x',), ('y',)])
        self.refused(self.copy_sql('i (id, b)'), '0A000')
        self.refused(self.copy_sql('i (b)', options='explicit_ids'), '0A000')
        self.put('data', '77|z\n')
        self.copy('i (id, b)', options='explicit_ids')
        self.assertEqual(self.client.value("select id from i where b = 'z'"), '77')


class ErrorsTest(S3Case):
    BAD = '1|one\nx|two\n3|three\n99999999999|four\n5\n'

    def test_G13_the_first_error_ends_the_load(self):
        self.assertEqual(self.load_fails(self.BAD), [
            ('1207', "Invalid digit, Value 'x', Pos 0, Type: Integer")])
        self.assertEqual(self.client.value('select count(*) from t'), '0')

    def test_G13_maxerror_lets_fewer_errors_pass(self):
        self.assertEqual(self.load(self.BAD, options='maxerror 4'), [('1', 'one'), ('3', 'three')])
        self.assertEqual(self.infos()[-2:], [
            "Load into table 't' completed, 2 record(s) loaded successfully.",
            "Load into table 't' completed, 3 record(s) could not be loaded.  Check "
            "'stl_load_errors' system table for details."])
        self.assertEqual(self.errors(), [
            ('1207', "Invalid digit, Value 'x', Pos 0, Type: Integer"),
            ('1222', 'Overflow (Integer valid range -2147483648 to 2147483647)'),
            ('1214', 'Delimiter not found')])
        self.assertEqual(len(self.load_fails(self.BAD, options='maxerror 3')), 3)
        self.assertEqual(len(self.load(self.BAD, options='ignoreallerrors')), 2)

    def test_G13_a_row_of_stl_load_errors_tells_all(self):
        self.load_fails('1|one\nx|two\n')
        columns = ('trim(filename), line_number, trim(colname), trim(type), trim(col_length), '
                   'position, trim(raw_line), trim(raw_field_value), slice')
        self.assertEqual(self.errors(columns), [
            (self.url('data'), '2', 'a', 'int4', '0', '0', 'x|two', 'x', '0')])
        query = self.client.value('select pg_last_copy_id()')
        self.assertEqual(self.client.rows(
            'select trim(file_name), line_number, trim(column_name), error_code from '
            f'sys_load_error_detail where query_id = {query}'),
            [(self.url('data'), '2', 'a', '1207')])
        self.assertEqual(self.client.rows(
            'select field, trim(colname), trim(value) from stl_loaderror_detail where '
            f'query = {query} order by field'), [('0', 'a', 'x'), ('1', 'b', 'two')])

    def test_G13_errors_survive_a_rollback(self):
        self.client.query('create table t (a int, b varchar(20)); begin')
        self.put('data', 'x|two\n')
        self.refused(self.copy_sql('t', 'data'), 'XX000')
        self.refused('select 1', '25P02')
        self.client.query('rollback')
        self.assertEqual(len(self.errors()), 1)

    def test_G14_null_into_not_null(self):
        self.assertEqual(self.load_fails('1|\\N\n', 'a int, b varchar(9) not null'),
                         [('1213', 'Missing data for not-null field')])

    def test_G15_the_last_copy(self):
        self.assertEqual(self.client.rows('select pg_last_copy_count(), pg_last_copy_id()'),
                         [('0', '-1')])
        self.load(TWO_ROWS)
        self.assertEqual(self.infos()[-1],
                         "Load into table 't' completed, 2 record(s) loaded successfully.")
        first = self.client.value('select pg_last_copy_id()')
        self.assertEqual(self.client.value('select pg_last_copy_count()'), '2')
        self.refused(self.copy_sql('t', options='nonsense'), '42601')
        self.refused(self.copy_sql('t', auth=''), 'XX000')
        self.refused(self.copy_sql('t', 'no such prefix'), 'XX000')
        self.assertEqual(self.client.rows('select pg_last_copy_count(), pg_last_copy_id()'),
                         [('2', first)])
        self.load_fails('x|x\n')
        self.assertEqual(self.client.value('select pg_last_copy_count()'), '0')
        self.assertNotEqual(self.client.value('select pg_last_copy_id()'), first)

    def test_G15_the_tag_has_no_count(self):
        self.client.query('create table t (a int, b varchar(20))')
        self.put('data', TWO_ROWS)
        self.assertEqual(self.client.tags(self.copy_sql('t')), ['COPY'])

    def test_G15_histories(self):
        self.load(TWO_ROWS)
        query = self.client.value('select pg_last_copy_id()')
        self.assertEqual(self.client.rows(
            'select trim(table_name), trim(status), loaded_rows, source_file_count from '
            f'sys_load_history where query_id = {query}'), [('t', 'completed', '2', '1')])
        self.assertEqual(self.client.rows(
            f'select trim(filename), lines_scanned from stl_load_commits where query = {query}'),
            [(self.url('data'), '2')])

    def test_G15_noload_loads_nothing(self):
        self.assertEqual(self.load(TWO_ROWS, options='noload'), [])
        self.assertEqual(self.load_fails('x|two\n', options='noload')[0][0], '1207')


class TransactionTest(S3Case):
    def setUp(self):
        super().setUp()
        self.client.query('create table t (a int, b varchar(20))')
        self.put('data', TWO_ROWS)

    def test_G15_copy_goes_with_its_transaction(self):
        self.client.query('begin')
        self.copy('t')
        self.assertEqual(self.client.value('select count(*) from t'), '2')
        self.client.query('rollback')
        self.assertEqual(self.client.value('select count(*) from t'), '0')
        self.assertEqual(self.client.value('select pg_last_copy_count()'), '2')

    def leave(self, *statements):
        """Run statements on a connection that is cut while the last of them, a COPY, runs."""
        other = self.connect()
        for sql in statements[:-1]:
            other.query(sql)
        other.send(wire.message(b'Q', wire.text(statements[-1])))
        other.socket.shutdown(socket.SHUT_RDWR)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if self.client.value('select count(*) from sys_load_history where trim(data_source) = '
                                 f"'{self.url()}'") != '0':
                break
            time.sleep(0.02)
        time.sleep(0.1)
        return self.client.value('select count(*) from t')

    def test_G17_a_client_that_vanishes_leaves_an_autocommit_copy_to_its_end(self):
        self.assertEqual(self.leave(self.copy_sql('t')), '2')

    def test_G17_a_client_that_vanishes_takes_its_transaction_along(self):
        self.assertEqual(self.leave('begin', self.copy_sql('t')), '0')

    def test_A14_a_copy_can_be_cancelled(self):
        self.put('data', '1|one\n' * 2000000)
        self.client.send(wire.message(b'Q', wire.text(self.copy_sql('t'))))
        time.sleep(0.3)
        canceller = socket.create_connection(self.client.socket.getpeername())
        canceller.sendall(struct.pack('!IIII', 16, wire.CANCEL_REQUEST, *self.client.key))
        canceller.close()
        with self.assertRaises(Error) as caught:
            self.client.results()
        self.assertEqual(caught.exception.sqlstate, '57014')
        self.assertEqual(self.client.value('select count(*) from t'), '0')


if __name__ == '__main__':
    unittest.main()
