"""The stand-in as psql, and libpq with it, sees it: TLS, names, notices, variables."""
import os
import shutil
import subprocess
import unittest

from . import support


@unittest.skipUnless(shutil.which('psql'), 'there is no psql')
class LibpqTest(support.Case):
    def conninfo(self, **changes):
        return ' '.join(f'{name}={value}' for name, value in (support.CONNINFO | changes).items())

    def run_psql(self, *commands, **changes):
        arguments = [word for command in commands for word in ('-c', command)]
        return support.psql(*arguments, conninfo=self.conninfo(**changes))

    def test_verify_full_takes_localhost(self):
        status, out, err = self.run_psql('select 1', '\\conninfo')
        self.assertEqual((status, err), (0, ''))
        self.assertIn('SSL', out)

    def test_verify_full_refuses_another_name(self):
        status, _, err = self.run_psql('select 1', host='127.0.0.2', hostaddr='127.0.0.1')
        self.assertEqual(status, 2)
        self.assertIn('does not match host name', err)

    def test_verify_full_refuses_another_ca(self):
        other = os.path.join(support.FOLDER, 'other.crt')
        subprocess.run(['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                        'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=other', '-keyout',
                        os.devnull, '-out', other], check=True, capture_output=True)
        status, _, err = self.run_psql('select 1', sslrootcert=other)
        self.assertEqual(status, 2)
        self.assertIn('certificate verify failed', err)

    def test_a_wrong_password_is_refused(self):
        status, _, err = self.run_psql('select 1', password='Wrong1234')
        self.assertEqual(status, 2)
        self.assertIn('password authentication failed for user "awsuser"', err)

    def test_A2_without_gssencmode_libpq_finds_its_way(self):
        words = {name: value for name, value in support.CONNINFO.items() if name != 'gssencmode'}
        status, out, _ = support.psql('-c', 'select 1', conninfo=' '.join(
            f'{name}={value}' for name, value in words.items()))
        self.assertEqual((status, out.strip()), (0, '1'))

    def test_the_server_is_of_version_80002(self):
        status, out, _ = self.run_psql('\\echo :SERVER_VERSION_NUM :SERVER_VERSION_NAME')
        self.assertEqual((status, out), (0, '80002 8.0.2\n'))

    def test_A6_libpq_escapes_backslashes_for_this_server(self):
        """Without standard_conforming_strings libpq writes E'..' for a backslash: refused (B2)."""
        status, out, err = support.psql(
            '-v', 'plain=a\'b', '-v', 'slash=a\\b', '-f', '-', conninfo=self.conninfo(),
            stdin="select :'plain';\nselect :'slash';\n")
        self.assertEqual(status, 0)
        self.assertEqual(out, "a'b\n")
        self.assertIn('type "e" does not exist', err)

    def test_notices_are_infos(self):
        _, _, err = self.run_psql('drop table if exists customers')
        self.assertEqual(err, 'INFO:  Table "customers" does not exist and will be skipped\n')

    def test_errors_point_at_their_place(self):
        _, _, err = self.run_psql('select 1 frm t x')
        self.assertIn('LINE 1: select 1 frm t x', err)
        self.assertIn('^', err)

    def test_a_transaction_in_one_string_is_rolled_back_whole(self):
        table = f'{self.schema}.t'
        status, _, _ = self.run_psql(f'create table {table} (a int)',
                                     f'insert into {table} values (1); select 1/0')
        self.assertEqual(status, 1)
        self.assertEqual(self.client.value('select count(*) from t'), '0')

    def test_long_results_come_whole(self):
        self.client.query('create table t (a bigint, b varchar(100))')
        self.client.query("insert into t values (1, 'a text of some length')")
        for _ in range(16):
            self.client.query('insert into t select a, b from t')
        status, out, _ = self.run_psql(f'select * from {self.schema}.t')
        self.assertEqual((status, out.count('\n')), (0, 65536))
