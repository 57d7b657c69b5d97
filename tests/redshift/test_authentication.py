"""Rules A7 to A9 and A14: who may come in, and who may be stopped."""
import hashlib
import os
import struct
import threading
import time

from . import support, wire

GOOD = 'Abcdefg1'


class DigestClient(support.Client):
    """A client that answers AuthenticationRequest 13, as drivers of AWS do."""

    def login(self):
        kind, body = self.stream.read()
        self.request = body
        reader = wire.Reader(body)
        assert kind == b'R' and reader.number() == 13 and reader.number() == 0, body
        salt = reader.take(reader.number())
        nonce = reader.take(reader.number())
        own_nonce = os.urandom(8)
        inner = hashlib.sha256(self.password.encode() + salt).digest()
        digest = hashlib.sha256(inner + nonce + own_nonce).digest()
        counted = [struct.pack('!I', len(part)) + part for part in (digest, own_nonce)]
        self.send(wire.message(b'd', *counted))
        super().login()


class AuthenticationTest(support.Case):
    def setUp(self):
        super().setUp()
        self.users = []

    def tearDown(self):
        super().tearDown()
        self.client.query('standin clear')
        for name in self.users:
            self.client.query(f'drop user if exists {name}')

    def user(self, options):
        name = f'u_{os.urandom(4).hex()}'
        self.users.append(name)
        self.client.query(f'create user {name} {options}')
        return name

    def refused_login(self, sqlstate, message, *args, **kwargs):
        with self.assertRaises(support.Error) as caught:
            self.connect(*args, **kwargs)
        error = caught.exception
        self.assertEqual((error.fields['S'], error.sqlstate), ('FATAL', sqlstate), error)
        self.assertIn(message, error.message)

    def wrong_password(self, user, *args, **kwargs):
        self.refused_login('28000', f'password authentication failed for user "{user}"', user,
                           *args, **kwargs)

    # ---- Passwords ---------------------------------------------------------------------------

    def test_A7_a_clear_or_md5_password_is_asked_for_by_code_5(self):
        name = self.user(f"password '{GOOD}'")
        self.assertEqual(self.connect(name, GOOD).authentication, [5, 0])
        digest = hashlib.md5((GOOD + name).encode()).hexdigest()
        self.client.query(f"alter user {name} password 'md5{digest}'")
        self.assertEqual(self.connect(name, GOOD).authentication, [5, 0])

    def test_A7_a_wrong_password_is_28000(self):
        name = self.user(f"password '{GOOD}'")
        self.wrong_password(name, 'Abcdefg2')
        self.wrong_password('nobody_here', GOOD)

    def test_A7_the_superuser_of_PostgreSQL_is_nobody(self):
        self.wrong_password('postgres', '')

    def test_A7_a_sha256_password_is_asked_for_by_code_13(self):
        name = self.user("password 'sha256|Mypassword1'")
        client = DigestClient(name, 'Mypassword1')
        self.addCleanup(client.close)
        self.assertEqual(client.value('select current_user'), name)
        with self.assertRaises(support.Error) as caught:
            DigestClient(name, 'Mypassword2')
        self.assertEqual(caught.exception.sqlstate, '28000')

    def test_A7_a_given_digest_and_salt_are_kept(self):
        salt = 'c721bff5d9042cf541ff7b9d48fa8a6e545c19a763e3710151f9513038b0f6c6'
        digest = '821708135fcc42eb3afda85286dee0ed15c2c461d000291609f77eb113073ec2'
        name = self.user(f"password 'sha256|{digest}|{salt}'")
        client = DigestClient(name, 'Mypassword1')
        self.addCleanup(client.close)
        self.assertIn(bytes.fromhex(salt), client.request)

    def test_A7_libpq_does_not_know_code_13(self):
        name = self.user("password 'sha256|Mypassword1'")
        conninfo = ' '.join(f'{key}={value}' for key, value in
                            {**support.CONNINFO, 'user': name, 'password': 'Mypassword1'}.items())
        status, _, said = support.psql('-c', 'select 1', conninfo=conninfo)
        self.assertEqual(status, 2)
        self.assertIn('authentication method 13 not supported', said)

    def test_A7_libpq_logs_in_by_md5(self):
        name = self.user(f"password '{GOOD}'")
        conninfo = ' '.join(f'{key}={value}' for key, value in
                            {**support.CONNINFO, 'user': name, 'password': GOOD}.items())
        self.assertEqual(support.psql('-c', 'select current_user', conninfo=conninfo)[:2],
                         (0, f'{name}\n'))

    def test_I6_an_expired_password_is_28000(self):
        name = self.user(f"password '{GOOD}' valid until '2020-01-01'")
        self.wrong_password(name, GOOD)
        self.client.query(f"alter user {name} valid until 'infinity'")
        self.connect(name, GOOD)

    # ---- IAM ---------------------------------------------------------------------------------

    def test_A8_PASSWORD_DISABLE_leaves_only_temporary_passwords(self):
        name = self.user('password disable')
        for guess in ('', 'DISABLE', GOOD):
            self.wrong_password(name, guess)
        self.client.query(f"standin temporary password 'IAM:{name}' 'token/+='")
        client = self.connect(f'IAM:{name}', 'token/+=')
        self.assertEqual(client.value('select current_user'), name)

    def test_A8_a_temporary_password_needs_TLS(self):
        name = self.user('password disable')
        self.client.query(f"standin temporary password 'IAM:{name}' 'token'")
        self.wrong_password(f'IAM:{name}', 'token', tls=False)

    def test_A8_a_temporary_password_expires(self):
        name = self.user('password disable')
        self.client.query(f"standin temporary password 'IAM:{name}' 'token' seconds 0")
        self.wrong_password(f'IAM:{name}', 'token')
        self.wrong_password(f'IAM:{name}', 'other')

    def test_A8_IAM_makes_no_users(self):
        self.client.query("standin temporary password 'IAM:nobody_here' 'token'")
        self.wrong_password('IAM:nobody_here', 'token')

    def test_A8_IAMA_makes_the_user_and_joins_the_group(self):
        name, group = f'u_{os.urandom(4).hex()}', f'g_{os.urandom(4).hex()}'
        self.users.append(name)
        self.client.query(f'create group {group}')
        self.client.query(f"standin temporary password 'IAMA:{name}:{group}' 'token'")
        client = self.connect(f'IAMA:{name}:{group}', 'token')
        self.assertEqual(client.value('select current_user'), name)
        self.assertEqual(client.rows("select trim(user_name) from stv_sessions"),
                         [(f'IAMA:{name}:{group}',)])
        self.assertEqual(self.client.rows(
            f"select usename from pg_user, pg_group where usesysid = any(grolist) "
            f"and groname = '{group}'"), [(name,)])
        self.wrong_password(name, 'token')
        self.client.query(f'drop group {group}')

    def test_A8_IAMR_is_a_user_of_that_name_in_the_role(self):
        role = f'r_{os.urandom(4).hex()}'
        self.users.append(f'"IAMR:{role}"')
        self.client.query(f'create role {role}')
        self.client.query(f"standin temporary password 'IAMR:{role}' 'token'")
        client = self.connect(f'IAMR:{role}', 'token')
        self.assertEqual(client.rows('select user_name, role_name from svv_user_grants'),
                         [(f'IAMR:{role}', role)])
        self.client.query(f'drop role {role} force')

    # ---- Databases and limits ----------------------------------------------------------------

    def test_A9_postgres_is_no_database(self):
        for name in ('postgres', 'nothing_here'):
            self.refused_login('3D000', f'database "{name}" does not exist', database=name)

    def test_A9_a_limit_of_connections_is_53300(self):
        name = self.user(f"password '{GOOD}' connection limit 1")
        first = self.connect(name, GOOD)
        self.refused_login('53300', f'too many connections for user "{name}"', name, GOOD)
        first.close()
        self.wait_for(lambda: self.client.value(
            f"select count(*) from stv_sessions where user_name = '{name}'") == '0')
        self.connect(name, GOOD)

    def test_A9_no_limit_holds_for_a_superuser(self):
        name = self.user(f"password '{GOOD}' createuser connection limit 0")
        self.connect(name, GOOD)
        self.connect(name, GOOD)

    def wait_for(self, condition):
        for _ in range(100):
            if condition():
                return
            time.sleep(0.05)
        self.fail('it did not come to that')

    # ---- Cancels -----------------------------------------------------------------------------

    def test_A14_pg_terminate_backend_ends_it(self):
        self.assertIsInstance(self.stopped('select pg_terminate_backend({})'), ConnectionError)

    def stopped(self, sql):
        """What ends another session's slow statement when this SQL is sent with its number."""
        other = self.connect()
        number = other.value('select pg_backend_pid()')
        self.assertEqual(int(number), other.key[0])
        self.client.query("standin fault delay 20000 on 'slow statement'")
        found = []

        def run():
            try:
                other.query('select /* slow statement */ 1')
            except (support.Error, ConnectionError) as error:
                found.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        self.wait_for(lambda: self.client.rows('standin faults')[0][-1] == '1')
        self.client.query(sql.format(number))
        thread.join(10)
        self.client.query('standin clear')
        self.assertTrue(found, 'the statement ran to its end')
        return found[0]

    def test_A14_others_sessions_are_for_superusers(self):
        name = self.user(f"password '{GOOD}'")
        client = self.connect(name, GOOD)
        self.refused(f'select pg_terminate_backend({self.client.key[0]})', '42501', client=client)
