"""Rules I9 to I13: privileges, default privileges, ASSUMEROLE."""
import os

from . import support

GOOD = 'Abcdefg1'
ARN = 'arn:aws:iam::123456789012:role/loader'
OTHER_ARN = 'arn:aws:iam::123456789012:role/other'


class GrantsTest(support.Case):
    """A user and a group of which that user is a member, and a table t."""

    def setUp(self):
        super().setUp()
        self.user = f'u_{os.urandom(4).hex()}'
        self.group = f'g_{os.urandom(4).hex()}'
        self.role = f'r_{os.urandom(4).hex()}'
        self.client.query(f"create user {self.user} password '{GOOD}'; "
                          f'create group {self.group} with user {self.user}; '
                          f'create role {self.role}')
        self.client.query('create table t (a int, b int)')
        self.client.query('insert into t values (1, 2)')
        self.they = self.connect(self.user, GOOD)

    def tearDown(self):
        self.they.close()
        super().tearDown()
        self.client.query('alter default privileges for user awsuser revoke all on tables '
                          f'from {self.user}')
        self.client.query(f'revoke all on database dev from {self.user}')
        self.client.query(f'drop role {self.role} force; drop group {self.group}; '
                          f'drop user {self.user}')

    def denied(self, sql, of='permission denied'):
        self.refused(sql, '42501', of, self.they)

    def use_schema(self):
        self.client.query(f'grant usage on schema {self.schema} to {self.user}')

    def privileges(self, view, where):
        return self.client.rows('select privilege_type, identity_name, identity_type, admin_option '
                                f'from {view} where {where} order by 1, 2')

    # ---- Tables ------------------------------------------------------------------------------

    def test_I9_a_table_is_closed_till_it_is_granted(self):
        self.denied(f'select * from {self.schema}.t', f'permission denied for schema {self.schema}')
        self.use_schema()
        self.denied('select * from t', 'permission denied for relation t')
        self.client.query(f'grant select on t to {self.user}')
        self.assertEqual(self.they.rows('select * from t'), [('1', '2')])
        self.denied('insert into t values (3, 4)', 'permission denied for relation t')
        self.client.query(f'revoke select on table t from {self.user}')
        self.denied('select * from t')

    def test_I9_a_group_a_role_and_PUBLIC_pass_it_on(self):
        self.use_schema()
        self.client.query(f'grant role {self.role} to {self.user}')
        for grantee in (f'group {self.group}', f'role {self.role}', 'public'):
            self.client.query(f'grant select on t to {grantee}')
            self.assertEqual(len(self.they.rows('select * from t')), 1, grantee)
            self.client.query(f'revoke select on t from {grantee}')
            self.denied('select * from t')

    def test_I9_several_grantees_and_tables_in_one_statement(self):
        self.use_schema()
        self.client.query('create table t2 (a int)')
        self.client.query(f'grant select, insert on t, {self.schema}.t2 to group {self.group}, '
                          f'{self.user} with grant option')
        self.they.query('insert into t2 values (1)')
        self.assertIn(('SELECT', self.user, 'user', 't'),
                      self.privileges('svv_relation_privileges', "relation_name = 't2' and "
                                      f"namespace_name = '{self.schema}'"))

    def test_I9_ALL_TABLES_IN_SCHEMA(self):
        self.use_schema()
        self.client.query(f'grant all on all tables in schema {self.schema} to {self.user}')
        self.they.query('update t set a = 5')
        self.client.query(f'revoke all privileges on all tables in schema {self.schema} '
                          f'from {self.user}')
        self.denied('update t set a = 6')

    def test_I9_columns_can_be_granted(self):
        self.use_schema()
        self.client.query(f'grant select (a) on t to {self.user}')
        self.assertEqual(self.they.rows('select a from t'), [('1',)])
        self.denied('select b from t')
        self.syntax_error(f'grant insert (a) on t to {self.user}')

    def test_I9_DROP_is_a_privilege(self):
        self.client.query(f'grant drop on t to {self.user}')
        self.assertIn(('DROP', self.user, 'user', 'f'), self.privileges(
            'svv_relation_privileges', f"namespace_name = '{self.schema}'"))

    def test_I9_what_is_not_there_cannot_be_granted(self):
        self.refused(f'grant select on nothing_here to {self.user}', '42P01')
        self.refused('grant select on t to nobody_here', '42704', 'user "nobody_here"')
        self.refused('grant select on t to group nobody_here', '42704', 'group "nobody_here"')
        self.refused('grant select on t to role nobody_here', '42704', 'role "nobody_here"')

    def test_I9_who_may_not_grant_is_refused(self):
        self.use_schema()
        self.denied('grant select on t to public')
        self.client.query(f'grant select on t to {self.user} with grant option')
        self.they.query(f'grant select on t to group {self.group}')
        self.client.query(f'revoke grant option for select on t from {self.user} cascade')
        self.they.query('select * from t')

    # ---- Grammar -----------------------------------------------------------------------------

    def test_I9_CONNECT_is_no_privilege(self):
        self.syntax_error(f'grant connect on database dev to {self.user}', 'connect')

    def test_I9_a_role_needs_the_word_ROLE(self):
        self.syntax_error(f'grant {self.group} to {self.user}', self.group)

    def test_I9_only_users_pass_on_with_GRANT_OPTION(self):
        for grantee in (f'group {self.group}', 'public', f'role {self.role}'):
            self.refused(f'grant select on t to {grantee} with grant option', '0LP01',
                         'grant options can only be granted to individual users')

    def test_I9_a_privilege_belongs_to_its_kind_of_object(self):
        self.refused(f'grant usage on t to {self.user}', '0LP01', 'invalid privilege type USAGE')
        self.refused(f'grant select on schema {self.schema} to {self.user}', '0LP01')
        self.refused(f'grant insert on database dev to {self.user}', '0LP01')
        self.syntax_error(f'grant trigger on t to {self.user}', 'trigger')

    # ---- Schemas, databases, functions -------------------------------------------------------

    def test_I9_CREATE_on_a_schema(self):
        self.use_schema()
        self.denied(f'create table {self.schema}.mine (a int)',
                    f'permission denied for schema {self.schema}')
        self.client.query(f'grant create on schema {self.schema} to {self.user}')
        self.they.query(f'create table {self.schema}.mine (a int)')
        self.assertEqual(self.privileges('svv_schema_privileges',
                                         f"namespace_name = '{self.schema}'"),
                         [('CREATE', self.user, 'user', 'f'), ('USAGE', self.user, 'user', 'f')])

    def test_I9_CREATE_on_a_database_is_the_right_to_create_schemas(self):
        name = f'{self.schema}_own'
        self.denied(f'create schema {name}', 'permission denied for database dev')
        self.client.query(f'grant create on database dev to group {self.group}')
        self.they.query(f'create schema {name}')
        self.they.query(f'drop schema {name}')
        self.assertIn(('CREATE', self.group, 'group', 'f'), self.privileges(
            'svv_database_privileges', "database_name = 'dev'"))
        self.client.query(f'revoke create on database dev from group {self.group}')

    def test_I9_TEMP_on_a_database(self):
        self.they.query('create temp table scratch (a int)')
        self.client.query('revoke temp on database dev from public')
        try:
            other = self.connect(self.user, GOOD)
            self.refused('create temp table scratch (a int)', '42501', 'permission denied', other)
        finally:
            self.client.query('grant temporary on database dev to public')

    def test_I9_roles_are_granted_to_users(self):
        self.client.query(f'grant role {self.role} to {self.user}')
        sql = f"select role_name from svv_user_grants where user_name = '{self.user}'"
        self.assertEqual(self.client.rows(sql), [(self.role,)])
        self.client.query(f'revoke role {self.role} from {self.user}')
        self.assertEqual(self.client.rows(sql), [])

    def test_I9_sys_monitor_sees_the_system_tables(self):
        self.denied('select * from stv_partitions')
        self.client.query(f'grant role sys:monitor to {self.user}')
        self.they.query('select * from stv_partitions')
        self.assertGreater(int(self.they.value('select count(*) from stv_sessions')), 1)
        self.client.query(f'revoke role sys:monitor from {self.user}')
        self.denied('select * from stv_partitions')
        self.assertIn(('sys:monitor',), self.client.rows('select role_name from svv_roles'))
        self.refused('create role sys:mine', '42939', 'role name "sys:mine" is reserved')
        self.refused('drop role sys:monitor', '42501')

    def test_I10_everybody_may_create_in_public(self):
        name = f'public.t_{os.urandom(4).hex()}'
        self.they.query(f'create table {name} (a int)')
        self.they.query(f'drop table {name}')
        self.assertIn(('CREATE', 'public', 'public', 'f'), self.privileges(
            'svv_schema_privileges', "namespace_name = 'public'"))
        self.assertIn(('TEMP', 'public', 'public', 'f'), self.privileges(
            'svv_database_privileges', "database_name = 'dev'"))

    def test_I10_so_it_is_in_a_new_database(self):
        database = f'd_{os.urandom(4).hex()}'
        self.client.query(f'create database {database}')
        they = self.connect(self.user, GOOD, database=database)
        they.query('create table public.mine (a int)')
        they.query('create temp table scratch (a int)')
        self.assertEqual(they.rows("select privilege_type from svv_schema_privileges where "
                                   "namespace_name = 'public' order by 1"),
                         [('CREATE',), ('USAGE',)])
        they.close()
        self.client.query(f'drop database {database}')

    # ---- Default privileges ------------------------------------------------------------------

    def test_I11_default_privileges_hold_for_tables_to_come(self):
        self.use_schema()
        self.client.query(f'alter default privileges for user awsuser in schema {self.schema} '
                          f'grant select on tables to {self.user}')
        self.denied('select * from t')
        self.client.query('create table later (a int)')
        self.assertEqual(self.they.rows('select * from later'), [])
        self.assertEqual(self.client.rows(
            'select object_type, owner_name, privilege_type, grantee_name, grantee_type '
            f"from svv_default_privileges where schema_name = '{self.schema}'"),
            [('RELATION', 'awsuser', 'SELECT', self.user, 'user')])
        self.refused(f'drop user {self.user}', '55006', 'has a privilege on some object')
        self.client.query(f'alter default privileges for user awsuser in schema {self.schema} '
                          f'revoke select on tables from {self.user}')
        self.client.query('create table still_later (a int)')
        self.denied('select * from still_later')

    def test_I11_FOR_ROLE_is_a_syntax_error(self):
        self.syntax_error(f'alter default privileges for role {self.role} grant select on tables '
                          f'to {self.user}', 'role')

    def test_I11_others_set_no_defaults_for_others(self):
        self.denied('alter default privileges for user awsuser grant select on tables to public',
                    'must be superuser')

    # ---- ASSUMEROLE --------------------------------------------------------------------------

    def may_assume(self, arn=ARN, command='COPY'):
        return self.they.value(f"select has_assumerole_privilege('{arn}', '{command}')") == 't'

    def test_I12_roles_of_IAM_are_open_till_revoked_from_PUBLIC(self):
        self.assertTrue(self.may_assume())
        self.client.query('revoke assumerole on all from public for all')
        try:
            self.assertFalse(self.may_assume())
            self.client.query(f"grant assumerole on '{ARN}' to group {self.group} for copy")
            self.assertTrue(self.may_assume())
            self.assertFalse(self.may_assume(command='UNLOAD'))
            self.assertFalse(self.may_assume(OTHER_ARN))
            self.assertEqual(self.client.value("select has_assumerole_privilege('awsuser', "
                                               f"'{OTHER_ARN}', 'COPY')"), 't')
            self.refused(f'drop group {self.group}', '55006', 'has a privilege')
            self.client.query(f"revoke assumerole on '{ARN}' from group {self.group} for all")
            self.assertFalse(self.may_assume())
        finally:
            self.client.query('grant assumerole on all to public for all')

    def test_I12_only_a_superuser_grants_ASSUMEROLE(self):
        self.denied(f"grant assumerole on '{ARN}' to {self.user} for all", 'must be superuser')

    # ---- What is shown -----------------------------------------------------------------------

    def test_I13_a_user_sees_the_own_grants_only(self):
        self.use_schema()
        other = f'o_{os.urandom(4).hex()}'
        self.client.query(f"create user {other} password '{GOOD}'")
        self.client.query(f'grant select on t to {self.user}, {other}')
        seen = self.they.rows('select identity_name from svv_relation_privileges '
                              f"where namespace_name = '{self.schema}'")
        self.assertEqual(seen, [(self.user,)])
        self.client.query(f'revoke select on t from {other}; drop user {other}')

    def test_I13_has_privilege_functions(self):
        self.use_schema()
        for sql, wanted in (
                (f"has_schema_privilege('{self.user}', '{self.schema}', 'usage')", 't'),
                (f"has_schema_privilege('{self.user}', '{self.schema}', 'create')", 'f'),
                (f"has_table_privilege('{self.user}', '{self.schema}.t', 'select')", 'f'),
                (f"has_database_privilege('{self.user}', 'dev', 'temp')", 't'),
                (f"has_database_privilege('{self.user}', 'dev', 'create')", 'f')):
            self.assertEqual(self.client.value(f'select {sql}'), wanted, sql)
