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
                ('with x as (delete from t) select 1', 'delete'),
                ('with x as (select 1) insert into t select 1', 'insert')):
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
                ('nvl(null, 2)', '2'), ("nvl2(null, 'a', 'b')", 'b'), ("nvl2(1, 'a', 'b')", 'a'),
                ("decode(2, 1, 'one', 2, 'two', 'more')", 'two'),
                ("decode(null::int, null, 'none')", 'none'), ('decode(9, 1, 2)', None),
                ("dateadd(day, 2, '2020-02-28'::timestamp)", '2020-03-01 00:00:00'),
                ("dateadd(month, 1, '2020-01-31'::date)", '2020-02-29 00:00:00'),
                ("datediff(day, '2020-01-01', '2020-03-01')", '60'),
                ("datediff(hour, '2020-01-01 00:59:00'::timestamp, '2020-01-01 02:01:00')", '2'),
                ("datediff(year, '2019-12-31'::date, '2020-01-01'::date)", '1'),
                ("convert_timezone('Europe/Berlin', '2020-07-01 00:00:00'::timestamp)",
                 '2020-07-01 02:00:00'),
                ("convert_timezone('Europe/Berlin', 'UTC', '2020-07-01 00:00:00'::timestamp)",
                 '2020-06-30 22:00:00'),
                ("md5('ezuser1')", '153c434b4b77c89e6b94f12c5393af5b'),
                ("sha2('a', 256)",
                 'ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'),
                ("json_extract_path_text('{\"a\":{\"b\":\"c\"}}', 'a', 'b')", 'c'),
                ("is_valid_json('{\"a\":1}')", 't'), ("is_valid_json('{a')", 'f'),
                ("strtol('ff', 16)", '255'), ("to_hex(from_hex('00FF'))", '00ff'),
                ("regexp_substr('abc123', '[0-9]+')", '123'),
                ("len('äb')", '2'), ("octet_length('äb')", '3'), ("charindex('b', 'abc')", '2'),
                ("json_typeof(json_parse('[1]'))", 'array'), ('convert(varchar(2), 123)', '12'),
                ("regexp_replace('a1b2', '[0-9]')", 'ab'), ("trunc(sysdate) is null", 'f'),
                ("json_array_length('[1,2]')", '2'),
                ("json_extract_array_element_text('[1,\"b\"]', 1)", 'b'),
                ("'abc'::nvarchar(2)", 'ab'), ("date_trunc('day', timestamp '2020-01-01 05:00')",
                                               '2020-01-01 00:00:00')):
            self.assertEqual(self.client.value(f'select {call}'), value, call)

    def test_F5_dates_of_today(self):
        self.assertRegex(self.client.value('select getdate()'), r'^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$')
        self.assertEqual(self.client.value('select a from t where sysdate > \'2020-01-01\' and '
                                           'getdate() > dateadd(year, -1, sysdate) and a = 1'), '1')

    def test_F5_listagg(self):
        self.assertEqual(self.client.value(
            "select listagg(b, ',') within group (order by b desc) from t"), 'z,y,x')
        self.assertEqual(self.client.rows(
            "select a, listagg(distinct b, '') within group (order by b) x from t group by a "
            'order by a'), [('1', 'x'), ('2', 'yz')])

    def test_F5_top_minus_and_qualify(self):
        self.assertEqual(self.client.rows('select top 2 b from t order by b desc'),
                         [('z',), ('y',)])
        self.assertEqual(self.client.value(
            'select count(*) from (select top 2 a from t) x'), '2')
        self.assertEqual(self.client.rows('select b from t minus select b from t where a = 2'),
                         [('x',)])
        self.assertEqual(self.client.rows(
            'select a, b from t qualify row_number() over (partition by a order by b) = 1 '
            'order by a'), [('1', 'x'), ('2', 'y')])
        self.assertEqual(self.client.rows(
            'select * from t where a > 1 qualify row_number() over (partition by a order by b '
            'desc) = 1'), [('2', 'z')])

    def test_F12_values_is_no_table(self):
        self.syntax_error('select * from (values (1)) x', 'values')
        self.syntax_error('values (1)', 'values')
        self.refused('insert into t values ((select 1), \'x\'), (2, \'y\')', '0A000')
        self.client.query("insert into t values ((select 1), 'x')")

    def test_catalogs_are_those_of_8_0(self):
        self.refused('select * from pg_roles', '42P01', 'relation "pg_roles" does not exist')
        self.refused('select * from pg_catalog.pg_extension', '42P01')
        self.refused("select 'public'::regnamespace", '42704')
        self.client.query("create table d (a int default 5 primary key, b varchar(3))")
        self.assertEqual(self.client.rows(
            'select a.attname, d.adsrc, c.relhaspkey, c.relhasoids from pg_attribute a join '
            'pg_class c on c.oid = a.attrelid left join pg_attrdef d on d.adrelid = a.attrelid and '
            f"d.adnum = a.attnum where a.attrelid = '{self.schema}.d'::regclass and a.attnum > 0 "
            'order by a.attnum'), [('a', '5', 't', 'f'), ('b', None, 't', 'f')])

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
