"""Rules I1 to I8 and I13: users and groups."""
import hashlib
import os

from . import passwords, support

GOOD = 'Abcdefg1'


class UsersTest(support.Case):
    def setUp(self):
        super().setUp()
        self.made = []

    def tearDown(self):
        super().tearDown()
        for kind, name in reversed(self.made):
            try:
                self.client.query(f'drop {kind} {name}')
            except support.Error:
                pass

    def fresh(self, kind='user'):
        """A name that nobody has; what it will name is dropped with the test."""
        name = f'{kind[0]}_{os.urandom(4).hex()}'
        self.made.append((kind, name))
        return name

    def user(self, options=f"password '{GOOD}'"):
        name = self.fresh()
        self.client.query(f'create user {name} {options}')
        return name

    def group(self, *members):
        name = self.fresh('group')
        users = f" with user {', '.join(members)}" if members else ''
        self.client.query(f'create group {name}{users}')
        return name

    def row(self, name, columns='*', view='pg_user'):
        return self.client.rows(f"select {columns} from {view} where usename = '{name}'")[0]

    # ---- What an administrator asks before a user is dropped ---------------------------------

    def test_I8_a_database_and_a_function_are_handed_over(self):
        name = self.user()
        database = 'd_' + os.urandom(4).hex()
        function = f'f_{os.urandom(4).hex()}'
        self.client.query(f'create database {database}')
        self.addCleanup(lambda: self.client.query(f'drop database {database}'))
        self.client.query(f'create function public.{function}(int) returns int immutable '
                          'as $$ select 1 $$ language sql')
        self.addCleanup(lambda: self.client.query(f'drop function public.{function}(int)'))
        self.client.query(f'alter database {database} owner to {name}')
        self.client.query(f'alter function public.{function}(int) owner to {name}')
        self.assertEqual(self.client.rows(
            f"select datname from pg_database d, pg_user u where datdba = usesysid "
            f"and usename = '{name}'"), [(database,)])
        self.assertEqual(self.client.rows(
            f"select proname, prokind, oidvectortypes(proargtypes) from pg_proc_info, pg_user "
            f"where proowner = usesysid and usename = '{name}'"), [(function, 'f', 'integer')])
        self.client.query(f'alter database {database} owner to awsuser')
        self.client.query(f'alter function public.{function}(int) owner to awsuser')
        self.client.query(f'grant execute on function public.{function}(int) to {name}')
        self.assertIn(f'{name}=X/awsuser', self.client.value(
            f"select array_to_string(proacl, ',') from pg_proc where proname = '{function}'"))
        self.client.query(f'revoke all on function public.{function}(int) from {name}')

    def test_I12_iam_roles_that_were_granted_are_told(self):
        name = self.user()
        self.client.query(f"grant assumerole on 'arn:aws:iam::1:role/x' to {name} for copy, unload")
        self.client.query(f'grant assumerole on all to {name} for copy')
        asked = ("select iam_role, cmd from pg_get_iam_role_by_user('%s') "
                 'res_iam_role(username text, iam_role text, cmd text) order by 1' % name)
        self.assertEqual(self.client.rows(asked),
                         [('arn:aws:iam::1:role/x', 'COPY|UNLOAD'), ('default', 'COPY')])
        self.client.query(f'revoke assumerole on all from {name} for all')
        self.assertEqual(self.client.rows(asked), [])

    def test_I5_a_group_has_a_name_of_127_bytes_as_a_user_has(self):
        long = 'l' * 127
        self.client.query(f"create user {long} password '{GOOD}'")
        self.made.append(('user', long))
        self.client.query(f'create group {long} with user {long}')
        self.made.append(('group', long))
        self.assertEqual(self.client.rows(
            'select groname, usename from pg_group, pg_user where usesysid = any(grolist) '
            f"and groname = '{long}'"), [(long, long)])

    # ---- CREATE USER -------------------------------------------------------------------------

    def test_I1_a_password_is_needed(self):
        self.syntax_error(f'create user {self.fresh()}', near='')
        self.syntax_error(f'create user {self.fresh()} createdb', near='')

    def test_I1_all_forms_of_passwords_are_taken(self):
        digest = hashlib.md5(b'whatever').hexdigest()
        for form in ("'Abcdefg1'", 'disable', f"'md5{digest}'", "'sha256|Mypassword1'",
                     f"'sha256|{'0a' * 32}|{'b1' * 32}'"):
            self.assertTrue(self.row(self.user(f'password {form}')), form)

    def test_I1_options_stand_in_any_order(self):
        name = self.user(f"with nocreateuser createdb connection limit 3 password '{GOOD}' "
                         "valid until '2030-01-01'")
        self.assertEqual(self.row(name, 'usecreatedb, usesuper, valuntil'),
                         ('t', 'f', '2030-01-01 00:00:00'))

    def test_I1_options_of_PostgreSQL_are_syntax_errors(self):
        for option in ('LOGIN', 'SUPERUSER', 'REPLICATION', 'BYPASSRLS', 'ENCRYPTED', 'ADMIN'):
            self.syntax_error(f"create user {self.fresh()} {option} password '{GOOD}'", option)

    def test_I1_no_option_stands_twice(self):
        self.refused(f"create user {self.fresh()} password '{GOOD}' createdb nocreatedb", '42601',
                     'conflicting or redundant options')

    def test_I2_a_weak_password_is_refused(self):
        for weak, why in (('Abcdef1', 'between 8 and 64'), ('Aa1' * 22, 'between 8 and 64'),
                          ('abcdefg1', 'uppercase'), ('ABCDEFG1', 'lowercase'),
                          ('Abcdefgh', 'number'), ('Abcdefg1/', 'must not contain'),
                          ('Abc defg1', 'must not contain'), ('Abcdefg1@', 'must not contain'),
                          ('Abcdefg1"', 'must not contain'), ('Abcdefg1\\\\', 'must not contain'),
                          ('Abcdefg1\u00e9', 'must not contain')):
            self.refused(f"create user {self.fresh()} password '{weak}'", '22023', why)

    def test_I2_a_hashed_password_has_its_form(self):
        for wrong in ('md5123', 'md5' + 'G' * 32, 'sha256|', 'sha256|ab|cd',
                      f"sha256|{'0' * 64}|x"):
            self.refused(f"create user {self.fresh()} password '{wrong}'", '22023', 'invalid')

    def test_I2_the_example_of_the_manual_is_hashed_as_there(self):
        salt = 'c721bff5d9042cf541ff7b9d48fa8a6e545c19a763e3710151f9513038b0f6c6'
        self.assertEqual(passwords.sha256_hex('Mypassword1', bytes.fromhex(salt)),
                         '821708135fcc42eb3afda85286dee0ed15c2c461d000291609f77eb113073ec2')

    def test_I3_CREATEUSER_is_a_superuser(self):
        name = self.user(f"password '{GOOD}' createuser")
        self.assertEqual(self.row(name, 'usesuper'), ('t',))
        other = self.fresh()
        client = self.connect(name, GOOD)
        client.query(f"create user {other} password '{GOOD}'")

    def test_I3_others_create_no_users(self):
        client = self.connect(self.user(), GOOD)
        self.refused(f"create user {self.fresh()} password '{GOOD}'", '42501',
                     'must be superuser to create users', client)
        self.refused(f'create group {self.fresh("group")}', '42501', 'must be superuser', client)
        self.refused('drop user awsuser', '42501', 'must be superuser to drop users', client)

    def test_I3_a_superuser_keeps_a_password(self):
        self.refused(f'create user {self.fresh()} password disable createuser', '22023')
        name = self.user(f"password '{GOOD}' createuser")
        self.refused(f'alter user {name} password disable', '22023')
        self.refused(f'alter user {self.user("password disable")} createuser password disable',
                     '22023')

    def test_I4_an_existing_user_is_42710(self):
        name = self.user()
        self.refused(f"create user {name} password '{GOOD}'", '42710',
                     f'user "{name}" already exists')

    def test_I4_an_existing_group_is_42710(self):
        name = self.group()
        self.refused(f'create group {name}', '42710', f'group "{name}" already exists')

    def test_I4_a_missing_group_is_42704(self):
        self.refused(f'alter group no_such_group add user {self.user()}', '42704',
                     'group "no_such_group" does not exist')

    def test_I4_IF_NOT_EXISTS_is_a_syntax_error(self):
        self.syntax_error(f"create user if not exists u password '{GOOD}'", 'not')
        self.syntax_error('create group if not exists g', 'not')

    def test_I4_a_transaction_takes_a_user_back(self):
        name = self.fresh()
        self.client.query('begin')
        self.client.query(f"create user {name} password '{GOOD}'")
        self.client.query('rollback')
        self.assertEqual(self.client.rows(f"select 1 from pg_user where usename = '{name}'"), [])

    # ---- Groups and roles --------------------------------------------------------------------

    def test_I5_a_group_may_be_called_as_a_user_is(self):
        name = self.user()
        self.made.append(('group', name))
        self.client.query(f'create group {name} with user {name}')
        self.assertEqual(self.client.rows(
            "select grolist = array[usesysid] from pg_group, pg_user "
            f"where groname = '{name}' and usename = '{name}'"), [('t',)])

    def test_I5_a_role_may_not(self):
        name = self.user()
        self.refused(f'create role {name}', '42710', f'user "{name}" already exists')
        role = self.fresh('role')
        self.client.query(f'create role {role}')
        self.refused(f"create user {role} password '{GOOD}'", '42710')

    def test_I5_roles_have_no_login(self):
        self.syntax_error('create role r login', 'login')
        self.syntax_error(f"create role r password '{GOOD}'", 'password')

    def test_I5_members_come(self):
        first, second = self.user(), self.user()
        group = self.group(first)
        self.client.query(f'alter group {group} add user {second}')
        self.assertEqual(self.client.rows(
            f"select usename from pg_user, pg_group where usesysid = any(grolist) "
            f"and groname = '{group}' order by usesysid"), [(first,), (second,)])
        self.refused(f'alter group {group} add user nobody_here', '42704',
                     'user "nobody_here" does not exist')

    def test_I5_names_keep_their_case_only_in_quotes(self):
        name = self.fresh()
        self.client.query(f"create user {name.upper()} password '{GOOD}'")
        self.assertTrue(self.row(name))
        quoted = '"' + name.upper() + '"'
        self.made.append(('user', quoted))
        self.client.query(f"create user {quoted} password '{GOOD}'")
        self.assertTrue(self.row(name.upper()))

    def test_I5_a_name_of_127_bytes_keeps_them_all(self):
        name = (self.fresh() + 'x' * 127)[:127]
        self.made.append(('user', name))
        self.client.query(f"create user {name} password '{GOOD}'")
        self.assertEqual(self.client.rows(
            f"select usename from pg_user where usename like '{name[:12]}%'"), [(name,)])
        self.assertEqual(self.connect(name, GOOD).value('select current_user'), name)

    # ---- ALTER USER --------------------------------------------------------------------------

    def test_I6_the_timeout_of_a_session_has_bounds(self):
        name = self.user()
        for seconds in (59, 1728001):
            self.refused(f'alter user {name} session timeout {seconds}', '22023', 'session timeout')
        self.client.query(f'alter user {name} session timeout 60 connection limit 5 '
                          'syslog access unrestricted')
        sql = ('select session_timeout, connection_limit, syslog_access from svv_user_info where '
               f"user_name = '{name}'")
        self.assertEqual(self.client.rows(sql), [('60', '5', 'UNRESTRICTED')])
        self.client.query(f'alter user {name} connection limit unlimited')
        self.assertEqual(self.client.rows(sql), [('60', 'UNLIMITED', 'UNRESTRICTED')])

    def test_I6_a_user_may_change_the_own_password_and_no_more(self):
        name = self.user()
        client = self.connect(name, GOOD)
        client.query(f"alter user {name} password 'Hijklmn2'")
        self.connect(name, 'Hijklmn2')
        self.refused(f'alter user {name} createdb', '42501', 'permission denied', client)
        self.refused(f"alter user awsuser password 'Hijklmn2'", '42501', client=client)

    def test_I6_a_setting_acts_at_the_next_login(self):
        name = self.user()
        self.client.query(f"alter user {name} set query_group to 'etl'")
        self.client.query(f'alter user {name} set search_path to {self.schema}, public')
        client = self.connect(name, GOOD)
        self.assertEqual(client.value('show query_group'), 'etl')
        self.assertIn('query_group=etl', self.row(name, 'useconfig')[0])
        self.client.query(f'alter user {name} set query_group to default')
        self.assertNotIn('query_group', self.row(name, 'useconfig')[0])

    def test_I6_who_is_not_there_cannot_be_altered(self):
        self.refused('alter user nobody_here createdb', '42704',
                     'user "nobody_here" does not exist')

    def test_I6_a_user_who_is_not_there_owns_nothing(self):
        self.refused(f'create schema {self.schema}_x authorization nobody_here', '42704',
                     'user "nobody_here" does not exist')
        self.client.query('create table t (a int)')
        self.refused('alter table t owner to nobody_here', '42704',
                     'user "nobody_here" does not exist')

    # ---- DROP --------------------------------------------------------------------------------

    def test_I8_an_owner_is_not_dropped(self):
        name = self.user()
        self.client.query(f'create schema {name} authorization {name}')
        self.refused(f'drop user {name}', '55006',
                     f'user "{name}" cannot be dropped because the user owns some object')
        self.client.query(f'drop schema {name}')
        self.client.query(f'drop user {name}')

    def test_I8_who_has_a_privilege_is_not_dropped(self):
        name, group = self.user(), self.group()
        for kind, who in (('user', name), ('group', group)):
            to = who if kind == 'user' else f'group {who}'
            self.client.query(f'grant usage on schema {self.schema} to {to}')
            self.refused(f'drop {kind} {who}', '55006', f'{kind} "{who}" cannot be dropped because '
                         f'the {kind} has a privilege on some object')
            self.client.query(f'revoke all on schema {self.schema} from {to}')
            self.client.query(f'drop {kind} {who}')

    def test_I8_the_wording_can_be_switched(self):
        name = self.user()
        self.client.query(f'grant usage on schema {self.schema} to {name}')
        self.client.query('''standin switch drop_wording 'can\\'t' ''')
        self.addCleanup(self.client.query, 'standin clear')
        self.refused(f'drop user {name}', '55006', "can't be dropped")
        self.client.query(f'revoke all on schema {self.schema} from {name}')

    def test_I8_other_databases_do_not_count(self):
        name, database = self.user(), f'd_{os.urandom(4).hex()}'
        self.client.query(f'create database {database}')
        other = self.connect(database=database)
        other.query(f'create schema {name} authorization {name}')
        self.client.query(f'drop user {name}')
        self.assertEqual(self.client.rows(f"select 1 from pg_user where usename = '{name}'"), [])
        other.close()

    def test_I8_a_missing_user_is_42704_or_an_INFO(self):
        self.refused('drop user nobody_here', '42704', 'user "nobody_here" does not exist')
        self.client.query('drop user if exists nobody_here')
        self.assertEqual(self.client.notices[-1]['S'], 'INFO')
        self.assertIn('does not exist and will be skipped', self.client.notices[-1]['M'])

    def test_I8_each_kind_that_is_held_is_named(self):
        name = self.user()
        self.client.query('create table t (a int, b int); create procedure p(int) as $$ begin end $$ '
                          'language plpgsql')
        for given, taken, what in (
                ('grant select (a) on t to {}', 'revoke select (a), update (a) on table t from {}',
                 'column a of table'),
                ('grant usage on language plpgsql to {}', 'revoke all on language plpgsql from {}',
                 'language plpgsql'),
                ('grant execute on procedure p(int) to {}',
                 'revoke all on procedure p(int) from {}', 'p(integer)'),
                ('alter default privileges for user {} revoke all on tables from {}',
                 'alter default privileges for user {} grant all on tables to {}',
                 'default privileges on new relations'),
                ("grant assumerole on 'arn:x' to {} for copy",
                 "revoke assumerole on 'arn:x' from {} for all", 'IAM role arn:x')):
            with self.subTest(what=what):
                self.client.query(given.format(name, name))
                error = self.refused(f'drop user {name}', '55006')
                self.assertIn(what, error.fields['D'])
                self.client.query(taken.format(name, name))
        self.refused(f'revoke all on function p(int) from {name}', '42809')
        self.client.query(f'drop user {name}')

    def test_I8_who_granted_is_not_dropped_and_only_the_user_itself_revokes(self):
        name, group = self.user(), self.group()
        they = self.connect(name, GOOD)
        self.client.query(f'create table t (a int); grant usage on schema {self.schema} to {name}; '
                          f'grant select on t to {name} with grant option')
        they.query(f'grant select on t to group {group}')
        self.assertEqual(self.client.value(
            "select array_to_string(relacl, ',') from pg_class c, pg_namespace n where n.oid = "
            f"relnamespace and relname = 't' and nspname = '{self.schema}'").split(',')[1:],
            [f'{name}=r*/awsuser', f'group {group}=r/{name}'])
        self.client.query(f'revoke select on t from group {group}')
        self.refused(f'revoke select on t from {name}', '2BP01', 'dependent privileges exist')
        self.refused(f'drop user {name}', '55006')
        self.refused('set local session authorization awsuser', '42501', client=they)
        self.refused(f'set local session authorization {name}', '0A000')
        self.client.query(f'begin; set local session authorization {name}; '
                          f'revoke all on t from group {group}; commit')
        self.assertEqual(self.client.value('select current_user'), 'awsuser')
        self.client.query(f'revoke select on t from {name}; '
                          f'revoke usage on schema {self.schema} from {name}; drop user {name}')

    def test_I8_a_library_and_a_materialized_view_are_not_handed_over(self):
        name = self.user()
        they = self.connect(name, GOOD)
        self.client.query(f'create table t (a int); grant select on t to {name}; '
                          f'grant all on schema {self.schema} to {name}')
        they.query("create library lib language plpythonu from 's3://b/l.zip'")
        they.query('create materialized view mv as select a from t')
        self.assertEqual(self.client.rows(
            'select relname, relkind from pg_class c, pg_namespace n where n.oid = relnamespace '
            f"and nspname = '{self.schema}' and relname like '%mv%' order by 1"),
            [('mv', 'v'), ('mv_tbl__mv__0', 'r')])
        self.assertEqual(they.rows('select name from pg_library'), [('lib',)])
        self.refused('alter table mv owner to awsuser', '0A000')
        error = self.refused(f'drop user {name}', '55006', 'owns some object')
        self.assertIn('library lib', error.fields['D'])
        self.client.query('drop library lib; drop materialized view mv')
        self.refused('drop library lib', '42704')
        self.refused('drop materialized view mv', '42P01')
        self.client.query(f'revoke all on t from {name}; '
                          f'revoke all on schema {self.schema} from {name}; drop user {name}')

    def test_I8_nobody_drops_himself(self):
        self.refused('drop user awsuser', '55006', 'current user cannot be dropped')

    def test_I8_what_is_owned_is_not_given_away_wholesale(self):
        self.syntax_error('drop owned by awsuser')
        self.syntax_error('reassign owned by awsuser to awsuser')

    # ---- What is shown -----------------------------------------------------------------------

    def test_I13_passwords_are_stars(self):
        name = self.user()
        self.assertEqual(self.row(name, 'passwd'), ('********',))
        self.assertRegex(self.row(name, 'passwd', 'pg_shadow')[0], '^md5[0-9a-f]{32}$')
        client = self.connect(name, GOOD)
        for view in ('pg_shadow', 'pg_authid'):
            self.refused(f'select * from {view}', '42501', 'permission denied for relation',
                         client)

    def test_I13_pg_user_has_the_columns_of_Redshift(self):
        columns = self.client.query('select * from pg_user').columns
        self.assertEqual([column[0] for column in columns],
                         ['usename', 'usesysid', 'usecreatedb', 'usesuper', 'usecatupd', 'passwd',
                          'valuntil', 'useconfig'])
