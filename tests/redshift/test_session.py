"""Rules A: connections, sessions, parameters, the protocol."""
from . import support


class SessionTest(support.Case):
    def test_A10_version_says_redshift(self):
        self.assertIn('PostgreSQL 8.0.2', self.client.value('select version()'))

    def test_A15_select_has_no_count(self):
        self.assertEqual(self.client.query('select 1').tag, 'SELECT')
        self.assertEqual(self.client.execute('select $1::int', '5').rows, [('5',)])
