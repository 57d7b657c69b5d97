"""Rules C: types and their limits."""
from . import support

TYPES = [
    ('smallint', 'smallint'), ('int2', 'smallint'), ('integer', 'integer'), ('int', 'integer'),
    ('bigint', 'bigint'), ('decimal', 'numeric(18,0)'), ('numeric(38, 37)', 'numeric(38,37)'),
    ('real', 'real'), ('double precision', 'double precision'), ('float', 'double precision'),
    ('boolean', 'boolean'), ('bool', 'boolean'), ('char', 'character(1)'),
    ('char(10)', 'character(10)'), ('char(max)', 'character(4096)'), ('nchar(3)', 'character(3)'),
    ('bpchar', 'character(256)'), ('varchar', 'character varying(256)'),
    ('varchar(max)', 'character varying(65535)'), ('varchar(512)', 'character varying(512)'),
    ('character varying(20)', 'character varying(20)'), ('nvarchar(5)', 'character varying(5)'),
    ('text', 'character varying(256)'), ('date', 'date'), ('time', 'time without time zone'),
    ('timetz', 'time with time zone'), ('timestamp', 'timestamp without time zone'),
    ('timestamptz', 'timestamp with time zone'),
    ('timestamp with time zone', 'timestamp with time zone'), ('super', 'super'),
    ('varbyte(100)', 'varbyte(100)'), ('geometry', 'geometry'), ('geography', 'geography'),
    ('hllsketch', 'hllsketch'),
]
UNSUPPORTED = [('serial', 'serial'), ('bigserial', 'bigserial'), ('smallserial', 'smallserial'),
               ('json', 'json'), ('jsonb', 'jsonb'), ('uuid', 'uuid'), ('bytea', 'bytea'),
               ('inet', 'inet'), ('cidr', 'cidr'), ('xml', 'xml'), ('money', 'money'),
               ('hstore', 'hstore'), ('tsvector', 'tsvector'), ('int[]', 'integer[]'),
               ('varchar(5)[]', 'character varying[]')]


class TypesTest(support.Case):
    def test_C1_types_that_are_not_supported(self):
        for given, printed in UNSUPPORTED:
            error = self.refused(f'create table t (c {given})', '0A000')
            self.assertEqual(error.message, f'Column "t.c" has unsupported type "{printed}".')
        self.client.query('create table t (a int)')
        self.refused('alter table t add column c jsonb', '0A000', 'Column "t.c" has unsupported')

    def test_C1_nor_in_casts(self):
        self.refused("select '{}'::jsonb", '42704', 'type "jsonb" does not exist')
        self.refused("select cast('1' as uuid)", '42704', 'type "uuid" does not exist')

    def test_C2_C3_types_and_what_the_catalog_says_of_them(self):
        columns = ', '.join(f'c{i} {given}' for i, (given, _) in enumerate(TYPES))
        self.client.query(f'create table t ({columns})')
        rows = self.client.rows('select format_type(atttypid, atttypmod) from pg_attribute where '
                                f"attrelid = '{self.schema}.t'::regclass and attnum > 0 "
                                'order by attnum')
        for (given, printed), (found,) in zip(TYPES, rows, strict=True):
            self.assertEqual(found, printed, given)

    def test_C2_the_wire_knows_super_by_its_number(self):
        self.client.query('create table t (s super, v varbyte)')
        self.assertEqual([oid for _, oid, _ in self.client.query('select * from t').columns],
                         [4000, 6551])

    def test_C3_information_schema_has_the_lengths(self):
        self.client.query('create table t (a varchar, b text, c char, d varchar(max))')
        self.assertEqual(
            self.client.rows('select character_maximum_length from information_schema.columns '
                             f"where table_schema = '{self.schema}' order by ordinal_position"),
            [('256',), ('256',), ('1',), ('65535',)])

    def test_C4_lengths_have_limits(self):
        self.refused('create table t (a varchar(65536))', '22023',
                     'length for type varchar cannot exceed 65535')
        self.refused('create table t (a char(4097))', '22023',
                     'length for type char cannot exceed 4096')

    def test_C5_lengths_are_bytes(self):
        self.client.query('create table t (a varchar(3))')
        self.refused("insert into t values ('abé')", '22001',
                     'value too long for type character varying(3)')
        self.client.query("insert into t values ('aé')")
        with self.assertRaises(support.Error) as caught:
            self.client.execute('insert into t values ($1)', 'ééé')
        self.assertEqual(caught.exception.sqlstate, '22001')
        self.assertEqual(self.client.value('select a from t'), 'aé')

    def test_C5_rows_of_tables_fail_on_the_compute_nodes(self):
        self.client.query('create table s (a varchar(10))')
        self.client.query('create table t (a varchar(3))')
        self.client.query("insert into s values ('abcdef')")
        error = self.refused('insert into t select a from s', 'XX000',
                             'Value too long for character type')
        self.assertRegex(error.fields['D'], r'code: +8001')

    def test_C5_a_cast_cuts_between_characters(self):
        self.assertEqual(self.client.value("select 'abé'::varchar(3)"), 'ab')
        self.assertEqual(self.client.value("select cast('abcdef' as varchar(3))"), 'abc')

    def test_C5_blanks_at_the_end_do_not_count_in_comparisons(self):
        self.client.query("create table t (a varchar(9)); create table u (a varchar(9))")
        self.client.query("insert into t values ('x'), ('x '), ('x  '), (' x')")
        self.client.query("insert into u values ('x   ')")
        for sql, expected in (
                ("select count(*) from t where a = 'x'", '3'),
                ("select count(*) from t where a <> 'x '", '1'),
                ("select count(*) from t where a in ('x ', 'z')", '3'),
                ("select count(*) from t join u on t.a = u.a", '3'),
                ("select count(*) from t left join u on t.a = u.a where u.a is null", '1'),
                ("select count(distinct a) from t", '2'),
                ("select count(*) from (select a from t group by a) g", '2'),
                ("select count(*) from (select a from t union select a from u) g", '2'),
                ("select max(n) from (select row_number() over (partition by a) as n from t) w", '3'),
                ("select count(*) from t where a > 'x'", '0'),
                ("select count(*) from t where not (a = 'x')", '1'),
                ("select count(*) from t where not (a > 'x' or a < 'x')", '3'),
                ("select sum(octet_length(a)) from t", '8'),
                ("select count(*) from t where a like 'x '", '1')):
            with self.subTest(sql=sql):
                self.assertEqual(self.client.value(sql), expected)
        self.assertEqual(self.client.execute('select count(*) from t where a = $1', 'x ').rows,
                         [('3',)])
        self.client.query('delete from t using u where t.a = u.a')
        self.assertEqual(self.client.value('select a from t'), ' x')

    def test_C6_char_is_ascii(self):
        self.client.query('create table t (a char(9))')
        error = self.refused("insert into t values ('é')", 'XX000')
        self.assertEqual(error.message, 'Multibyte character not supported for CHAR (Hint: Try '
                                        'using VARCHAR). Invalid char: c3 a9')

    def test_C7_decimals_have_limits(self):
        self.refused('create table t (a decimal(39))', '22023',
                     'DECIMAL precision 39 must be between 1 and 38')
        self.refused('create table t (a decimal(38, 38))', '22023')
        self.client.query('create table t (a decimal(19,0), b decimal(5,2))')
        self.client.query('insert into t values (9223372036854775807, 999.994)')
        self.refused('insert into t (a) values (9223372036854775808)', 'XX000',
                     'Numeric data overflow')
        self.refused('insert into t (b) values (1000)', 'XX000', 'Numeric data overflow')

    def test_C8_super_takes_json_parse(self):
        self.client.query('create table t (a super)')
        self.client.query("""insert into t values (json_parse('{"b": 1, "a": [1, 2]}'))""")
        self.refused("""insert into t values ('{"b": 1}')""", '0A000', 'SUPER')
        self.assertEqual(self.client.rows('select a from t'), [('{"b":1,"a":[1,2]}',)])
        self.refused("insert into t values (json_parse('{'))", 'XX000')

    def test_C8_json_serialize_of_null_is_a_text(self):
        self.client.query("create table t (a int, d super); insert into t (a) values (1); "
                          "insert into t values (2, json_parse('null'))")
        self.assertEqual(self.client.rows(
            'select a, d is null, json_serialize(d), json_size(d) from t order by a'),
            [('1', 't', 'null', '4'), ('2', 'f', 'null', '4')])

    def test_C8_json_serialize_ends_where_varchar_does(self):
        self.client.query("create table t (d super); insert into t values "
                          "(json_parse('[' || repeat('1,', 32766) || '1]'))")
        self.assertEqual(self.client.value('select len(json_serialize(d)) from t'), '65535')
        self.client.query("update t set d = json_parse('[' || repeat('1,', 32766) || '11]')")
        self.refused('select json_serialize(d) from t', 'XX000', '65536 bytes')
        self.assertEqual(self.client.value('select json_size(d) from t'), '65536')

    def test_C8_super_is_no_key(self):
        for sql in ('create table t (a super distkey)', 'create table t (a super) sortkey (a)',
                    'create table t (a super primary key)'):
            self.refused(sql, '0A000')

    def test_C9_at_most_1600_columns(self):
        columns = ', '.join(f'c{i} int' for i in range(1600))
        self.refused(f'create table t ({columns}, d int)', '54011',
                     'tables can have at most 1600 columns')
        self.client.query(f'create table t ({columns})')
        self.refused('alter table t add column d int', '54011',
                     'tables can have at most 1600 columns')
