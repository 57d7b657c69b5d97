"""Forms that Redshift takes and no tool sends: each is refused by name."""
from . import support
from .unsupported import UNSENT, UNSENT_STATEMENTS

# A statement up to where the words of UNSENT stand; COPY and UNLOAD are in their own tests.
BEGINNINGS = {
    'ALTER TABLE': 'alter table t', 'ALTER GROUP': 'alter group g', 'ALTER ROLE': 'alter role r',
    'ALTER USER': 'alter user awsuser', 'CREATE ROLE': 'create role r',
    'CREATE USER': "create user u password 'Abcdefg1'", 'GRANT': 'grant',
    'GRANT ROLE': 'grant role r to awsuser', 'REVOKE': 'revoke',
    'CREATE TABLE': 'create table u (a int',
}
OTHERS = (
    'alter table t alter column v encode zstd, alter column a encode zstd',
    'alter table t alter column v type varchar(5)',
    'alter table t add column b int references t (a)',
    'create table u (like t including defaults)',
    'create database d owner awsuser', 'grant role r to role s', 'revoke role r from role s',
    'delete t where a = 1', "insert into s values ('1')",
    'select top 1 * from t', 'select a from t minus select a from t',
    'select a from t qualify row_number() over (order by a) = 1', 'select pg_cancel_backend(1)',
    'create table u (a, b) as select * from t', 'select nvl(a, 1) from t',
    "select dateadd(day, 1, '2026-01-01')",
    "select listagg(v, ',') from t", 'begin; fetch next from c', 'begin; fetch all from c',
    "select json_extract_path_text('{}', 'a')", 'select json_serialize_to_varbyte(d) from s',
)


class UnsentTest(support.Case):
    def setUp(self):
        super().setUp()
        self.client.query('create table t (a int, v varchar(10)); create table s (d super)')

    def unsent(self, sql, word=''):
        with self.subTest(sql=sql):
            error = self.refused(sql, '0A000', 'no tool sends this form')
            self.assertIn(word.upper(), error.message.upper())
            if self.client.status != 'I':
                self.client.query('rollback')

    def test_words_within_a_statement(self):
        self.assertEqual(set(BEGINNINGS) | {'COPY', 'UNLOAD'}, set(UNSENT))
        for command, beginning in BEGINNINGS.items():
            for words in UNSENT[command]:
                self.unsent(f'{beginning}{"," if command == "CREATE TABLE" else ""} {words} x',
                            words)

    def test_whole_statements(self):
        for words in UNSENT_STATEMENTS:
            self.unsent(' '.join(words) + ' x', ' '.join(words))

    def test_other_forms(self):
        for sql in OTHERS:
            self.unsent(sql)
