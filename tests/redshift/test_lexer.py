"""Rules B: literals, identifiers, names."""
from . import support


class LexerTest(support.Case):
    def test_B1_a_backslash_escapes(self):
        self.assertEqual(self.client.value(r"select '\\'"), '\\')
        self.assertEqual(self.client.value(r"select '\''"), "'")
        self.assertEqual(self.client.value(r"select 'a\tb\nc'"), 'a\tb\nc')
        self.assertEqual(self.client.value(r"select '\303\251\x'"), 'éx')
        self.assertEqual(self.client.value(r"select 'it''s'"), "it's")
        self.refused(r"select '\'", '42601', 'unterminated quoted string')

    def test_B1_bytes_that_are_no_utf8_are_refused(self):
        self.refused(r"select '\377'", '22021', 'invalid byte sequence for encoding "UTF8": 0xff')

    def test_B2_there_is_no_E_string(self):
        self.refused("select E'a'", '42704', 'type "e" does not exist')
        self.refused("select e'a'", '42704', 'type "e" does not exist')

    def test_B2_nor_other_strings_of_newer_servers(self):
        for sql in ("select U&'a'", "select B'1'", "select X'1'", 'select $$a$$'):
            self.syntax_error(sql)

    def test_B3_names_fold_to_lower_case_in_quotes_too(self):
        self.client.query('create table "MyTable" ("MyCol" int, OTHER int)')
        result = self.client.query('select * from mytable')
        self.assertEqual([column[0] for column in result.columns], ['mycol', 'other'])
        self.client.query('insert into "MYTABLE" ("MyCOL") values (1)')
        self.assertEqual(self.client.value('select "MYCOL" from MyTable'), '1')

    def test_B3_only_ascii_letters_fold(self):
        self.client.query('create table t ("ÄB" int)')
        self.assertEqual(self.client.query('select * from t').columns[0][0], 'Äb')

    def test_B3_case_is_kept_where_that_is_switched_on(self):
        self.client.query('set enable_case_sensitive_identifier to true')
        self.client.query('create table t ("MyCol" int, Other int)')
        result = self.client.query('select * from t')
        self.assertEqual([column[0] for column in result.columns], ['MyCol', 'other'])

    def test_B4_two_names_that_differ_in_case_are_one(self):
        self.client.query('create table "Foo" (a int)')
        error = self.refused('create table foo (a int)', '42P07')
        self.assertEqual(error.message, 'Relation "foo" already exists')

    def test_B5_127_bytes_are_kept(self):
        table, column = 't' * 127, 'c' * 100
        self.client.query(f'create table {table} ({column} int, {"c" * 99}d int)')
        self.client.query(f'insert into {table} ({column}) values (5)')
        result = self.client.query(f'select * from "{table}"')
        self.assertEqual([name for name, *_ in result.columns], [column, 'c' * 99 + 'd'])
        self.assertEqual(self.client.value(
            f"select column_name from information_schema.columns where table_name = '{table}' "
            'order by ordinal_position'), column)
        self.assertEqual(
            self.client.execute('select relname from pg_class where relname = $1', table).rows,
            [(table,)])
        self.assertEqual(self.client.value(
            f"select count(*) from pg_attribute where attrelid = '{self.schema}.{table}'::regclass "
            'and attnum > 0'), '2')
        error = self.refused(f'select nothing from {table}', '42703')
        error = self.refused(f'create table {table} (a int)', '42P07')
        self.assertIn(table, error.message)

    def test_B5_longer_names_are_cut(self):
        self.client.query(f'create table {"t" * 130} (a int)')
        self.assertEqual(self.client.value(
            f"select relname from pg_class where relname = '{'t' * 127}'"), 't' * 127)

    def test_B5_cut_between_characters(self):
        self.client.query('create table t ("' + 'é' * 64 + '" int)')
        self.assertEqual(self.client.query('select * from t').columns[0][0], 'é' * 63)

    def test_B6_reserved_words_are_no_names(self):
        for word in ('tag', 'user', 'order', 'open', 'percent', 'timestamp', 'system', 'raw'):
            self.syntax_error(f'create table t ({word} int)', word)
            self.client.query(f'create table t ("{word}" int)')
            self.client.query('drop table t')
        self.syntax_error('create table partition (a int)', 'partition')
        self.client.query('create table t (connect int, language int, start int)')

    def test_B6_nor_are_they_in_queries(self):
        self.client.query('create table t ("tag" int, "open" int)')
        for sql in ('select tag from t', 'insert into t (tag) values (1)',
                    'update t set tag = 1', 'select 1 from t where open = 1', 'select 1 tag'):
            self.syntax_error(sql, 'open' if 'open' in sql else 'tag')
        self.client.query('select "tag", t.open, 1 as tag from t where t.tag = 1')

    def test_B6_no_name_begins_with_a_digit(self):
        self.syntax_error('create table 1st (a int)', '1')

    def test_B7_system_columns_cannot_be_made(self):
        for name in ('oid', 'tableoid', 'xmin', 'xmax', 'cmin', 'cmax', 'ctid'):
            self.refused(f'create table t ("{name}" int)', '42701',
                         f'column name "{name}" conflicts with a system column name')

    def test_B5_a_long_name_that_begins_another_is_not_taken_for_it(self):
        name = 'n' * 70
        for one in (name, name + '1'):
            self.client.query(f'create table {one} (a int)')
            self.assertEqual(self.client.value(
                f"select count(*) from pg_class where relname = '{name}1'"), '01'[one != name])
            self.assertEqual(self.client.value(
                f"select count(*) from pg_class where relname = '{name}'"), '1')

    def test_B8_a_hash_makes_a_temporary_table(self):
        self.client.query('create table #tmp (a int)')
        self.client.query('insert into #tmp values (1)')
        self.assertEqual(self.client.value('select count(*) from #tmp'), '1')
        self.refused('select * from #tmp', '42P01', client=self.connect())

    def test_comments_nest_and_semicolons_in_literals_end_nothing(self):
        self.assertEqual(self.client.tags("select ';' /* a /* b; */ c */; -- ;\nselect 2"),
                         ['SELECT', 'SELECT'])
