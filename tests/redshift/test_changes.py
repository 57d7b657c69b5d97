"""Rule F7, and INSERT: what changes rows."""
from . import support


class ChangesTest(support.Case):
    def setUp(self):
        super().setUp()
        self.client.query('create table t (a int, b varchar(20))')
        self.client.query("insert into t values (1, 'x'), (2, 'y')")
        self.client.query('create table s (a int, b varchar(20))')
        self.client.query("insert into s values (2, 'new'), (3, 'z')")

    def rows(self):
        return self.client.rows('select a, b from t order by a, b')

    def test_F7_delete_using(self):
        self.assertEqual(self.client.query('delete from t using s where t.a = s.a').tag, 'DELETE 1')

    def test_F7_delete_takes_no_alias(self):
        self.syntax_error('delete from t x where x.a = 1', 'x')
        self.syntax_error('delete from t as x where x.a = 1', 'as')

    def test_F7_update_from(self):
        self.client.query('update t set b = s.b from s where t.a = s.a')
        self.client.query("update t as x set b = 'w' where x.a = 1")
        self.assertEqual(self.rows(), [('1', 'w'), ('2', 'new')])
        self.refused('update t set b = s.b from t x left join s on x.a = s.a where t.a = x.a',
                     '0A000', 'Target table must be part of an equijoin predicate')

    def test_insert_in_all_its_forms(self):
        for sql, tag in (("insert into t (b, a) values ('q', 7), ('r', 8)", 'INSERT 0 2'),
                         ('insert into t (select * from s)', 'INSERT 0 2'),
                         ('insert into t with x as (select * from s) select * from x',
                          'INSERT 0 2'),
                         ('insert into t default values', 'INSERT 0 1'),
                         ('insert into t (a) select 1', 'INSERT 0 1'),
                         ("insert into t values (default, 'x')", 'INSERT 0 1')):
            self.assertEqual(self.client.query(sql).tag, tag, sql)
        self.syntax_error('insert t values (1)', 't')
        self.syntax_error('insert into t as x values (1)', 'as')
        self.refused('insert into nothing values (1)', '42P01')

    def test_views_take_no_rows(self):
        self.client.query('create view v as select * from t')
        self.refused('insert into v values (1, 1)', '0A000')
        self.refused('delete from v', '0A000')
