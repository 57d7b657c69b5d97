"""COPY against a real S3 server: what is loaded, what is refused, and what is written down."""
import socket
import struct
import time
import unittest

from . import wire
from .s3_case import S3Case
from .support import Error

TWO_ROWS = '1,one\n2,two\n'


class LoadTest(S3Case):
    def test_G11_long_values(self):
        self.assertEqual(self.load_fails('1,abcdé\n', 'a int, b varchar(5)'),
                         [('1204', 'String length exceeds DDL length')])

    def test_G12_null_and_empty(self):
        self.assertEqual(self.load('1,\n2,""\n3,\\N\n4,"\\N"\n'),
                         [('1', ''), ('2', ''), ('3', None), ('4', '\\N')])
        self.assertEqual(self.load('1,\n2,""\n3,NIL\n4,"NIL"\n', options="csv null as 'NIL'"),
                         [('1', ''), ('2', ''), ('3', None), ('4', 'NIL')])

    def test_G12_text_comes_through_unharmed(self):
        text = 'q"\t\\ , | \\. é\U0001f600'
        self.assertEqual(self.load('1,"%s\r\n2"\n' % text.replace('"', '""'),
                                   'a int, b varchar(99)'), [('1', text + '\r\n2')])
        self.assertEqual(self.load('1,\\.\n'), [('1', '\\.')])

    def test_G12_auto_formats_are_what_a_cast_takes(self):
        rows = self.load('1,J2451187\n2,17 Dec 07:37:16 1997\n'
                         '3,20240131 101112\n4,12/17/1997 07:37:16.00 PST\n',
                         'a int, b timestamp', "csv timeformat 'auto'")
        self.assertEqual(rows, [('1', '1999-01-08 00:00:00'), ('2', '1997-12-17 07:37:16'),
                                ('3', '2024-01-31 10:11:12'), ('4', '1997-12-17 07:37:16')])
        self.assertEqual(self.load_fails('1,now\n', 'a int, b timestamp', "csv timeformat 'auto'"),
                         [('1206', 'Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]')])

    def test_G12_super(self):
        self.load('1,"{""a"": [1, 2]}"\n', 'a int, b super')
        self.assertEqual(self.load_fails('1,abc\n', 'a int, b super')[0][0], '1224')

    def test_G14_identity_columns(self):
        self.client.query('create table i (id int identity(1,1), b varchar(9))')
        self.put('data', 'x\ny\n')
        self.copy('i')
        self.assertEqual(self.client.rows('select b from i order by id'), [('x',), ('y',)])
        self.refused(self.copy_sql('i (id, b)'), '0A000')
        self.refused(self.copy_sql('i (b)', options='csv explicit_ids'), '0A000')
        self.put('data', '77,z\n')
        self.copy('i (id, b)', options='csv explicit_ids')
        self.assertEqual(self.client.value("select id from i where b = 'z'"), '77')


class ErrorsTest(S3Case):
    BAD = '1,one\nx,two\n3,three\n99999999999,four\n5\n'

    def test_G13_the_first_error_ends_the_load(self):
        self.assertEqual(self.load_fails(self.BAD), [
            ('1207', "Invalid digit, Value 'x', Pos 0, Type: Integer")])
        self.assertEqual(self.client.value('select count(*) from t'), '0')

    def test_G13_a_row_of_stl_load_errors_tells_all(self):
        self.load_fails('1,one\nx,two\n')
        columns = ('trim(filename), line_number, trim(colname), trim(type), trim(col_length), '
                   'position, trim(raw_line), trim(raw_field_value), slice')
        self.assertEqual(self.errors(columns), [
            (self.url('data'), '2', 'a', 'int4', '0', '0', 'x,two', 'x', '0')])
        query = self.client.value('select pg_last_copy_id()')
        self.assertEqual(self.client.rows(
            'select trim(file_name), line_number, trim(column_name), error_code from '
            f'sys_load_error_detail where query_id = {query}'),
            [(self.url('data'), '2', 'a', '1207')])

    def test_G13_errors_survive_a_rollback(self):
        self.client.query('create table t (a int, b varchar(20)); begin')
        self.put('data', 'x,two\n')
        self.refused(self.copy_sql('t', 'data'), 'XX000')
        self.refused('select 1', '25P02')
        self.client.query('rollback')
        self.assertEqual(len(self.errors()), 1)

    def test_G14_null_into_not_null(self):
        self.assertEqual(self.load_fails('1,\\N\n', 'a int, b varchar(9) not null'),
                         [('1213', 'Missing data for not-null field')])

    def test_G15_the_last_copy(self):
        self.assertEqual(self.client.rows('select pg_last_copy_count(), pg_last_copy_id()'),
                         [('0', '-1')])
        self.load(TWO_ROWS)
        self.assertEqual(self.infos()[-1],
                         "Load into table 't' completed, 2 record(s) loaded successfully.")
        first = self.client.value('select pg_last_copy_id()')
        self.assertEqual(self.client.value('select pg_last_copy_count()'), '2')
        self.refused(self.copy_sql('t', options='csv nonsense'), '42601')
        self.refused(self.copy_sql('t', auth=''), 'XX000')
        self.refused(self.copy_sql('t', 'no such prefix'), 'XX000')
        self.assertEqual(self.client.rows('select pg_last_copy_count(), pg_last_copy_id()'),
                         [('2', first)])
        self.load_fails('x,x\n')
        self.assertEqual(self.client.value('select pg_last_copy_count()'), '0')
        self.assertNotEqual(self.client.value('select pg_last_copy_id()'), first)

    def test_G15_the_last_copy_may_have_a_number_that_no_view_has(self):
        self.client.query("standin switch copy_ids 'other'")
        self.load_fails('x,x\n')
        self.client.query("standin switch copy_ids 'query'")
        number = self.client.value('select pg_last_copy_id()')
        self.assertEqual(self.client.rows('select query_id from sys_load_error_detail where '
                                          f'query_id = {number}'), [])
        session = self.client.value('select pg_backend_pid()')
        self.assertEqual(len(self.client.rows(
            f'select line_number from sys_load_error_detail where session_id = {session} and '
            "start_time >= getdate() - interval '9 seconds'")), 1)

    def test_G15_the_tag_has_no_count(self):
        self.client.query('create table t (a int, b varchar(20))')
        self.put('data', TWO_ROWS)
        self.assertEqual(self.client.tags(self.copy_sql('t')), ['COPY'])

    def test_G15_noload_loads_nothing(self):
        self.assertEqual(self.load(TWO_ROWS, options='csv noload'), [])
        self.assertEqual(self.load_fails('x,two\n', options='csv noload')[0][0], '1207')


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
        while time.monotonic() < deadline and self.client.value(
                f'select count(*) from stv_sessions where process = {other.key[0]}') != '0':
            time.sleep(0.02)
        return self.client.value('select count(*) from t')

    def test_G17_a_client_that_vanishes_leaves_an_autocommit_copy_to_its_end(self):
        self.assertEqual(self.leave(self.copy_sql('t')), '2')

    def test_G17_a_client_that_vanishes_takes_its_transaction_along(self):
        self.assertEqual(self.leave('begin', self.copy_sql('t')), '0')

    def test_A14_a_copy_can_be_cancelled(self):
        self.put('data', '1,one\n' * 2000000)
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
