"""Rules A: connections, parameters, the protocol."""
import socket
import struct
import threading
import time

from . import support, wire
from .backend import extended

REFUSED_PARAMETERS = [('IntervalStyle', 'iso_8601'), ('standard_conforming_strings', 'on'),
                      ('jit', 'off')]


class SessionTest(support.Case):
    def test_A1_without_tls_is_refused_where_tls_is_required(self):
        with support.standin('--require-ssl') as port:
            with self.assertRaises(support.Error) as caught:
                support.Client(port=port, tls=False)
            self.assertEqual(caught.exception.sqlstate, '28000')
            self.assertEqual(caught.exception.message,
                             'no pg_hba.conf entry for host "::ffff:127.0.0.1", user "awsuser", '
                             'database "dev", SSL off')
            self.assertEqual(caught.exception.fields['S'], 'FATAL')
            self.connect(port=port)

    def test_A1_without_tls_is_served_where_it_is_not(self):
        self.assertEqual(self.connect(tls=False).value('select 1'), '1')

    def raw(self, data, port=None):
        """Send bytes to a new connection; what comes back until it is closed, at most 100 bytes."""
        with socket.create_connection(('localhost', int(port or support.CONNINFO['port'])), 5) as s:
            s.sendall(data)
            s.settimeout(5)
            return s.recv(100)

    def test_A2_a_request_for_gss_is_answered_by_the_end(self):
        self.assertEqual(self.raw(struct.pack('!II', 8, wire.GSS_REQUEST)), b'')

    def test_A2_or_by_no_in_the_kind_mode(self):
        with support.standin('--gss', 'kind') as port:
            self.assertEqual(self.raw(struct.pack('!II', 8, wire.GSS_REQUEST), port), b'N')

    def test_A3_tls_without_a_request_for_it_is_closed(self):
        self.assertEqual(self.raw(b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03' + bytes(40)), b'')

    def test_A4_unknown_parameters_end_the_connection(self):
        for name, value in REFUSED_PARAMETERS:
            with self.assertRaises(support.Error) as caught:
                support.Client(**{name: value})
            self.assertEqual((caught.exception.sqlstate, caught.exception.message,
                              caught.exception.fields['S']),
                             ('42704', f'unrecognized configuration parameter "{name}"', 'FATAL'))

    def test_A4_options_are_parameters_too(self):
        with self.assertRaises(support.Error) as caught:
            support.Client(options='-c jit=off')
        self.assertEqual(caught.exception.sqlstate, '42704')
        client = self.connect(options='-c query_group=loads')
        self.assertEqual(client.value('show query_group'), 'loads')

    def test_A4_lc_monetary_is_not_for_users(self):
        with self.assertRaises(support.Error) as caught:
            support.Client(lc_monetary='C')
        self.assertEqual((caught.exception.sqlstate, caught.exception.message),
                         ('42501', 'permission denied to set parameter "lc_monetary" to "C"'))

    def test_A5_extra_float_digits_ends_at_2(self):
        text = '3 is outside the valid range for parameter "extra_float_digits" (-15 .. 2)'
        self.refused('set extra_float_digits to 3', '22023', text)
        with self.assertRaises(support.Error) as caught:
            support.Client(extra_float_digits='3')
        self.assertEqual((caught.exception.sqlstate, caught.exception.message), ('22023', text))
        self.client.query('set extra_float_digits to -15')
        self.client.query('set extra_float_digits = 2')

    def test_A6_parameters_are_those_of_8_0_2(self):
        found = self.client.parameters
        self.assertEqual(found['server_version'], '8.0.2')
        self.assertEqual(found['client_encoding'], 'UNICODE')
        self.assertEqual(found['server_encoding'], 'UNICODE')
        self.assertEqual(found['DateStyle'], 'ISO, MDY')
        self.assertEqual(found['integer_datetimes'], 'on')
        self.assertEqual(found['TimeZone'], 'UTC')
        self.assertEqual(found['is_superuser'], 'on')
        self.assertEqual(found['session_authorization'], 'awsuser')
        self.assertIn('padb_version', found)
        self.assertIn('padb_revision', found)
        for name in ('standard_conforming_strings', 'IntervalStyle', 'server_version_num'):
            self.assertNotIn(name, found)

    def test_A6_utf8_is_told_to_those_who_asked_for_it(self):
        self.assertEqual(self.connect(client_encoding='UTF8').parameters['client_encoding'], 'UTF8')

    def test_A9_there_is_dev_and_no_postgres(self):
        with self.assertRaises(support.Error) as caught:
            support.Client(database='postgres')
        self.assertEqual((caught.exception.sqlstate, caught.exception.message),
                         ('3D000', 'database "postgres" does not exist'))
        with self.assertRaises(support.Error) as caught:
            support.Client(database='nowhere')
        self.assertEqual(caught.exception.sqlstate, '3D000')
        self.assertEqual(self.client.value('select current_database()'), 'dev')

    def test_A10_version_says_redshift(self):
        self.assertRegex(self.client.value('select version()'),
                         r'^PostgreSQL 8\.0\.2 on i686-pc-linux-gnu, .*, Redshift 1\.0\.\d+$')

    def test_A10_parameters_of_newer_servers_are_unknown(self):
        for sql in ('show server_version_num', 'show standard_conforming_strings',
                    'set standard_conforming_strings = on', 'show IntervalStyle'):
            self.refused(sql, '42704', 'unrecognized configuration parameter')

    def test_A10_current_setting_of_the_version_is_for_superusers(self):
        self.assertEqual(self.client.value("select current_setting('server_version')"), '8.0.2')

        self.client.query(f"create user {self.schema} password 'Secret123'")
        try:
            other = self.connect(self.schema, 'Secret123')
            error = self.refused("select current_setting('server_version')", '42501', client=other)
            self.assertEqual(error.message, 'must be superuser to examine "server_version"')
        finally:
            self.client.query(f'drop user {self.schema}')

    def test_A11_parameters_of_redshift_are_set_shown_and_reset(self):
        for name, value in (('query_group', 'loads'), ('statement_timeout', '60000'),
                            ('wlm_query_slot_count', '5'), ('timezone', 'Europe/Berlin'),
                            ('enable_result_cache_for_session', 'off'), ('extra_float_digits', '2'),
                            ('search_path', 'public')):
            self.client.query(f"set {name} to '{value}'")
            self.assertEqual(self.client.value(f'show {name}'), value)
            self.client.query(f'reset {name}')
            self.assertNotEqual(self.client.value(f'show {name}'), value)
        self.client.query('set datestyle to iso')
        self.client.query("set my.parameter to 'x'")

    def test_A11_slots_are_1_to_50(self):
        self.refused('set wlm_query_slot_count to 51', '22023')
        self.refused('set wlm_query_slot_count to 0', '22023')

    def test_A11_set_local_ends_with_its_transaction(self):
        self.client.query('begin')
        self.client.query("set local query_group to 'loads'")
        self.assertEqual(self.client.value('show query_group'), 'loads')
        self.client.query('rollback')
        self.assertEqual(self.client.value('show query_group'), 'default')

    def test_A12_a_statement_over_16_mb_is_refused(self):
        self.refused("select '" + 'x' * (16 << 20) + "'", '54001', 'Statement is too large.')
        self.assertEqual(len(self.client.value("select '" + 'x' * 1000000 + "'")), 1000000)

    def test_A13_at_most_32767_parameters(self):
        marks = ','.join(f'${n}::int' for n in range(1, 32769))
        with self.assertRaises(support.Error) as caught:
            self.client.execute(f'select 1 where 1 in ({marks})', *(['1'] * 32768))
        self.assertEqual(caught.exception.sqlstate, '54000')
        self.assertEqual(self.client.status, 'I')

    def test_A13a_a_parameter_stands_for_a_value_and_nothing_else(self):
        self.client.query('create table t (a int, b varchar(9))')
        for sql in ('select a from t limit $1', 'select a from t offset $1',
                    'select a from t where a in (select a from t where b = $1)',
                    'select a from t where a = (select max(query) from stl_load_errors '
                    'where query = $1)',
                    'select a from t where a in (select 1 from pg_class where relname in '
                    '(select b from t where b = $1))',
                    "select count(*) from (select a from t where b = $1) x",
                    'insert into t select a, b from (select a, b from t where b = $1) x',
                    "select b || $1 from t group by b || $1 order by 1",
                    'select percentile_cont($1) within group (order by a) from t'):
            with self.subTest(sql=sql), self.assertRaises(support.Error) as caught:
                self.client.execute(sql, '1')
            self.assertEqual((caught.exception.sqlstate, caught.exception.message),
                             ('XX000', 'Not implemented'))
            self.assertIn('code:      1001', caught.exception.fields['D'])
            self.assertEqual(self.client.status, 'I')

    def test_A13a_elsewhere_it_is_taken(self):
        self.client.query("create table t (a int, b varchar(9)); insert into t values (1, 'x')")
        for sql in ('select b from t where b = $1 group by b order by b limit 1',
                    'select b from t where b = $1 limit 1 offset 0',
                    'select b from t where b = $1 and a in (select a from t)',
                    "select 'x' where 'pg_class' in (select relname from pg_class where "
                    "relname <> $1)"):
            with self.subTest(sql=sql):
                self.assertEqual(self.client.execute(sql, 'x').rows, [('x',)])

    def test_A13a_limit_takes_a_declared_int4(self):
        self.client.query('create table t (a int); insert into t values (1), (1)')
        sql = 'select a from t limit $1'
        self.client.send(wire.message(b'P', b'\0', wire.text(sql), struct.pack('!HI', 1, 23)),
                         *extended(sql, ['1'])[1:])
        self.assertEqual(self.client.results()[-1].rows, [('1',)])

    def test_A14_a_cancel_request_ends_the_query(self):
        def cancel():
            time.sleep(0.3)
            with socket.create_connection(('localhost', int(support.CONNINFO['port']))) as other:
                other.sendall(struct.pack('!IIII', 16, wire.CANCEL_REQUEST, *self.client.key))

        self.client.query('create table t (n bigint)')
        self.client.query('insert into t values (1)')
        for _ in range(12):
            self.client.query('insert into t select n from t')
        thread = threading.Thread(target=cancel)
        thread.start()
        error = self.refused('select count(*) from t a, t b, t c', '57014')
        thread.join()
        self.assertRegex(error.message, r"^Query \(\d+\) canceled on user's request$")

    def test_A15_tags_count_only_what_changes(self):
        self.client.query('create table t (a int)')
        self.assertEqual(self.client.query('select 1').tag, 'SELECT')
        self.assertEqual(self.client.query('insert into t values (1), (2)').tag, 'INSERT 0 2')
        self.assertEqual(self.client.query('update t set a = 3').tag, 'UPDATE 2')
        self.assertEqual(self.client.query('delete from t').tag, 'DELETE 2')
        self.assertEqual(self.client.query('create table u as select 1 as a').tag, 'SELECT')

    def test_errors_have_all_fields(self):
        error = self.refused('selec 1', '42601', 'syntax error at or near "selec"')
        for code in 'SCMFLRP':
            self.assertIn(code, error.fields)
        self.assertEqual(error.fields['P'], '1')

    def test_several_statements_are_one_transaction(self):
        self.client.query('create table t (a int)')
        with self.assertRaises(support.Error):
            self.client.query('insert into t values (1); insert into t values (2); select 1/0')
        self.assertEqual(self.client.value('select count(*) from t'), '0')
        self.assertEqual(
            self.client.tags('begin; insert into t values (1); commit; select 1'),
            ['BEGIN', 'INSERT 0 1', 'COMMIT', 'SELECT'])

    def test_an_empty_query_has_an_empty_answer(self):
        self.assertEqual(self.client.tags(' -- nothing'), [''])

    def test_extended_queries_take_parameters(self):
        self.client.query('create table t (a int, b varchar(9))')
        self.assertEqual(self.client.execute('insert into t values ($1, $2)', 1, 'x').tag,
                         'INSERT 0 1')
        rows = self.client.execute('select a, b from t where b = $1', 'x')
        self.assertEqual(rows.rows, [('1', 'x')])
        self.assertEqual(rows.tag, 'SELECT')
        self.assertEqual(self.client.status, 'I')

    def test_extended_commands_take_none(self):
        with self.assertRaises(support.Error) as caught:
            self.client.execute('create table t (a varchar($1))', '5')
        self.assertEqual(caught.exception.sqlstate, '42601')
        self.assertEqual(self.client.execute('create table t (a int)').tag, 'CREATE TABLE')
        self.assertEqual(self.client.execute('show query_group').rows, [('default',)])

    def test_extended_errors_skip_to_sync_and_spoil_the_transaction(self):
        self.client.execute('begin')
        self.assertEqual(self.client.status, 'T')
        with self.assertRaises(support.Error):
            self.client.execute('select 1/0')
        self.assertEqual(self.client.status, 'E')
        with self.assertRaises(support.Error) as caught:
            self.client.execute('select 1')
        self.assertEqual(caught.exception.sqlstate, '25P02')
        self.client.execute('rollback')
        self.assertEqual(self.client.status, 'I')

    def test_the_log_has_every_statement(self):
        self.client.query("select 'a secret, perhaps'")
        rows = self.client.rows('standin log')
        self.assertIn((str(self.client.key[0]), 'awsuser', "select 'a secret, perhaps'"),
                      [(row[0], row[2], row[3]) for row in rows])
