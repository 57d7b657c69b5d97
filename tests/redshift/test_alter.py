"""Rules E: ALTER TABLE."""
from . import support


class AlterTest(support.Case):
    def setUp(self):
        super().setUp()
        self.client.query('create table t (a int, v varchar(10), d varchar(9) default \'x\')')

    def type_of(self, column, table='t'):
        return self.client.value('select format_type(atttypid, atttypmod) from pg_attribute where '
                                 f"attrelid = '{self.schema}.{table}'::regclass and "
                                 f"attname = '{column}'")

    def test_E1_one_column_a_statement(self):
        self.client.query("insert into t values (1, 'v', 'd')")
        self.client.query("alter table t add column b varchar(20) default 'z' encode zstd not null")
        self.client.query('alter table t add c bigint')
        self.assertEqual(self.client.rows('select b, c from t'), [('z', None)])
        self.syntax_error('alter table t add column e int, add column f int', ',')
        self.syntax_error('alter table t add column e int, f int', ',')

    def test_E1_in_a_transaction_too(self):
        self.client.query('begin')
        self.client.query('alter table t add column b int')
        self.client.query('rollback')
        self.refused('select b from t', '42703')

    def test_E1_no_commas_between_actions(self):
        self.syntax_error('alter table t rename to u, owner to awsuser', ',')
        self.syntax_error('alter table t drop column a, drop column v', ',')

    def test_E2_there_is_no_if_not_exists(self):
        self.syntax_error('alter table t add column if not exists b int', 'not')
        self.syntax_error('alter table t drop column if exists a', 'exists')
        self.syntax_error('alter table if exists t add column b int')

    def test_E3_a_column_that_is_there(self):
        error = self.refused('alter table t add column a int', '42701')
        self.assertEqual(error.message, 'column "a" of relation "t" already exists')

    def test_E4_what_a_new_column_cannot_be(self):
        for words in ('unique', 'primary key', 'references t (a)', 'distkey', 'sortkey'):
            self.refused(f'alter table t add column b int {words}', '0A000')
        self.refused('alter table t add column b bigint identity(1,1)', '0A000')
        self.refused('alter table t add column b int not null', '42601',
                     'ALTER TABLE ADD COLUMN defined as NOT NULL must have a non-null default')

    def test_E5_a_varchar_grows(self):
        self.client.query('alter table t alter column v type varchar(512)')
        self.assertEqual(self.type_of('v'), 'character varying(512)')
        self.client.query('alter table t alter v type varchar(max)')
        self.assertEqual(self.type_of('v'), 'character varying(65535)')

    def test_E5_to_another_size(self):
        self.refused('alter table t alter column v type varchar(10)', '0A000',
                     'target column size should be different')

    def test_E5_outside_of_transactions_only(self):
        text = 'ALTER TABLE ALTER COLUMN cannot run inside a transaction block'
        self.client.query('begin')
        self.refused('alter table t alter column v type varchar(20)', '25001', text)
        self.client.query('rollback')
        self.refused('select 1; alter table t alter column v type varchar(20)', '25001', text)

    def test_E6_no_other_type_changes(self):
        self.refused('alter table t alter column a type bigint', '0A000',
                     'cannot alter type of column "a"')
        self.refused('alter table t alter column v type int', '0A000')
        self.refused('alter table t alter column v type varchar(20) using v', '0A000',
                     'ALTER TABLE ALTER COLUMN does not support USING expression')
        self.syntax_error('alter table t alter column v set data type varchar(20)')

    def test_E7_columns_whose_type_stays(self):
        self.client.query('create table k (v varchar(5) primary key, w varchar(5) encode bytedict)')
        self.refused('alter table k alter column v type varchar(9)', '0A000')
        self.refused('alter table k alter column w type varchar(9)', '0A000')
        self.client.query('create view seen as select v from t')
        error = self.refused('alter table t alter column v type varchar(90)', '0A000')
        self.assertEqual(error.message, 'cannot alter type of a column used by a view or rule')

    def test_E7a_keys_keep_their_length(self):
        self.client.query('create table k (v varchar(5), w varchar(5), x varchar(5), y varchar(5)) '
                          'distkey (v) sortkey (w, x)')
        for column in 'vwx':
            error = self.refused(f'alter table k alter column {column} type varchar(9)', 'XX000')
            self.assertEqual(error.message, 'found unexpected dependency for column')
        self.client.query('alter table k alter column y type varchar(9)')
        self.client.query('create table chosen (v varchar(5)); insert into chosen values (1)')
        self.client.query('standin optimize chosen v')
        self.assertEqual(
            self.client.rows('select diststyle, sortkey1 from svv_table_info '
                             f"where \"table\" = 'chosen' and schema = '{self.schema}'"),
            [('AUTO(KEY(v))', 'AUTO(SORTKEY(v))')])
        self.refused('alter table chosen alter column v type varchar(9)', 'XX000')
        self.refused('alter table chosen drop column v', '0A000')

    def test_E7a_a_column_with_a_default_keeps_its_length(self):
        self.refused('alter table t alter column d type varchar(20)', '0A000',
                     'column has a default value')

    def test_E8_defaults_and_null_stay(self):
        for words in ("set default 'y'", 'drop default'):
            self.refused(f'alter table t alter column d {words}', '0A000',
                         'ALTER COLUMN SET/DROP DEFAULT is not supported')
        self.refused('alter table t alter column a set not null', '0A000',
                     'ALTER COLUMN SET NOT NULL is not supported')

    def test_E9_keys_are_not_dropped(self):
        self.client.query('create table k (a int, b int, c int) distkey (a) sortkey (b)')
        self.refused('alter table k drop column a', '0A000', 'cannot drop distkey column "a"')
        self.refused('alter table k drop column b', '0A000', 'cannot drop sortkey column "b"')
        self.client.query('alter table k drop column c')
        self.client.query('create table one (a int)')
        self.refused('alter table one drop column a', '0A000')
        self.refused('alter table k drop column z', '42703')

    def test_E10_encodings_change(self):
        self.client.query('alter table t alter column a encode zstd')
        self.refused('alter table t alter column a encode zstd', '0A000', 'already')
        self.refused('alter table t alter column a encode gzip', '0A000', 'invalid encoding')
        self.client.query('create table k (a int, w varchar(5) encode bytedict)')
        self.client.query('alter table k alter column w encode lzo')
        self.client.query('alter table k alter column w type varchar(9)')

    def test_E7b_a_varchar_grows_once_its_encoding_is_another(self):
        def is_auto():
            return self.client.value('select encode_auto from standin.table_attributes where relid = '
                                     f"'{self.schema}.t'::regclass")
        self.client.query('standin optimize t v encode bytedict')
        self.assertEqual(is_auto(), 't')
        self.refused('alter table t alter column v type varchar(99)', '0A000', 'BYTEDICT')
        self.client.query('alter table t alter column v encode lzo')
        self.assertEqual(is_auto(), 'f')
        self.client.query('alter table t alter column v type varchar(99)')
        self.client.query('alter table t alter encode auto')
        self.assertEqual(is_auto(), 't')
        self.syntax_error('alter table t alter encode lzo')

    def test_E10_keys_change_in_a_transaction_too(self):
        def keys():
            return self.client.rows('select diststyle, distkey, sortstyle, sortkeys from '
                                    "standin.table_attributes where relid = "
                                    f"'{self.schema}.k'::regclass")
        self.client.query('create table k (a int, b int, c int) distkey (a) sortkey (a, b)')
        self.client.query('begin')
        self.client.query('alter table k alter distkey c')
        self.client.query('alter table k alter compound sortkey (c, b)')
        self.client.query('alter table k drop column a')
        self.client.query('commit')
        self.assertEqual(keys(), [('KEY', 'c', 'COMPOUND', '{c,b}')])
        self.client.query('alter table k alter diststyle even; alter table k alter sortkey none')
        self.assertEqual(keys(), [('EVEN', None, 'COMPOUND', '{}')])
        self.client.query('alter table k alter diststyle auto; alter table k alter sortkey auto')
        self.assertEqual(keys(), [('AUTO', None, 'AUTO', '{}')])
        self.client.query('alter table k alter sortkey (b)')
        self.refused('alter table k alter distkey z', '42703')
        self.syntax_error('alter table k alter distkey b, alter sortkey (b)', ',')
        self.client.query('create table i (a int, b int) interleaved sortkey (a, b)')
        self.refused('alter table i alter distkey a', '0A000')

    def test_E12_names_and_owners_change_in_a_transaction(self):
        self.client.query('begin')
        self.client.query('alter table t rename column a to b')
        self.client.query('alter table t rename to u')
        self.client.query('alter table u owner to awsuser')
        self.client.query('commit')
        self.client.query('select b from u')
        self.refused('alter table u rename to #u', '0A000')

    def test_E12_keys_keep_to_a_renamed_column(self):
        self.client.query('create table k (a int encode zstd) distkey (a) sortkey (a)')
        self.client.query('alter table k rename column a to b')
        self.assertEqual(
            self.client.rows('select distkey, sortkeys from standin.table_attributes where relid = '
                             f"'{self.schema}.k'::regclass"), [('b', '{b}')])
        self.refused('alter table k alter column b encode zstd', '0A000')

    def test_E12_set_schema_is_not_in_the_grammar(self):
        self.syntax_error('alter table t set schema public', 'set')

    def test_E13_truncate_commits(self):
        self.client.query('begin')
        self.client.query("insert into t values (1, 'v', 'd')")
        self.client.query('create table made (a int)')
        self.client.query('truncate t')
        self.client.query('rollback')
        self.assertEqual(self.client.value('select count(*) from t'), '0')
        self.client.query('select * from made')

    def test_E13_truncate_takes_one_table(self):
        self.client.query('create table u (a int)')
        self.syntax_error('truncate t, u', ',')
        self.syntax_error('truncate table t cascade', 'cascade')
        self.syntax_error('truncate t restart identity', 'restart')
