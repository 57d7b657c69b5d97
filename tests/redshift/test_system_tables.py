"""Rules J: the tables and views of the system."""
import os

from . import support

GOOD = 'Abcdefg1'
NOW = "'2026-01-02 03:04:05'"


class SystemTablesTest(support.Case):
    def setUp(self):
        super().setUp()
        self.user = f'u_{os.urandom(4).hex()}'
        self.client.query(f"create user {self.user} password '{GOOD}'")
        self.client.query(f'grant usage on schema {self.schema} to {self.user}')
        self.they = self.connect(self.user, GOOD)
        self.ids = {name: self.client.value(
            f"select usesysid from pg_user where usename = '{name}'")
            for name in (self.user, 'awsuser')}

    def tearDown(self):
        self.they.close()
        self.client.query('standin clear')
        super().tearDown()
        self.client.query(f'drop user {self.user}')

    def fill(self, query=None):
        """A failed load of each user's, as COPY writes it down."""
        query = query or int.from_bytes(os.urandom(3), 'big')
        for number, userid in enumerate(self.ids.values()):
            common = f'{query + number}, {userid}'
            self.client.query(f'''
                insert into standin.load_errors (query, userid, tbl, starttime, pid, filename,
                    line_number, colname, type, col_length, err_code, err_reason)
                values ({common}, 7, {NOW}, 9, 's3://b/f', 3, 'a', 'int4', '0', 1207,
                        'Invalid digit, Value ''x'', Pos 0, Type: Integer')''')
        self.query = query
        return f'between {query} and {query + 1}'

    # ---- The cluster -------------------------------------------------------------------------

    def test_J_the_first_question_in_a_database_may_be_a_prepared_one(self):
        database = f'd_{os.urandom(4).hex()}'
        self.client.query(f'create database {database}')
        other = self.connect(database=database)
        self.assertEqual(other.execute('select count(*) from stv_slices').rows, [('4',)])
        other.close()
        self.client.query(f'drop database {database}')

    def test_J_serverless_may_be_switched_on_and_off(self):
        self.client.query('standin serverless on')
        self.assertEqual(self.they.rows('select * from stv_slices'), [])
        self.client.query('standin serverless off')
        self.assertEqual(self.they.value('select count(*) from stv_slices'), '4')

    def test_J_stv_slices_has_a_row_a_slice(self):
        self.assertEqual(self.they.rows('select node, slice, type from stv_slices order by 2'),
                         [('0', '0', 'D'), ('0', '1', 'D'), ('1', '2', 'D'), ('1', '3', 'D')])
        self.client.query('standin slices 6')
        self.assertEqual(self.client.value('select count(*) from pg_catalog.stv_slices'), '6')
        self.client.query('standin slices 4')

    def test_J_some_tables_are_for_superusers(self):
        for table in ('stv_partitions', 'stv_node_storage_capacity', 'svv_table_info',
                      'stv_wlm_service_class_config', 'stv_wlm_classification_config'):
            self.client.query(f'select * from {table}')
            self.refused(f'select * from {table}', '42501',
                         f'permission denied for relation {table}', self.they)

    def test_J_stv_partitions_tells_how_full_the_disks_are(self):
        self.client.query("standin switch capacity_mb '1000'")
        self.client.query("standin switch used_mb '800'")
        self.assertEqual(self.client.rows('select sum(used - tossed), sum(capacity) '
                                          'from stv_partitions where owner = host'),
                         [('1600', '2000')])
        self.assertEqual(self.client.rows('select * from stv_node_storage_capacity order by 1'),
                         [('0', '800', '1000'), ('1', '800', '1000')])

    def test_J_databases_and_schemas_of_elsewhere_are_told(self):
        kinds = 'select database_type from svv_redshift_databases where database_name = '
        self.assertEqual(self.client.value(kinds + 'current_database()'), 'local')
        self.assertEqual(self.client.value('select count(*) from svv_integration'), '0')
        self.assertEqual(self.client.value('select count(*) from pg_external_schema e '
                                           'join pg_namespace n on n.oid = e.esoid'), '0')

    def test_J_stv_db_isolation_level(self):
        sql = "select trim(db_name), trim(isolation_level) from stv_db_isolation_level"
        self.assertIn(('dev', 'Serializable'), self.they.rows(sql))
        self.assertNotIn('postgres', [row[0] for row in self.they.rows(sql)])
        with support.standin('--isolation', 'snapshot') as port:
            client = self.connect(port=port)
            self.assertIn(('dev', 'Snapshot Isolation'), client.rows(sql))

    def test_J_the_queues_of_WLM(self):
        self.assertEqual(self.client.rows(
            'select trim(name), num_query_tasks from stv_wlm_service_class_config '
            'where service_class >= 100'), [('Default queue', '-1')])
        self.assertEqual(self.client.value(
            'select trim(condition) from stv_wlm_classification_config '
            'where action_service_class = 100'), '(querytype: any)')

    # ---- Loads -------------------------------------------------------------------------------

    def test_J_everybody_sees_the_own_rows_only(self):
        between = self.fill()
        for table, column in (('stl_load_errors', 'query'), ('sys_load_error_detail', 'query_id')):
            sql = f'select {column} from {table} where {column} {between}'
            self.assertEqual(self.they.rows(sql), [(str(self.query),)], table)
            self.assertEqual(len(self.client.rows(sql)), 2, table)

    def test_J_SYSLOG_ACCESS_UNRESTRICTED_shows_the_others(self):
        between = self.fill()
        sql = f'select 1 from stl_load_errors where query {between}'
        self.client.query(f'alter user {self.user} syslog access unrestricted')
        self.assertEqual(len(self.they.rows(sql)), 2)
        self.refused('select * from stv_partitions', '42501', client=self.they)
        self.client.query(f'alter user {self.user} syslog access restricted')
        self.assertEqual(len(self.they.rows(sql)), 1)

    def test_J_columns_of_char_are_blank_padded(self):
        self.fill()
        row, = self.they.rows('select filename, colname, type, err_reason, raw_line '
                              f'from stl_load_errors where query = {self.query}')
        self.assertEqual([len(value) for value in row], [256, 127, 10, 100, 1024])
        self.assertEqual(row[0].rstrip(), 's3://b/f')
        row, = self.they.rows('select file_name, column_name, error_message, error_code '
                              f'from sys_load_error_detail where query_id = {self.query}')
        self.assertEqual([len(value) for value in row], [256, 127, 512, 4])

    def test_J_serverless_has_no_STL_rows(self):
        self.fill()
        with support.standin('--serverless') as port:
            client = self.connect(port=port)
            for table in ('stl_load_errors', 'stv_slices'):
                self.assertEqual(client.value(f'select count(*) from {table}'), '0', table)
            self.assertEqual(client.rows('select error_code from sys_load_error_detail '
                                         f'where query_id = {self.query}'), [('1207',)])
            client.query("standin switch serverless_tables 'denied'")
            self.refused('select * from stl_load_errors', '42501',
                         'permission denied for relation stl_load_errors', client)

    # ---- Sessions ----------------------------------------------------------------------------

    def test_J_stv_sessions_has_who_is_connected(self):
        self.assertEqual(self.they.rows('select process, trim(user_name), trim(db_name) '
                                        'from stv_sessions'),
                         [(str(self.they.key[0]), self.user, 'dev')])
        self.assertGreater(int(self.client.value('select count(*) from stv_sessions')), 1)
        self.client.query(f'alter user {self.user} session timeout 600')
        self.assertEqual(self.they.rows('select timeout_sec from stv_sessions'), [('600',)])

    def test_J_tables_that_no_tool_asks_are_refused_by_name(self):
        for table in ('stl_query', 'stl_load_commits', 'sys_query_history', 'svv_tables',
                      'pg_catalog.stl_unload_log'):
            self.refused(f'select * from {table}', '0A000', table.split('.')[-1])
        self.refused('select * from style', '42P01')

    # ---- Tables ------------------------------------------------------------------------------

    def test_J_svv_table_info_has_no_empty_tables(self):
        self.client.query('create table t (a int, b varchar(77))')
        sql = ('select "table", tbl_rows, max_varchar, diststyle, size from svv_table_info '
               f"where schema = '{self.schema}'")
        self.assertEqual(self.client.rows(sql), [])
        self.client.query("insert into t values (1, 'x'), (2, 'y')")
        self.assertEqual(self.client.rows(sql), [('t', '2', '77', 'AUTO(ALL)', '10')])

    def test_J_svv_table_info_can_be_granted(self):
        self.client.query(f'grant select on svv_table_info to {self.user}')
        self.they.query('select * from svv_table_info')
        self.client.query(f'revoke select on svv_table_info from {self.user}')
        self.refused('select * from svv_table_info', '42501', client=self.they)

    def test_J_pg_table_def_shows_what_is_on_the_search_path(self):
        self.client.query('create table t (a int not null, b varchar(10))')
        sql = ('select "column", type, "notnull" from pg_table_def '
               f"where schemaname = '{self.schema}'")
        self.assertEqual(self.client.rows(sql),
                         [('a', 'integer', 't'), ('b', 'character varying(10)', 'f')])
        self.client.query('set search_path to public')
        self.assertEqual(self.client.rows(sql), [])

    def test_J_pg_table_def_has_keys_and_encodings(self):
        self.client.query('create table t (a int encode az64 distkey, b varchar(10) encode zstd, '
                          'c date) diststyle key compound sortkey (c, a)')
        self.assertEqual(
            self.client.rows('select "column", trim(encoding), distkey, sortkey from pg_table_def '
                             f"where schemaname = '{self.schema}' and tablename = 't'"),
            [('a', 'az64', 't', '2'), ('b', 'zstd', 'f', '0'), ('c', 'none', 'f', '1')])
        self.client.query("insert into t values (1, 'x', '2026-01-01')")
        self.assertEqual(
            self.client.rows('select diststyle, sortkey1, sortkey_num from svv_table_info '
                             f"where schema = '{self.schema}'"), [('KEY(a)', 'c', '2')])

    def test_J_svv_transactions_has_locks_of_sessions_by_their_numbers(self):
        self.client.query('create table t (a int)')
        other = self.connect()
        number = other.value('select pg_backend_pid()')
        other.query(f'begin; lock table {self.schema}.t')
        asked = ('select txn_owner, txn_db, pid, lock_mode, granted, txn_start is not null '
                 "from svv_transactions where relation = 't'::regclass::int")
        self.assertEqual(self.client.rows(asked),
                         [('awsuser', 'dev', number, 'AccessExclusiveLock', 't', 't')])
        other.query('rollback')
        self.assertEqual(self.client.rows(asked), [])

    def test_J_svv_table_info_waits_for_no_lock(self):
        self.client.query('create table t (a int); insert into t values (1)')
        other = self.connect()
        other.query('begin')
        other.query(f'lock table {self.schema}.t')
        self.client.query('set statement_timeout to 5000')
        self.client.query(f"select * from svv_table_info where schema = '{self.schema}'")
        self.client.query('set statement_timeout to 0')
        other.query('rollback')

    def test_J_pg_class_info_has_the_diststyle_of_empty_tables(self):
        self.client.query('create table e (a int) diststyle even; create table k (a int distkey); '
                          'create table l (a int) diststyle all; create table u (a int)')
        self.assertEqual(
            self.they.rows('select i.relname, reldiststyle, releffectivediststyle '
                           'from pg_class_info i join pg_namespace n on n.oid = i.relnamespace '
                           f"where nspname = '{self.schema}' order by 1"),
            [('e', '0', '0'), ('k', '1', '1'), ('l', '8', '8'), ('u', '9', '10')])

    def test_J_svv_columns_has_identities_as_defaults(self):
        self.client.query('create table t (a bigint identity(3,2), b int default 7, '
                          'c bigint generated by default as identity(1,1), d int)')
        found = dict(self.client.rows('select column_name, column_default from svv_columns '
                                      f"where table_schema = '{self.schema}'"))
        self.assertRegex(found['a'], r"^\"identity\"\(\d+, 0, '3,2'::text\)$")
        self.assertEqual(found['b'], '7')
        self.assertRegex(found['c'], r"^default_identity\(\d+, 2, '1,1'::text\)$")
        self.assertIsNone(found['d'])

    def test_J_svv_columns_has_types_and_lengths(self):
        self.client.query('create table t (a int, b varchar(10))')
        self.assertEqual(
            self.client.rows('select column_name, data_type, character_maximum_length '
                             f"from svv_columns where table_schema = '{self.schema}' and "
                             "table_name = 't' order by ordinal_position"),
            [('a', 'integer', None), ('b', 'character varying', '10')])
