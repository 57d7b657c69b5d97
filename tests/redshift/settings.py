"""SET, SHOW and RESET, and the parameters of the startup message.

Parameters that only Redshift has are custom ones of PostgreSQL's, "standin.<name>", so that they
are set back with the transaction, as the others are.
"""
from . import lexer
from .errors import Refuse, fatal
from .reader import Reader
from .statements import Pass, translation

# Parameters of PostgreSQL that Redshift has too.
SHARED = ('datestyle', 'extra_float_digits', 'search_path', 'statement_timeout', 'timezone',
          'application_name', 'client_encoding', 'client_min_messages')
# Redshift's own, with their defaults.
OWN = {
    'query_group': 'default', 'wlm_query_slot_count': '1',
    'enable_case_sensitive_identifier': 'off', 'enable_result_cache_for_session': 'on',
    'describe_field_name_in_uppercase': 'off', 'error_on_nondeterministic_update': 'off',
    'json_serialization_enable': 'off', 'json_serialization_parse_nested_strings': 'off',
    'navigate_super_null_on_error': 'on', 'cast_super_null_on_error': 'on',
    'enable_numeric_rounding': 'on', 'analyze_threshold_percent': '10', 'auto_analyze': 'on',
    'autocommit': 'on', 'use_fips_ssl': 'off', 'mv_enable_aqmv_for_session': 'on',
    'session_timeout': '0', 'default_geometry_encoding': '1', 'downcase_delimited_identifier': 'on',
    'stored_proc_log_min_messages': 'warning', 'spectrum_enable_pseudo_columns': 'on',
    'activate_aqua': 'auto', 'max_cursor_result_set_size': '0', 'enable_vacuum_boost': 'off',
}
READ_ONLY = {'server_version': '8.0.2', 'server_encoding': 'UNICODE', 'integer_datetimes': 'on',
             'transaction_isolation': None, 'is_superuser': None, 'session_authorization': None}
# Told by drivers in the startup message; no parameters of the session.
TOLD = ('user', 'database', 'options', 'driver_version', 'os_version', 'plugin_name',
        'client_protocol_version', 'replication', 'provider_name', 'idp_type')
# How many digits the compute nodes print, where they do not heed the parameter (STANDIN SWITCH node_digits).
NODE_DIGITS = {'15': '0', '17': '2'}
DENIED = ('lc_monetary', 'lc_messages', 'lc_numeric', 'lc_time')
SWITCHES = ('enable_case_sensitive_identifier', 'enable_result_cache_for_session')
ON, OFF = ('on', 'true', '1', 'yes'), ('off', 'false', '0', 'no')


def unknown(name):
    return Refuse('42704', f'unrecognized configuration parameter "{name}"', file='guc.c',
                  routine='set_config_option')


def check(name, value):
    """Refuse a parameter that is unknown, not for users, or out of its range."""
    key = name.lower()
    if key in DENIED:
        raise Refuse('42501', f'permission denied to set parameter "{name}" to "{value}"')
    if key in READ_ONLY:
        raise Refuse('55P02', f'parameter "{name}" cannot be changed')
    if key not in SHARED and key not in OWN and '.' not in key:
        raise unknown(name)
    ranges = {'extra_float_digits': (-15, 2), 'wlm_query_slot_count': (1, 50),
              'statement_timeout': (0, 2147483647)}
    if key in ranges:
        low, high = ranges[key]
        try:
            number = int(value)
        except ValueError:
            raise Refuse('22023', f'parameter "{key}" requires an integer value') from None
        if not low <= number <= high:
            raise Refuse('22023', f'{value} is outside the valid range for parameter "{key}" '
                                  f'({low} .. {high})')
    if key in SWITCHES and value.lower() not in ON + OFF:
        raise Refuse('22023', f'parameter "{key}" requires a Boolean value')
    if key == 'client_encoding' and value.upper() not in ('UTF8', 'UTF-8', 'UNICODE'):
        raise Refuse('22023', f'invalid value for parameter "client_encoding": "{value}"')


def inner(name):
    """The parameter's name in PostgreSQL."""
    return f'standin.{name.lower()}' if name.lower() in OWN else name.lower()


def startup(session):
    """The SET statements that the startup message asks for."""
    pairs = [(name, value) for name, value in session.parameters.items() if name not in TOLD]
    words = session.parameters.get('options', '').split()
    while words:
        word = words.pop(0)
        if word == '-c' and words:
            word = words.pop(0)
        elif word.startswith('-c'):
            word = word[2:]
        elif word.startswith('--'):
            word = word[2:].replace('-', '_')
        name, _, value = word.partition('=')
        pairs.append((name, value))
    chosen = []
    for name, value in pairs:
        try:
            check(name, value)
        except Refuse as refuse:
            raise fatal(refuse.sqlstate, refuse.message) from None
        if name == 'enable_case_sensitive_identifier':
            session.case_sensitive = value.lower() in ON
        if name != 'client_encoding':
            literal = value if name == 'search_path' else "'" + value.replace("'", "''") + "'"
            chosen.append(f'SET {inner(name)} = {literal}')
    return chosen


def initial(server):
    """What every connection to PostgreSQL begins with."""
    level = {'serializable': 'serializable', 'snapshot': 'repeatable read'}
    return [f"SET default_transaction_isolation = '{level[server.options.isolation]}'",
            "SET extra_float_digits = 0; SET timezone = 'UTC'; SET datestyle = 'ISO, MDY'; "
            "SET standard_conforming_strings = on; SET client_min_messages = notice; "
            "SET jit = off; SET default_toast_compression = 'pglz'"]


def reported(session):
    """ParameterStatus: as 8.0.2 says, and what only Redshift says."""
    encoding = session.parameters.get('client_encoding', 'UNICODE')
    encoding = 'UNICODE' if encoding.upper() == 'UNICODE' else 'UTF8'
    return [('server_version', '8.0.2'), ('client_encoding', encoding),
            ('server_encoding', 'UNICODE'), ('DateStyle', 'ISO, MDY'),
            ('integer_datetimes', 'on'), ('TimeZone', session.value('SHOW timezone')),
            ('is_superuser', session.value('SHOW is_superuser')),
            ('session_authorization', session.user), ('padb_version', '1.0.71629'),
            ('padb_revision', 'standin'), ('datashare_enabled', 'on')]


@translation('SET')
def set_parameter(session, statement):
    reader = Reader(statement, 1)
    scope = reader.take_any('LOCAL', 'SESSION')
    if reader.take('TIME', 'ZONE'):
        name = 'timezone'
    else:
        name = reader.name(reserved=True)
        while reader.take_operator('.'):
            name += '.' + reader.name(reserved=True)
        if not (reader.take('TO') or reader.take_operator('=')):
            raise reader.error()
    values = []
    while not reader.ended():
        token = reader.next()
        if not token.is_operator(',') and not token.is_operator('-'):
            values.append(token)
        elif token.text == '-':
            values.append(lexer.Token(lexer.NUMBER, '-' + reader.next().text, token.position, ''))
    if not values:
        raise reader.error()
    words = [token.value or token.text for token in values]
    local = 'LOCAL ' if scope == 'LOCAL' else ''
    if len(words) == 1 and values[0].is_word('DEFAULT'):
        check_known(name)
        return Pass(f'SET {local}{inner(name)} TO DEFAULT', tag='SET')
    check(name, words[0])
    after = None
    if name == 'enable_case_sensitive_identifier':
        def after(session):
            session.case_sensitive = words[0].lower() in ON
    if name == 'search_path':
        names = [session.server.names.inward(word) for word in words]
        listed = ', '.join('"' + one.replace('"', '""') + '"' for one in names)
    else:
        listed = ', '.join("'" + word.replace("'", "''") + "'" for word in words)
    if name == 'client_encoding':
        listed = "'UTF8'"
    if name == 'extra_float_digits':
        listed = NODE_DIGITS.get(session.server.switches.get('node_digits'), listed)
    return Pass(f'SET {local}{inner(name)} TO {listed}', tag='SET', after=after)


def check_known(name):
    if name not in SHARED and name not in OWN and name not in READ_ONLY and '.' not in name:
        raise unknown(name)


@translation('SHOW')
def show(session, statement):
    reader = Reader(statement, 1)
    name = 'timezone' if reader.take('TIME', 'ZONE') else reader.name(reserved=True)
    while reader.take_operator('.'):
        name += '.' + reader.name(reserved=True)
    reader.end()
    check_known(name)
    if name in READ_ONLY and READ_ONLY[name]:
        return Pass(f"SELECT '{READ_ONLY[name]}'::varchar AS {name}", tag='SHOW')
    if name in OWN:
        return Pass(f"SELECT coalesce(nullif(current_setting('{inner(name)}', true), ''), "
                    f"'{OWN[name]}')::varchar AS {name}", tag='SHOW')
    if name == 'search_path':
        return Pass("SELECT replace(current_setting('search_path'), '\"', '')::varchar "
                    "AS search_path", tag='SHOW')
    if name == 'statement_timeout':
        return Pass("SELECT setting::varchar AS statement_timeout FROM pg_catalog.pg_settings "
                    "WHERE name = 'statement_timeout'", tag='SHOW')
    return Pass(f'SHOW {name}', tag='SHOW')


@translation('RESET')
def reset(session, statement):
    reader = Reader(statement, 1)
    name = reader.name(reserved=True)
    while reader.take_operator('.'):
        name += '.' + reader.name(reserved=True)
    reader.end()
    check_known(name)

    def after(session):
        if name == 'enable_case_sensitive_identifier':
            session.case_sensitive = False
    return Pass(f'RESET {inner(name)}', tag='RESET', after=after)
