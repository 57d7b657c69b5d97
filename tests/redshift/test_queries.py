"""Rules F1, F3 to F5 and F12: what a query may say."""
from . import support


class QueriesTest(support.Case):
    def setUp(self):
        super().setUp()
        self.client.query('create table t (a int, b varchar(20))')
        self.client.query("insert into t values (1, 'x'), (2, 'y'), (2, 'z')")

    def test_F1_syntax_of_newer_servers(self):
        for sql, near in (
                ('insert into t values (1) on conflict do nothing', 'on'),
                ('insert into t select a, b from t on conflict (a) do nothing', 'on'),
                ('insert into t values (1) returning a', 'returning'),
                ('update t set a = 1 returning a', 'returning'),
                ('delete from t where a = 1 returning *', 'returning'),
                ('select count(*) filter (where a = 1) from t', '('),
                ('select * from t, lateral (select 1) x', 'lateral'),
                ('select * from t cross join lateral (select 1) x', 'lateral'),
                ('select * from t for update', 'for'),
                ('select * from t for update skip locked', 'for'),
                ('select * from t for share', 'for'),
                ('select distinct on (a) a from t', 'on'),
                ('select * from t tablesample system (1)', 'tablesample'),
                ('select * from t order by a fetch first 1 row with ties', 'fetch'),
                ('select a is distinct from 1 from t', 'distinct'),
                ('insert into t with x as (delete from t) select 1', 'delete')):
            self.syntax_error(sql, near)

    def test_F1_the_words_alone_are_names(self):
        self.client.query('create table u ("returning" int, "lateral" int, filter int)')
        self.client.query('insert into u ("returning", filter) values (1, 2)')
        self.assertEqual(self.client.rows('select u."returning", filter from u'), [('1', '2')])

    def test_F3_functions_that_redshift_has_not(self):
        for call in ('pg_advisory_lock(1)', 'pg_try_advisory_xact_lock(1)', 'pg_sleep(1)',
                     'clock_timestamp()', "jsonb_build_object('a', 1)", 'gen_random_uuid()'):
            name = call.split('(')[0]
            error = self.refused(f'select {call}', '42883')
            self.assertRegex(error.message, rf'^function {name}\(.*\) does not exist$')
        self.refused('select string_agg(b) from t', '42883')
        self.refused('select array_agg(a) from t', '42883')

    def test_F4_leader_functions_and_tables_do_not_mix(self):
        for call in ('now()', 'current_schema()', "age(timestamp '2020-01-01')",
                     "has_table_privilege('t', 'select')", 'current_timestamp'):
            name = call.split('(')[0]
            error = self.refused(f'select {call}, a from t', '0A000')
            self.assertEqual(error.message, 'Specified types or functions (one per INFO message) '
                                            'not supported on Redshift tables.')
            self.assertEqual((self.client.notices[-1]['S'], self.client.notices[-1]['M']),
                             ('INFO', f'Function "{name}()" not supported.'))
            self.client.query(f'select {call}')

    def test_F4_nor_do_they_in_what_writes(self):
        self.refused('insert into t select 1, current_schema()', '0A000')
        self.refused('update t set a = 1 where now() is not null', '0A000')
        self.refused('create table u as select now() as a from t', '0A000')
        self.refused('select generate_series(1, 3), a from t', '0A000')
        self.client.query('select generate_series(1, 3)')

    def test_F4_the_catalog_is_on_the_leader(self):
        self.client.query("select relname from pg_class where has_table_privilege(oid, 'select') "
                          'and relname = current_schema()')
        self.client.query('select table_name from information_schema.tables where table_schema = '
                          'current_schema()')
        self.refused("select count(*) from t join pg_class c on c.relname = t.b where "
                     "has_table_privilege(c.oid, 'select')", '0A000')

    def test_F4_from_is_not_always_followed_by_a_table(self):
        self.client.query("select extract(year from now()), substring('abc' from 2), trim('x')")

    def test_F5_functions_of_redshift(self):
        for call, value in (
                ("md5('ezuser1')", '153c434b4b77c89e6b94f12c5393af5b'), ("strtol('ff', 16)", '255'),
                ("to_hex(from_hex('00FF'))", '00ff'), ("len('äb')", '2'),
                ("octet_length('äb')", '3'), ("json_serialize(json_parse('[1, 2]'))", '[1,2]'),
                ("json_serialize(array_concat(json_parse('[1]'), json_parse('[2]')))", '[1,2]'),
                ('sysdate is null', 'f'), ("'abc'::nvarchar(2)", 'ab'),
                ("date_trunc('day', timestamp '2020-01-01 05:00')", '2020-01-01 00:00:00')):
            self.assertEqual(self.client.value(f'select {call}'), value, call)

    def test_F5_dates_of_today(self):
        self.assertRegex(self.client.value('select getdate()'),
                         r'^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$')
        self.assertEqual(
            self.client.value("select a from t where sysdate > '2020-01-01' and a = 1"), '1')

    def test_F5_listagg(self):
        self.assertEqual(self.client.value(
            "select listagg(b, ',') within group (order by b desc) from t"), 'z,y,x')
        self.assertEqual(self.client.rows(
            "select a, listagg(b, '') within group (order by b) x from t group by a order by a"),
            [('1', 'x'), ('2', 'yz')])

    def test_F12_values_is_no_table(self):
        self.syntax_error('select * from (values (1)) x', 'values')
        self.syntax_error('values (1)', 'values')
        self.refused('insert into t values ((select 1), \'x\'), (2, \'y\')', '0A000')
        self.client.query("insert into t values ((select 1), 'x')")

    def test_catalogs_are_those_of_8_0(self):
        self.refused('select * from pg_roles', '42P01', 'relation "pg_roles" does not exist')
        self.refused('select * from pg_catalog.pg_extension', '42P01')
        self.refused("select 'public'::regnamespace", '42704')

    def test_information_schema_shows_nothing_of_the_stand_in(self):
        for view, column in (('tables', 'table_schema'), ('columns', 'table_schema'),
                             ('schemata', 'schema_name'), ('routines', 'routine_schema')):
            self.assertEqual(self.client.value(f'select count(*) from information_schema.{view} '
                                               f"where {column} = 'standin'"), '0')
        self.assertEqual(self.client.rows('select table_name from information_schema.tables where '
                                          f"table_schema = '{self.schema}'"), [('t',)])

    def test_casts_keep_their_meaning(self):
        self.assertEqual(self.client.rows(
            "select '1.5'::decimal(3,1), cast('2020-01-01' as timestamp), 'a'::varchar, 1::text"),
            [('1.5', '2020-01-01 00:00:00', 'a', '1')])
