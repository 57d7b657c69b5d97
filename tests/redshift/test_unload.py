"""UNLOAD against a real S3 server: names of files, formats, manifests, what is refused."""
import json
import unittest

from .s3_case import S3Case, zstandard_or_skip
from .storage import DEFAULT_ROLE
from .unsupported import UNSENT


class UnloadCase(S3Case):
    def setUp(self):
        super().setUp()
        self.client.query('create table t (a int, b varchar(99)); insert into t values '
                          "(1, 'one'), (2, null), (3, ''), (4, 'a|b'), (5, 'q\"q')")

    def unload_sql(self, query, name='', options='csv', auth=f"iam_role '{DEFAULT_ROLE}'"):
        quoted = query.replace('\\', '\\\\').replace("'", "''")
        return f"unload ('{quoted}') to '{self.url(name)}' {auth} {options}"

    def unload(self, options='csv', query='select * from t order by a', name=''):
        return self.client.query(self.unload_sql(query, name, options))

    def unloaded(self, options='csv', query='select * from t order by a', name='f'):
        """What one serial file holds."""
        self.unload(options + ' parallel off', query, name)
        return self.read(name + '000').decode()


class TargetTest(UnloadCase):
    def test_H4_one_file_a_slice(self):
        self.unload(name='p_')
        slices = int(self.client.value('select count(*) from stv_slices'))
        self.assertEqual(self.names(), [f'p_{i:04d}_part_00' for i in range(slices)])
        lines = ''.join(self.read(name).decode() for name in self.names()).splitlines()
        self.assertEqual(sorted(lines), ['1,one', '2,', '3,', '4,a|b', '5,"q""q"'])

    def test_H4_the_number_of_slices_can_be_set(self):
        before = self.client.value('select count(*) from stv_slices')
        self.client.query('standin slices 7')
        try:
            self.unload(name='p_')
            self.assertEqual(len(self.names()), 7)
        finally:
            self.client.query(f'standin slices {before}')

    def test_H4_parallel_off_writes_one_file(self):
        self.unload('csv parallel off', name='p_')
        self.assertEqual(self.names(), ['p_000'])
        self.unload('csv parallel false', name='q_')
        self.assertEqual(self.read('q_000'), self.read('p_000'))

    def test_H4_zstd(self):
        decompressor = zstandard_or_skip().ZstdDecompressor().decompressobj()
        self.unload('csv zstd parallel off', name='z_')
        self.assertEqual(decompressor.decompress(self.read('z_000.zst')).decode(), self.unloaded())

    def test_H4_manifest(self):
        self.unload('csv manifest', name='m_')
        document = json.loads(self.read('m_manifest'))
        self.assertEqual([entry['url'] for entry in document['entries']],
                         [self.url(name) for name in self.names() if 'part' in name])
        for entry in document['entries']:
            key = entry['url'].partition(self.bucket + '/')[2]
            self.assertEqual(entry['meta'], {'content_length': self.s3.head(self.bucket, key)})
        self.client.query('create table back (like t)')
        self.copy('back', 'm_manifest', 'csv manifest')
        self.assertEqual(self.client.value('select count(*) from back'), '5')

    def test_H3_a_target_that_is_not_empty_is_refused(self):
        self.unload(name='p_')
        self.refused(self.unload_sql('select 1', 'p_'), 'XX000',
                     'Specified unload destination on S3 is not empty. Consider using a different '
                     'bucket / prefix, manually removing the target files in S3, or using the '
                     'ALLOWOVERWRITE option.')

    def test_H5_maxfilesize_has_a_range_and_cuts_files(self):
        for size in ('4 mb', '6.3 gb', '1'):
            self.refused(self.unload_sql('select 1', options='csv maxfilesize ' + size), '22023',
                         'MAXFILESIZE')
        self.unload('csv maxfilesize as 5 mb parallel off', "select i, repeat('x', 9000) from "
                    '(select generate_series(1, 700) as i) as s', 'b_')
        self.assertEqual(self.names(), ['b_000', 'b_001'])
        self.assertLessEqual(self.s3.head(self.bucket, self.folder + 'b_000'), 5 << 20)

class FormatTest(UnloadCase):
    def test_H5_addquotes_and_escape(self):
        self.assertEqual(self.unloaded('addquotes escape'),
                         '"1"|"one"\n"2"|\n"3"|""\n"4"|"a\\|b"\n"5"|"q\\"q"\n')
        self.assertEqual(self.unloaded('addquotes escape', r"select 'a\\b' || chr(10) || 'c' as x",
                                       'g'), '"a\\\\b\\\nc"\n')
        self.assertEqual(self.unloaded("addquotes escape null as '\\\\N'", 'select null::int as x',
                                       'h'), '\\\\N\n')

    def test_H5_csv(self):
        self.assertEqual(self.unloaded(), '1,one\n2,\n3,\n4,a|b\n5,"q""q"\n')
        self.assertEqual(self.unloaded("format as csv delimiter '|' null as '@'", name='g'),
                         '1|one\n2|@\n3|\n4|"a|b"\n5|"q""q"\n')

    def test_H5_types_as_text(self):
        self.assertEqual(self.unloaded('csv', "select true, 1.50::numeric(8,2), date '2024-02-29', "
                                              "timestamp '2024-02-29 11:12:13.5'"),
                         't,1.50,2024-02-29,2024-02-29 11:12:13.5\n')

    def test_H1_unload_and_copy_make_the_same_rows(self):
        text = r"""'tab' || chr(9) || '\\ | \" '' é' || chr(10) || 'end'"""
        self.client.query(f'insert into t select 6, {text}')
        pairs = [("manifest zstd null as 'NULL_STRING__' delimiter '^' addquotes escape",
                  "manifest zstd null as 'NULL_STRING__' delimiter '^' removequotes escape"),
                 ("manifest csv null as 'NIL'", "manifest csv null as 'NIL'")]
        for number, (out, back) in enumerate(pairs):
            with self.subTest(out=out):
                self.client.query('drop table if exists back; create table back (like t)')
                self.unload(out, name=f'r{number}_')
                self.copy('back', f'r{number}_manifest', back)
                self.assertEqual(self.client.rows('select * from back order by a'),
                                 self.client.rows('select * from t order by a'))


class StatementTest(UnloadCase):
    def test_H1_the_inner_query_reads_backslashes_again(self):
        self.client.query(f"unload ('select ''a\\\\\\\\b''') to '{self.url('x')}' iam_role default "
                          'csv parallel off')
        self.assertEqual(self.read('x000'), b'a\\b\n')

    def test_H1_an_outer_limit_is_refused(self):
        for query in ('select * from t limit 1', 'select top 1 * from t'):
            self.refused(self.unload_sql(query), '0A000', 'Limit clause is not supported')
        self.unload(query='select * from (select * from t limit 1) as one', name='ok')

    def test_H1_only_queries_are_unloaded(self):
        self.syntax_error(self.unload_sql('delete from t'), 'delete')
        self.syntax_error(self.unload_sql('select 1; select 2'), ';')
        self.syntax_error(self.unload_sql('select 1', options='csv nonsense'), 'nonsense')
        self.refused(self.unload_sql('select * from nowhere'), '42P01')
        self.refused("unload ('select 1') to '/tmp/x' iam_role default csv", '0A000')

    def test_H2_conflicting_options_are_refused(self):
        for options in ('csv addquotes', 'csv escape'):
            with self.subTest(options=options):
                self.refused(self.unload_sql('select 1', options=options), '42601',
                             ' is not compatible with ')
        self.refused(self.unload_sql('select 1', options="csv kms_key_id 'k'"), '42601',
                     'ENCRYPTED')
        self.refused(self.unload_sql('select 1', options='csv encrypted'), '0A000')

    def test_forms_that_no_tool_sends_are_refused_by_name(self):
        for form in UNSENT['UNLOAD']:
            with self.subTest(form=form):
                self.refused(self.unload_sql('select 1', options=f'csv {form}'), '0A000', form)
        self.refused(self.unload_sql('select 1', options='format as parquet'), '0A000', 'PARQUET')
        for options in ('', 'escape', 'addquotes', "delimiter ','"):
            with self.subTest(options=options):
                self.refused(self.unload_sql('select 1', options=options), '0A000', 'without CSV')

    def test_H2_authorisation_is_that_of_copy(self):
        self.refused(self.unload_sql('select 1', auth=''), 'XX000', 'Invalid credentials.')
        self.refused(self.unload_sql('select 1', auth="access_key_id 'x' secret_access_key 'y'"),
                     'XX000', 'Error InvalidAccessKeyId')
        role = 'arn:aws:iam::123456789012:role/no'
        self.refused(self.unload_sql('select 1', auth=f"iam_role '{role}'"), 'XX000',
                     'is not authorized to assume IAM Role')

    def test_H6_the_last_unload(self):
        self.assertEqual(self.client.value('select pg_last_unload_count()'), '0')
        self.assertEqual(self.unload(name='p_').tag, 'UNLOAD')
        self.assertEqual(self.infos()[-1], 'UNLOAD completed, 5 record(s) unloaded successfully.')
        self.assertEqual(self.client.value('select pg_last_unload_count()'), '5')

    def test_H6_an_unload_in_a_transaction_sees_its_rows(self):
        self.client.query("begin; insert into t values (9, 'nine')")
        self.assertEqual(self.unloaded(query='select a from t where a = 9'), '9\n')
        self.client.query('rollback')


if __name__ == '__main__':
    unittest.main()
