"""The fault switches, and rules A16, F9 and F10: each seen through a client."""
import errno
import socket
import threading
import time

from . import support
from .s3_case import S3Case

GOOD = 'Abcdefg1'


class FaultsTest(support.Case):
    """self.client sets the switches, self.other is struck."""

    def setUp(self):
        super().setUp()
        self.other = self.connect()
        self.client.query('create table t (a int)')

    def tearDown(self):
        self.client.query('standin clear')
        self.other.close()
        super().tearDown()

    def fault(self, words):
        self.client.query(f'standin fault {words}')

    def fails(self, sql, sqlstate, message, client=None):
        error = self.refused(sql, sqlstate, client=client or self.other)
        self.assertEqual(error.message, message)
        return error

    def lost(self, sql):
        """Send a statement whose connection is lost, and come back with another one."""
        with self.assertRaises(ConnectionError):
            self.other.query(sql)
        self.other.close()
        self.other = self.connect()

    def rows(self):
        return self.client.rows('select a from t order by a')

    def waits_for(self, condition):
        for _ in range(200):
            if condition():
                return
            time.sleep(0.02)
        self.fail('it did not come to that')

    # ---- Errors ------------------------------------------------------------------------------

    def test_F9_a_serializable_violation_is_1023(self):
        self.fault('serializable on insert')
        error = self.fails('insert into t values (1)', 'XX000', '1023')
        self.assertRegex(error.fields['D'], r'^Serializable isolation violation on table - \d+, '
                         r'transactions forming the cycle are: \d+, \d+ \(pid:\d+\)$')
        self.other.query('insert into t values (2)')
        self.assertEqual(self.rows(), [('2',)])

    def test_F9_a_violation_at_COMMIT_has_ended_the_transaction(self):
        self.fault('serializable on commit')
        self.other.query('begin')
        self.other.query('insert into t values (1)')
        self.fails('commit', 'XX000', '1023')
        self.assertEqual(self.other.status, 'I')
        self.assertEqual(self.rows(), [])

    def test_F9_within_a_transaction_it_spoils_that(self):
        self.fault('serializable on insert')
        self.other.query('begin')
        self.fails('insert into t values (1)', 'XX000', '1023')
        self.assertEqual(self.other.status, 'E')
        self.refused('select 1', '25P02', client=self.other)
        self.other.query('rollback')

    def test_F9_1018_and_conflicts_of_the_catalog(self):
        self.fault('snapshot')
        self.assertEqual(self.fails('select * from t', 'XX000', '1018').fields['D'],
                         'Relation does not exist')
        self.fault('catalog on alter table')
        self.other.query('select 1')
        self.fails('alter table t add column b int', 'XX000',
                   'could not complete because of conflict with concurrent transaction')

    def test_F10_resize_mode_refuses_every_write(self):
        self.fault('resize')
        for sql in ('insert into t values (1)', 'delete from t', 'create table u (a int)',
                    'drop table t', 'truncate t'):
            self.fails(sql, '57014', 'Cannot execute write query because system is in resize mode')
        self.assertEqual(self.other.rows('select * from t'), [])
        self.client.query('standin clear')
        self.other.query('insert into t values (1)')

    def test_F10_a_full_disk_has_code_1016(self):
        self.fault('disk on insert')
        error = self.fails('insert into t values (1)', 'XX000', 'Disk Full')
        self.assertRegex(error.fields['D'], r'code: +1016')
        self.refused('insert into t values (1)', 'XX000', 'Disk Full', self.other)

    def test_F10_other_refusals(self):
        self.fault('permission on select')
        self.fails('select 1', '42501', 'permission denied for relation standin_fault')
        self.fault('tables')
        self.other.query('select 1')
        error = self.fails('create table u (a int)', 'XX000', '1040')
        self.assertIn('Maximum tables limit exceeded', error.fields['D'])
        self.fault("error '22023' 'of my own'")
        self.fails('select 1', '22023', 'of my own')

    # ---- Which statement ---------------------------------------------------------------------

    def test_F9_the_nth_statement_of_all_connections_fails(self):
        third = self.connect()
        self.fault('serializable at 3')
        self.other.query('select 1')
        third.query('select 2')
        self.fails('select 3', 'XX000', '1023')
        third.query('select 4')

    def test_F9_a_loop_can_fail_each_statement_in_turn(self):
        def work(client):
            client.query('begin')
            client.query('insert into t values (1)')
            client.query('commit')

        self.client.query('standin mark')
        work(self.other)
        count = int(self.client.value('standin statements'))
        self.assertEqual(count, 3)
        self.assertEqual(self.client.value('standin statements on insert'), '1')
        for number in range(1, count + 1):
            self.client.query('truncate t')
            self.fault(f'serializable at {number}')
            with self.assertRaises(support.Error):
                work(self.other)
            if self.other.status != 'I':
                self.other.query('rollback')
            self.assertEqual(self.rows(), [], number)
            self.client.query('standin clear')

    def test_F9_a_regular_expression_picks_the_statement(self):
        self.fault(r"serializable on 'values \\(2\\)' at 2")
        for value in (1, 2, 3):
            self.other.query(f'insert into t values ({value})')
        self.fails('insert into t values (2)', 'XX000', '1023')
        self.assertEqual(self.client.rows('standin faults')[0][0::2], ('SERIALIZABLE', '2', '1'))

    def test_F9_ALWAYS_strikes_again_and_again(self):
        self.fault('serializable on insert always')
        for _ in range(3):
            self.fails('insert into t values (1)', 'XX000', '1023')

    def test_F9_the_extended_protocol_counts_a_statement_once(self):
        self.client.query('standin mark')
        self.other.execute('select $1::int', '1')
        self.other.execute('begin')
        self.other.execute('rollback')
        self.assertEqual(self.client.value('standin statements'), '3')
        self.fault('serializable on select')
        with self.assertRaises(support.Error) as caught:
            self.other.execute('select $1::int', '1')
        self.assertEqual(caught.exception.message, '1023')

    def test_F9_an_ANSWER_stands_for_the_statement_in_both_protocols(self):
        self.fault("answer 'other' on 'from t |into t'")
        self.assertEqual(self.client.value('insert into t values (1)'), 'other')
        self.assertEqual(self.client.value('select a from t limit 1'), 'other')
        self.assertEqual(self.other.execute('select a from t limit $1', '1').rows, [('other',)])
        self.client.query('standin clear')
        self.assertEqual(self.client.rows('select a from t'), [])

    def test_F9_a_mistake_in_a_switch_is_a_syntax_error(self):
        for words in ('fault nonsense', 'fault drop nowhere', 'fault', 'fault serializable at x',
                      'nonsense'):
            self.syntax_error(f'standin {words}')

    # ---- Connections -------------------------------------------------------------------------

    def test_F9_a_connection_dropped_BEFORE_has_done_nothing(self):
        self.fault('drop before on insert')
        self.lost('insert into t values (1)')
        self.assertEqual(self.rows(), [])

    def test_F9_a_connection_dropped_AFTER_has_done_it(self):
        self.fault('drop after on insert')
        self.lost('insert into t values (1)')
        self.assertEqual(self.rows(), [('1',)])

    def test_F9_dropped_AFTER_COMMIT_is_committed(self):
        self.fault('drop after on commit')
        self.other.query('begin')
        self.other.query('insert into t values (1)')
        self.lost('commit')
        self.assertEqual(self.rows(), [('1',)])

    def test_F9_dropped_BEFORE_COMMIT_is_not(self):
        self.fault('drop before on commit')
        self.other.query('begin')
        self.other.query('insert into t values (1)')
        self.lost('commit')
        self.assertEqual(self.rows(), [])

    def test_F9_dropped_DURING_a_statement_it_runs_to_its_end(self):
        self.fault('drop during on insert')
        self.lost('insert into t values (1)')
        self.waits_for(lambda: self.rows() == [('1',)])

    def test_F9_dropped_DURING_one_of_a_transaction_all_is_undone(self):
        self.fault('drop during on insert')
        self.other.query('begin')
        number = self.other.key[0]
        self.lost('insert into t values (1)')
        self.waits_for(lambda: self.client.value(
            f'select count(*) from stv_sessions where process = {number}') == '0')
        self.assertEqual(self.rows(), [])

    def test_F9_psql_sees_a_lost_connection_too(self):
        self.fault(f'drop after on insert')
        status, _, said = support.psql('-c', f'insert into {self.schema}.t values (1)')
        self.assertEqual(status, 2)
        self.assertRegex(said, 'server closed the connection unexpectedly|SSL SYSCALL error|lost')
        self.assertEqual(self.rows(), [('1',)])

    def test_F9_psql_sees_an_error(self):
        self.fault('serializable on insert')
        status, _, said = support.psql('-v', 'VERBOSITY=verbose', '-c',
                                       f'insert into {self.schema}.t values (1)')
        self.assertEqual(status, 1)
        self.assertIn('ERROR:  XX000: 1023', said)

    def test_F9_a_crash_ends_all_other_sessions(self):
        third = self.connect()
        third.query('begin')
        third.query('insert into t values (1)')
        self.client.query('standin crash')
        for client in (self.other, third):
            with self.assertRaises(ConnectionError):
                client.query('select 1')
        self.assertEqual(self.rows(), [])

    # ---- Silence and slowness ----------------------------------------------------------------

    def test_A16_a_silent_statement_is_never_answered(self):
        self.fault('silence on select')
        self.other.socket.settimeout(0.4)
        with self.assertRaises(TimeoutError):
            self.other.query('select 1')
        self.client.query('standin clear')
        self.other.socket.settimeout(10)
        with self.assertRaises(ConnectionError):
            self.other.results()

    def test_A16_a_silent_login(self):
        self.client.query('standin silent login')
        started = time.monotonic()
        found = []
        thread = threading.Thread(target=lambda: found.append(self.lost_login()))
        thread.start()
        thread.join(0.4)
        self.assertTrue(thread.is_alive())
        self.client.query('standin clear')
        thread.join(10)
        self.assertEqual(found, [True])
        self.assertGreater(time.monotonic() - started, 0.4)
        self.connect()

    def lost_login(self):
        try:
            support.Client()
        except ConnectionError:
            return True
        return False

    def test_A16_a_silent_port(self):
        self.client.query('standin silent accept')
        with socket.create_connection(('localhost', int(support.CONNINFO['port'])), 5) as silent:
            silent.sendall(b'\0\0\0\x08\x04\xd2\x16\x2f')
            silent.settimeout(0.4)
            with self.assertRaises(TimeoutError):
                silent.recv(1)

    def test_A16_an_idle_connection_is_lost_without_a_word(self):
        for tls in (True, False):
            other = self.connect(tls=tls)
            self.client.query('standin idle drop 300')
            time.sleep(0.6)
            self.keep_alive(other.socket)
            started = time.monotonic()
            with self.assertRaises(OSError) as caught:
                other.query('select 1')
            # A FIN or an RST would have come at once: only the client's own patience told it.
            self.assertGreater(time.monotonic() - started, 0.5)
            if not tls:  # Python's TLS takes every end for an end of file
                self.assertEqual(caught.exception.errno, errno.ETIMEDOUT)
            self.client.query('standin clear')

    def test_A16_a_long_statement_is_idle_too(self):
        other = self.connect(tls=False)
        self.fault("delay 600 on insert")
        self.client.query('standin idle drop 300')
        other.socket.settimeout(1.2)
        with self.assertRaises(TimeoutError):
            other.query('insert into t values (1)')
        self.assertEqual(self.rows(), [('1',)])

    @staticmethod
    def keep_alive(connection):
        for option, value in ((socket.TCP_KEEPIDLE, 1), (socket.TCP_KEEPINTVL, 1),
                              (socket.TCP_KEEPCNT, 2), (socket.TCP_USER_TIMEOUT, 600)):
            connection.setsockopt(socket.IPPROTO_TCP, option, value)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)

    def test_A16_a_delay_of_each_statement(self):
        self.fault('delay 300 on select')
        for _ in range(2):
            started = time.monotonic()
            self.other.query('select 1')
            self.assertGreater(time.monotonic() - started, 0.29)
        started = time.monotonic()
        self.other.query('insert into t values (1)')
        self.assertLess(time.monotonic() - started, 0.29)

    def test_A16_a_delay_ends_with_clear(self):
        self.fault('delay 20000 on select')
        started = time.monotonic()
        thread = threading.Thread(target=self.other.query, args=('select 1',))
        thread.start()
        time.sleep(0.2)
        self.client.query('standin clear')
        thread.join(10)
        self.assertFalse(thread.is_alive())
        self.assertLess(time.monotonic() - started, 5)

    def test_A14_a_delayed_statement_can_be_cancelled(self):
        self.fault('delay 20000 on select')
        found = []

        def run():
            try:
                self.other.query('select 1')
            except support.Error as error:
                found.append(error.sqlstate)

        thread = threading.Thread(target=run)
        thread.start()
        time.sleep(0.2)
        with socket.create_connection(('localhost', int(support.CONNINFO['port'])), 5) as request:
            request.sendall(b'\0\0\0\x10\x04\xd2\x16\x2e' + self.other.key[0].to_bytes(4, 'big')
                            + self.other.key[1].to_bytes(4, 'big'))
        thread.join(10)
        self.assertEqual(found, ['57014'])


class CopyFaultsTest(S3Case):
    """The same for COPY, which does more outside of PostgreSQL than within."""

    def setUp(self):
        super().setUp()
        self.client.query('create table t (a int)')
        self.put('data', '1\n2\n')
        self.other = self.connect()

    def tearDown(self):
        self.client.query('standin clear')
        super().tearDown()

    def lost(self):
        with self.assertRaises(ConnectionError):
            self.copy('t', client=self.other)

    def count(self):
        return self.client.value('select count(*) from t')

    def test_G17_dropped_DURING_a_COPY_it_loads_to_its_end(self):
        self.client.query('standin fault drop during on copy')
        self.lost()
        for _ in range(200):
            if self.count() == '2':
                return
            time.sleep(0.02)
        self.fail('the rows never came')

    def test_G17_within_a_transaction_it_is_undone(self):
        self.client.query('standin fault drop during on copy')
        self.other.query('begin')
        number = self.other.key[0]
        self.lost()
        while self.client.value('select count(*) from stv_sessions '
                                f'where process = {number}') != '0':
            time.sleep(0.02)
        self.assertEqual(self.count(), '0')

    def test_F9_dropped_AFTER_a_COPY_it_has_loaded(self):
        self.client.query('standin fault drop after on copy')
        self.lost()
        self.assertEqual(self.count(), '2')

    def test_F9_a_COPY_that_fails_has_loaded_nothing(self):
        for words in ('serializable', 'disk', 'resize', 'permission'):
            self.client.query(f'standin fault {words} on copy at 1')
            with self.assertRaises(support.Error):
                self.copy('t', client=self.other)
            self.assertEqual(self.count(), '0')

    def test_A16_a_COPY_can_be_slow(self):
        self.client.query('standin fault delay 300 on copy')
        started = time.monotonic()
        self.copy('t', client=self.other)
        self.assertGreater(time.monotonic() - started, 0.29)
