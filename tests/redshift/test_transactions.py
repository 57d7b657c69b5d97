"""Rules F2, F8, F9 and F11: transactions, locks, conflicts, cursors."""
import threading
import time

from . import support


class TransactionsTest(support.Case):
    def setUp(self):
        super().setUp()
        self.client.query('create table t (a int, b int)')
        self.client.query('insert into t values (1, 1), (2, 2)')

    def waiting(self, client, sql):
        """Run a statement in a thread: (the thread, a list that its outcome will be in)."""
        outcome = []

        def run():
            try:
                outcome.append(client.query(sql).tag)
            except support.Error as error:
                outcome.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        time.sleep(0.3)
        return thread, outcome

    def test_F2_there_are_no_savepoints(self):
        self.client.query('begin')
        self.refused('savepoint a', '0A000', 'SQL command "savepoint a" not supported.')
        self.client.query('rollback')
        self.client.query('begin')
        self.refused('rollback to savepoint a', '0A000',
                     'SQL command "rollback to savepoint a" not supported.')
        self.client.query('rollback')
        self.refused('release savepoint a', '0A000')

    def test_a_failed_transaction_takes_nothing_but_its_end(self):
        self.client.query('begin')
        self.client.query('insert into t values (3, 3)')
        self.refused('select 1/0', '22012')
        self.assertEqual(self.client.status, 'E')
        self.refused('select 1', '25P02', 'current transaction is aborted, commands ignored until '
                                          'end of transaction block')
        self.refused('savepoint a', '25P02')
        self.assertEqual(self.client.query('commit').tag, 'ROLLBACK')
        self.assertEqual(self.client.status, 'I')
        self.assertEqual(self.client.value('select count(*) from t'), '2')

    def test_what_is_refused_here_spoils_it_too(self):
        self.client.query('begin')
        self.client.query('insert into t values (3, 3)')
        self.syntax_error('alter table t add column if not exists a int')
        self.refused('select 1', '25P02')
        self.client.query('rollback')
        self.assertEqual(self.client.value('select count(*) from t'), '2')

    def test_F8_every_level_is_taken(self):
        for sql, tag in (('begin', 'BEGIN'), ('begin work', 'BEGIN'),
                         ('begin isolation level serializable', 'BEGIN'),
                         ('begin transaction isolation level read committed', 'BEGIN'),
                         ('begin isolation level repeatable read read write', 'BEGIN'),
                         ('start transaction isolation level read uncommitted',
                          'START TRANSACTION')):
            self.assertEqual(self.client.query(sql).tag, tag)
            self.client.query('end')
        self.syntax_error('begin deferrable', 'deferrable')
        self.syntax_error("set transaction snapshot 'x'", 'snapshot')

    def test_F8_read_only_transactions_do_not_write(self):
        self.client.query('begin read only')
        self.refused('insert into t values (1, 1)', '25006')
        self.client.query('rollback')

    def test_F8_lock_takes_tables_and_no_modes(self):
        self.client.query('create table u (a int)')
        self.client.query('create view v as select * from t')
        self.client.query('begin')
        self.assertEqual(self.client.query('lock t, u').tag, 'LOCK TABLE')
        self.client.query('lock table t')
        self.client.query('commit')
        self.syntax_error('lock t in share mode', 'in')
        self.client.query('begin')
        self.refused('lock v', '42809', '"v" is not a table')
        self.client.query('rollback')

    def test_F8_a_lock_is_real(self):
        other = self.connect()
        self.client.query('begin')
        self.client.query('lock t')
        thread, outcome = self.waiting(other, 'select count(*) from t')
        self.assertEqual(outcome, [])
        self.client.query('commit')
        thread.join()
        self.assertEqual(outcome, ['SELECT'])

    def test_F8_and_a_statement_stops_waiting_for_it_at_its_timeout(self):
        other = self.connect()
        other.query('set statement_timeout to 300')
        self.client.query('begin')
        self.client.query('lock t')
        for sql in ('select count(*) from t', 'insert into t values (1, 1)', 'begin; lock t'):
            error = self.refused(sql, '57014', "canceled on user's request", client=other)
        self.assertRegex(error.message, r"^Query \(\d+\) canceled on user's request$")
        self.assertEqual(other.status, 'E')
        other.query('rollback')
        self.client.query('commit')

    def test_F8_a_timeout_that_does_not_count_a_wait_for_a_lock(self):
        other = self.connect()
        other.query("standin switch lock_waits 'untimed'; set statement_timeout to 300")
        self.client.query('begin; lock t')
        thread, outcome = self.waiting(other, 'begin; lock t')
        self.client.query('select 1')
        thread.join(0.6)
        self.assertEqual(outcome, [])
        self.client.query('commit')
        thread.join()
        self.assertEqual(outcome, ['LOCK TABLE'])
        self.assertEqual(other.value('show statement_timeout'), '300')
        other.query("rollback; standin switch lock_waits 'timed'")

    def test_F8_a_lock_that_comes_first_sees_what_others_wrote(self):
        other = self.connect()
        self.client.query('begin')
        self.client.query('lock t')
        self.client.query('insert into t values (3, 3)')
        other.query('begin')
        thread, outcome = self.waiting(other, 'lock t')
        self.client.query('commit')
        thread.join()
        self.assertEqual(outcome, ['LOCK TABLE'])
        self.assertEqual(other.value('select count(*) from t'), '3')
        other.query('delete from t')
        other.query('commit')

    def test_writers_of_a_table_wait_for_each_other(self):
        other = self.connect()
        self.client.query('begin')
        self.client.query('insert into t values (3, 3)')
        self.assertEqual(other.value('select count(*) from t'), '2')
        thread, outcome = self.waiting(other, 'insert into t values (4, 4)')
        self.assertEqual(outcome, [])
        self.client.query('commit')
        thread.join()
        self.assertEqual(outcome, ['INSERT 0 1'])
        self.assertEqual(other.value('select count(*) from t'), '4')

    def test_writers_by_the_extended_protocol_wait_too(self):
        other = self.connect()
        self.client.execute('begin')
        self.client.execute('update t set b = $1', 7)
        outcome = []
        thread = threading.Thread(
            target=lambda: outcome.append(other.execute('update t set b = b + $1', 1).tag))
        thread.start()
        time.sleep(0.3)
        self.assertEqual(outcome, [])
        self.client.execute('commit')
        thread.join()
        self.assertEqual(outcome, ['UPDATE 2'])
        self.assertEqual(other.rows('select distinct b from t'), [('8',)])

    def conflict(self, first, second):
        """Two transactions that read and write crosswise; the error of the one that fails."""
        self.client.query('create table u (a int)')
        self.client.query('insert into u values (1)')
        for client in (first, second):
            client.query('begin')
            client.query('select count(*) from t')
            client.query('select count(*) from u')
        first.query('insert into t values (9, 9)')
        second.query('insert into u values (9)')
        first.query('commit')
        with self.assertRaises(support.Error) as caught:
            second.query('commit')
        self.assertEqual(second.status, 'I')
        return caught.exception

    def test_F9_a_cycle_is_error_1023(self):
        error = self.conflict(self.connect(), self.connect())
        self.assertEqual((error.fields['S'], error.sqlstate, error.message),
                         ('ERROR', 'XX000', '1023'))
        self.assertRegex(error.fields['D'],
                         r'^Serializable isolation violation on table - \d+, transactions forming '
                         r'the cycle are: \d+, \d+ \(pid:\d+\)$')

    def test_F9_tables_made_at_the_same_time_are_no_cycle(self):
        clients = [self.connect(), self.connect()]
        for client in clients:
            client.query('begin')
            client.query('select count(*) from pg_class')
        for i, client in enumerate(clients):
            client.query(f'create table made{i} (a int encode zstd primary key) distkey (a) '
                         'sortkey (a)')
            client.query(f'create temp table copy (like made{i})')
            client.query(f'insert into made{i} values (1)')
            client.query(f'alter table made{i} add column b int encode lzo')
        for client in clients:
            client.query('commit')

    def replace_row(self, first, second, *before):
        """Two transactions that delete and insert in one table; the second has to wait."""
        for client in (first, second):
            client.query('begin')
        for sql in before:
            first.query(sql)
        first.query('delete from t where a = 1')
        first.query('insert into t values (1, 10)')
        thread, outcome = self.waiting(second, before[0] if before else 'delete from t where a = 2')
        self.assertEqual(outcome, [])
        first.query('commit')
        thread.join()
        if not isinstance(outcome[0], str):
            return outcome[0]
        second.query('delete from t where a = 2')
        second.query('insert into t values (2, 20)')
        second.query('commit')
        return None

    def test_F9_writers_that_do_not_lock_first_fail(self):
        error = self.replace_row(self.connect(), self.connect())
        self.assertEqual((error.sqlstate, error.message), ('XX000', '1023'))

    def test_F9_writers_that_lock_first_do_not(self):
        self.assertIsNone(self.replace_row(self.connect(), self.connect(), 'lock t'))

    def test_F9_snapshot_isolation_knows_no_cycles(self):
        with support.standin('--isolation', 'snapshot') as port:
            with self.assertRaises(AssertionError):
                self.conflict(self.connect(port=port), self.connect(port=port))

    def test_F9_writing_what_was_written_since_is_error_1023(self):
        other = self.connect()
        other.query('begin')
        other.query('select * from t')
        self.client.query('update t set b = 5')
        self.refused('update t set b = 6', 'XX000', '1023', client=other)
        other.query('rollback')

    def test_F11_one_cursor_in_a_transaction(self):
        self.refused('declare c cursor for select 1', '25P01')
        self.client.query('begin')
        self.client.query('declare c cursor for select a from t order by a')
        self.assertEqual(self.client.query('fetch forward 1 from c').rows, [('1',)])
        self.assertEqual(self.client.query('fetch forward 5 from c').rows, [('2',)])
        self.refused('declare d cursor for select 1', '0A000')
        self.client.query('rollback')
        self.client.query('begin')
        self.client.query('declare c cursor for select 1')
        self.client.query('close c')
        self.client.query('declare d cursor for select 1')
        self.client.query('commit')

    def test_F11_a_cluster_of_one_node_fetches_a_thousand_rows_at_a_time(self):
        with support.standin('--nodes', '1') as port:
            client = self.connect(port=port)
            client.query('begin')
            client.query('declare c cursor for select 1')
            self.assertEqual(client.query('fetch forward 1000 from c').rows, [('1',)])
            with self.assertRaisesRegex(Exception, 'Fetch size 1001 exceeds the limit of 1000'):
                client.query('fetch forward 1001 from c')
            client.query('rollback')

    def test_a_transaction_not_begun_or_begun_twice_is_warned_of(self):
        self.client.query('commit')
        self.client.query('begin')
        self.client.query('begin')
        self.assertEqual([(one['S'], one['C']) for one in self.client.notices],
                         [('WARNING', '25P01'), ('WARNING', '25001')])
        self.client.query('rollback')
