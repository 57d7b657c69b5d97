/*
 * The handshake, and the judgement of the certificate after it. Verifying as libpq does would end
 * at the first thing that is wrong; here the store's callback notes each and goes on.
 */
#include "check/network/probe_tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "check/network/probe_path.h"

enum { DIGEST_BYTES = 32, NAMES_LINE = 160 };

/* SHA-256 of the public keys (SubjectPublicKeyInfo) of Amazon's roots. */
static const unsigned char amazon_keys[][DIGEST_BYTES] = {
    /* Amazon Root CA 1 */
    {0xfb, 0xe3, 0x01, 0x80, 0x31, 0xf9, 0x58, 0x6b, 0xcb, 0xf4, 0x17,
     0x27, 0xe4, 0x17, 0xb7, 0xd1, 0xc4, 0x5c, 0x2f, 0x47, 0xf9, 0x3b,
     0xe3, 0x72, 0xa1, 0x7b, 0x96, 0xb5, 0x07, 0x57, 0xd5, 0xa2},
    /* Amazon Root CA 2 */
    {0x7f, 0x42, 0x96, 0xfc, 0x5b, 0x6a, 0x4e, 0x3b, 0x35, 0xd3, 0xc3,
     0x69, 0x62, 0x3e, 0x36, 0x4a, 0xb1, 0xaf, 0x38, 0x1d, 0x8f, 0xa7,
     0x12, 0x15, 0x33, 0xc9, 0xd6, 0xc6, 0x33, 0xea, 0x24, 0x61},
    /* Amazon Root CA 3 */
    {0x36, 0xab, 0xc3, 0x26, 0x56, 0xac, 0xfc, 0x64, 0x5c, 0x61, 0xb7,
     0x16, 0x13, 0xc4, 0xbf, 0x21, 0xc7, 0x87, 0xf5, 0xca, 0xbb, 0xee,
     0x48, 0x34, 0x8d, 0x58, 0x59, 0x78, 0x03, 0xd7, 0xab, 0xc9},
    /* Amazon Root CA 4 */
    {0xf7, 0xec, 0xde, 0xd5, 0xc6, 0x60, 0x47, 0xd2, 0x8e, 0xd6, 0x46,
     0x6b, 0x54, 0x3c, 0x40, 0xe0, 0x74, 0x3a, 0xbe, 0x81, 0xd1, 0x09,
     0x25, 0x4d, 0xcf, 0x84, 0x5d, 0x4c, 0x2c, 0x78, 0x53, 0xc5},
    /* Starfield Services Root Certificate Authority - G2 */
    {0x2b, 0x07, 0x1c, 0x59, 0xa0, 0xa0, 0xae, 0x76, 0xb0, 0xea, 0xdb,
     0x2b, 0xad, 0x23, 0xba, 0xd4, 0x58, 0x0b, 0x69, 0xc3, 0x60, 0x1b,
     0x63, 0x0c, 0x2e, 0xaf, 0x06, 0x13, 0xaf, 0xa8, 0x3f, 0x92},
};

/* ---- The handshake -------------------------------------------------------------------------- */

/* What OpenSSL says of the oldest error, without its numbers. */
static void take_words(struct rs_probe_tls *out)
{
    const unsigned long code = ERR_get_error();
    const char *reason = code ? ERR_reason_error_string(code) : NULL;
    (void)snprintf(out->words, sizeof out->words, "%s", reason ? reason : "unknown");
    ERR_clear_error();
}

static void note_failure(SSL *ssl, int result, struct rs_probe_tls *out)
{
    const int error = errno;
    const int kind = SSL_get_error(ssl, result);
    const unsigned long code = ERR_peek_error();
    const bool end = kind == SSL_ERROR_ZERO_RETURN || (kind == SSL_ERROR_SYSCALL && code == 0) ||
                     ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
    out->end = end ? RS_PROBE_TLS_CUT : RS_PROBE_TLS_ALERT;
    out->state = kind == SSL_ERROR_SYSCALL && error ? rs_probe_state_of(error) : RS_PROBE_CLOSED;
    if (end) {
        ERR_clear_error();
    } else {
        take_words(out);
    }
}

static void shake_hands(const struct rs_probe_limit *limit, int fd, SSL *ssl,
                        struct rs_probe_tls *out)
{
    out->end = RS_PROBE_TLS_SILENT;
    for (;;) {
        ERR_clear_error();
        errno = 0;
        const int result = SSL_connect(ssl);
        if (result == 1) {
            out->end = RS_PROBE_TLS_DONE;
            return;
        }
        const int kind = SSL_get_error(ssl, result);
        if (kind != SSL_ERROR_WANT_READ && kind != SSL_ERROR_WANT_WRITE) {
            note_failure(ssl, result, out);
            return;
        }
        if (!rs_probe_wait(limit, fd, kind == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT)) {
            return;
        }
    }
}

/* Old versions too: that a server speaks nothing newer is to be seen. */
static SSL_CTX *open_context(int *level)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (context) {
        *level = SSL_CTX_get_security_level(context);
        (void)SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
        (void)SSL_CTX_set_max_proto_version(context, 0);
        (void)SSL_CTX_set_cipher_list(context, "DEFAULT:@SECLEVEL=0");
        SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
    }
    return context;
}

static void describe_session(SSL *ssl, struct rs_probe_tls *out)
{
    int bits = 0;
    const SSL_CIPHER *cipher = SSL_get_current_cipher(ssl);
    (void)snprintf(out->version, sizeof out->version, "%s", SSL_get_version(ssl));
    (void)snprintf(out->cipher, sizeof out->cipher, "%s", SSL_CIPHER_get_name(cipher));
    (void)SSL_CIPHER_get_bits(cipher, &bits);
    out->bits = (unsigned)bits;
    out->old = SSL_version(ssl) < TLS1_2_VERSION;
}

/* ---- What a certificate says ---------------------------------------------------------------- */

/* Only what can be shown: the names are the server's. */
static void put_text(char *out, size_t room, const char *text, size_t length)
{
    size_t used = strlen(out);
    for (size_t i = 0; i < length && used + 1 < room; i++) {
        const char c = text[i];
        out[used++] = c >= ' ' && c <= '~' ? c : '?';
    }
    out[used] = '\0';
}

/* The common name, else the organisation or the whole of it. */
static void show_name(const X509_NAME *name, char *out, size_t room)
{
    static const int kinds[] = {NID_commonName, NID_organizationalUnitName, NID_organizationName};
    out[0] = '\0';
    for (size_t i = 0; i < RS_COUNTOF(kinds); i++) {
        const int at = X509_NAME_get_index_by_NID(name, kinds[i], -1);
        if (at >= 0) {
            const ASN1_STRING *text = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
            put_text(out, room, (const char *)ASN1_STRING_get0_data(text),
                     (size_t)ASN1_STRING_length(text));
            return;
        }
    }
    put_text(out, room, "(no name)", 9);
}

static int64_t instant_of(const ASN1_TIME *time)
{
    struct tm when;
    int days = 0;
    int seconds = 0;
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    memset(&when, 0, sizeof when);
    if (!epoch || !ASN1_TIME_to_tm(time, &when) || !ASN1_TIME_diff(&days, &seconds, epoch, time)) {
        days = 0;
        seconds = 0;
    }
    ASN1_TIME_free(epoch);
    return ((int64_t)days * 86400 + seconds) * INT64_C(1000000);
}

static void put_address(char *out, size_t room, const ASN1_OCTET_STRING *address)
{
    char text[INET6_ADDRSTRLEN] = "";
    const int family = ASN1_STRING_length(address) == 4 ? AF_INET : AF_INET6;
    if (ASN1_STRING_length(address) == 4 || ASN1_STRING_length(address) == 16) {
        (void)inet_ntop(family, ASN1_STRING_get0_data(address), text, sizeof text);
    }
    put_text(out, room, text, strlen(text));
}

/* The names that it is for: all that fit in a line, and how many more. */
static void list_names(X509 *certificate, char *out, size_t room)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
    const int count = names ? sk_GENERAL_NAME_num(names) : 0;
    int more = 0;
    for (int i = 0; i < count; i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_DNS && name->type != GEN_IPADD) {
            continue;
        }
        if (strlen(out) > NAMES_LINE) {
            more++;
            continue;
        }
        put_text(out, room, ", ", out[0] ? 2 : 0);
        if (name->type == GEN_DNS) {
            put_text(out, room, (const char *)ASN1_STRING_get0_data(name->d.dNSName),
                     (size_t)ASN1_STRING_length(name->d.dNSName));
        } else {
            put_address(out, room, name->d.iPAddress);
        }
    }
    GENERAL_NAMES_free(names);
    if (out[0] == '\0') {
        show_name(X509_get_subject_name(certificate), out, room);
    }
    if (more > 0) {
        (void)snprintf(out + strlen(out), room - strlen(out), " and %d more", more);
    }
}

bool rs_probe_is_amazons(const void *key, size_t length)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    bool found = false;
    if (EVP_Digest(key, length, digest, NULL, EVP_sha256(), NULL)) {
        for (size_t i = 0; i < RS_COUNTOF(amazon_keys); i++) {
            found = found || memcmp(digest, amazon_keys[i], DIGEST_BYTES) == 0;
        }
    }
    return found;
}

static bool has_key_of_amazon(X509 *certificate)
{
    unsigned char *der = NULL;
    const int length = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
    const bool found = length > 0 && rs_probe_is_amazons(der, (size_t)length);
    OPENSSL_free(der);
    return found;
}

/* ---- What is wrong with it ------------------------------------------------------------------ */

static void note_problem(struct rs_probe_tls *out, int code, int depth)
{
    switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        out->problems |= RS_PROBE_EXPIRED;
        break;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        out->problems |= RS_PROBE_NOT_YET;
        break;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        out->problems |= RS_PROBE_SELF_SIGNED;
        break;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        out->problems |= RS_PROBE_UNKNOWN_ROOT;
        break;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        out->problems |= depth == 0 ? RS_PROBE_NO_INTERMEDIATE : RS_PROBE_UNKNOWN_ROOT;
        break;
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE: /* follows one of the two above */
        break;
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
    case X509_V_ERR_CA_MD_TOO_WEAK:
        out->problems |= RS_PROBE_WEAK;
        break;
    default:
        out->problems |= RS_PROBE_INVALID;
        (void)snprintf(out->words, sizeof out->words, "%s", X509_verify_cert_error_string(code));
        break;
    }
}

static int note_and_go_on(int ok, X509_STORE_CTX *verification)
{
    struct rs_probe_tls *out = X509_STORE_CTX_get_app_data(verification);
    if (!ok) {
        note_problem(out, X509_STORE_CTX_get_error(verification),
                     X509_STORE_CTX_get_error_depth(verification));
    }
    return 1;
}

static X509_STORE *open_roots(const char *roots, struct rs_probe_tls *out)
{
    X509_STORE *store = X509_STORE_new();
    if (!store) {
        return NULL;
    }
    const bool own = roots && *roots && strcmp(roots, "system") != 0;
    const int read =
        own ? X509_STORE_load_locations(store, roots, NULL) : X509_STORE_set_default_paths(store);
    out->roots_unread = read != 1;
    ERR_clear_error();
    return store;
}

/* The chain as OpenSSL built it: its end, and what of it ends first. */
static void look_at_chain(const STACK_OF(X509) * chain, struct rs_probe_tls *out)
{
    const int count = chain ? sk_X509_num(chain) : 0;
    for (int i = 0; i < count; i++) {
        X509 *certificate = sk_X509_value(chain, i);
        const int64_t ends_us = instant_of(X509_get0_notAfter(certificate));
        out->amazon = out->amazon || has_key_of_amazon(certificate);
        if (i == 0 || ends_us < out->not_after_us) {
            out->not_after_us = ends_us;
            show_name(X509_get_subject_name(certificate), out->expires_first,
                      sizeof out->expires_first);
        }
        show_name(X509_get_issuer_name(certificate), out->top, sizeof out->top);
    }
}

static void verify(X509 *certificate, STACK_OF(X509) * sent, X509_STORE *store, int level,
                   struct rs_probe_tls *out)
{
    X509_STORE_CTX *verification = X509_STORE_CTX_new();
    if (verification && X509_STORE_CTX_init(verification, store, certificate, sent)) {
        X509_VERIFY_PARAM *how = X509_STORE_CTX_get0_param(verification);
        (void)X509_VERIFY_PARAM_set_purpose(how, X509_PURPOSE_SSL_SERVER);
        X509_VERIFY_PARAM_set_auth_level(how, level);
        X509_STORE_CTX_set_app_data(verification, out);
        X509_STORE_CTX_set_verify_cb(verification, note_and_go_on);
        if (X509_verify_cert(verification) <= 0) {
            out->problems |= out->problems ? 0 : RS_PROBE_INVALID;
        }
        look_at_chain(X509_STORE_CTX_get0_chain(verification), out);
    } else {
        out->problems |= RS_PROBE_INVALID;
    }
    X509_STORE_CTX_free(verification);
    ERR_clear_error();
}

/* It says where its issuer's own certificate is, as those of public intermediates do. */
static bool names_issuers_address(X509 *certificate)
{
    AUTHORITY_INFO_ACCESS *access = X509_get_ext_d2i(certificate, NID_info_access, NULL, NULL);
    const int count = access ? sk_ACCESS_DESCRIPTION_num(access) : 0;
    bool found = false;
    for (int i = 0; i < count; i++) {
        const ACCESS_DESCRIPTION *description = sk_ACCESS_DESCRIPTION_value(access, i);
        found = found || OBJ_obj2nid(description->method) == NID_ad_ca_issuers;
    }
    AUTHORITY_INFO_ACCESS_free(access);
    return found;
}

/*
 * A certificate that comes alone, whose issuer nobody here knows: an intermediate that was left
 * out, or a root of somebody's own.
 */
static void tell_root_from_intermediate(X509 *certificate, struct rs_probe_tls *out)
{
    if (out->problems & RS_PROBE_NO_INTERMEDIATE && !names_issuers_address(certificate)) {
        out->problems &= ~(unsigned)RS_PROBE_NO_INTERMEDIATE;
        out->problems |= RS_PROBE_UNKNOWN_ROOT;
    }
}

static bool is_for(X509 *certificate, const char *host)
{
    if (rs_probe_is_address(host)) {
        return X509_check_ip_asc(certificate, host, 0) == 1;
    }
    size_t length = strlen(host);
    length -= length > 0 && host[length - 1] == '.' ? 1 : 0;
    return X509_check_host(certificate, host, length, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) ==
           1;
}

static void judge(SSL *ssl, const struct rs_probe_tls_options *options, int level,
                  struct rs_probe_tls *out)
{
    STACK_OF(X509) *sent = SSL_get_peer_cert_chain(ssl);
    X509 *certificate = SSL_get0_peer_certificate(ssl);
    X509_STORE *store = open_roots(options->roots, out);
    out->sent = sent ? (unsigned)sk_X509_num(sent) : 0;
    if (certificate && store) {
        show_name(X509_get_subject_name(certificate), out->subject, sizeof out->subject);
        show_name(X509_get_issuer_name(certificate), out->issuer, sizeof out->issuer);
        list_names(certificate, out->names, sizeof out->names);
        out->not_before_us = instant_of(X509_get0_notBefore(certificate));
        verify(certificate, sent, store, level, out);
        tell_root_from_intermediate(certificate, out);
        out->problems |= is_for(certificate, options->host) ? 0 : RS_PROBE_WRONG_NAME;
    }
    X509_STORE_free(store);
    ERR_clear_error();
}

void rs_probe_handshake(const struct rs_probe_limit *limit, int fd,
                        const struct rs_probe_tls_options *options, struct rs_probe_tls *out)
{
    int level = 0;
    *out = (struct rs_probe_tls){.end = RS_PROBE_TLS_ALERT, .state = RS_PROBE_OPEN};
    SSL_CTX *context = open_context(&level);
    SSL *ssl = context ? SSL_new(context) : NULL;
    if (ssl && SSL_set_fd(ssl, fd)) {
        if (!rs_probe_is_address(options->host)) {
            (void)SSL_set_tlsext_host_name(ssl, options->host);
        }
        shake_hands(limit, fd, ssl, out);
        out->received = (unsigned)BIO_number_read(SSL_get_rbio(ssl));
        out->waiting = rs_probe_unacknowledged(fd);
        if (out->end == RS_PROBE_TLS_DONE) {
            describe_session(ssl, out);
            judge(ssl, options, level, out);
            (void)SSL_shutdown(ssl);
        }
    } else {
        take_words(out);
    }
    SSL_free(ssl);
    SSL_CTX_free(context);
    ERR_clear_error();
}
