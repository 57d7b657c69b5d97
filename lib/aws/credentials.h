/*
 * aws/credentials.h - who we are to AWS: keys, when they end, and who hands them out.
 *
 *   struct rs_credentials_provider *provider = ...;     of rs_credentials_chain_new, as a rule
 *   struct rs_credentials keys = RS_CREDENTIALS_INIT;
 *   if (!provider->get(provider, &keys, err)) ...       before each request: it answers from memory
 *   rs_credentials_release(&keys);
 *   provider->invalidate(provider, &keys);              the server said ExpiredToken: ask again
 *   rs_credentials_provider_free(provider);
 *
 * Pure:    yes, but for what a provider does.
 * Owns:    struct rs_credentials owns its texts; all that was secret is wiped before it is freed.
 * Threads: rs_credentials: one thread at a time per object; a provider says of itself.
 */
#ifndef RS_AWS_CREDENTIALS_H
#define RS_AWS_CREDENTIALS_H

#include "rs/compiler.h"
#include "rs/error.h"
#include "rs/str.h"

#define RS_CREDENTIALS_NEVER INT64_MAX

struct rs_credentials {
    char *access_key_id;
    char *secret_access_key;
    char *session_token; /* NULL: there is none */
    int64_t expires_us;  /* an instant, UTC, or RS_CREDENTIALS_NEVER */
};

#define RS_CREDENTIALS_INIT ((struct rs_credentials){NULL, NULL, NULL, RS_CREDENTIALS_NEVER})

/* Copy these texts in; what was there is wiped. An empty token is none. */
void rs_credentials_set(struct rs_credentials *credentials, struct rs_str access_key_id,
                        struct rs_str secret_access_key, struct rs_str session_token,
                        int64_t expires_us);

/* Copy all of from; what was there is wiped. */
void rs_credentials_copy(struct rs_credentials *to, const struct rs_credentials *from);

/* Wipe and free the texts; the object is empty again. */
void rs_credentials_release(struct rs_credentials *credentials);

/* A maker of providers embeds this as the first member of its own struct. */
struct rs_credentials_provider {
    /*
     * Write keys that hold now to out, which is initialised and replaced.
     *
     * err   RS_E_CONFIG when none are set up, or what is set up is wrong; RS_E_NET (retryable)
     *       when their source did not answer
     */
    bool (*get)(struct rs_credentials_provider *provider, struct rs_credentials *out,
                struct rs_error *err);

    /*
     * These keys, which get answered, were refused: the next get asks the source again, unless
     * there are others by then.
     */
    void (*invalidate)(struct rs_credentials_provider *provider,
                       const struct rs_credentials *refused);

    void (*free)(struct rs_credentials_provider *provider);
};

/* Free a provider of any kind; NULL is nothing. */
void rs_credentials_provider_free(struct rs_credentials_provider *provider);

/* A provider that always answers the same; credentials are copied. */
RS_MUST_USE struct rs_credentials_provider *
rs_credentials_fixed_new(const struct rs_credentials *credentials);

#endif
