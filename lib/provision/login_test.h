/*
 * provision/proof_internal.h - log in as the user that was made, and do what it is for.
 */
#ifndef RS_PROVISION_PROOF_INTERNAL_H
#define RS_PROVISION_PROOF_INTERNAL_H

#include "base/compiler.h"
#include "provision/provision.h"

/*
 * Add a row for each thing that was tried. Nothing is left behind: what is made is rolled back.
 *
 * wanted    with dialect and database filled in
 * password  the user's
 * err       only what keeps it from being tried; what failed is a row that is missing
 */
RS_MUST_USE bool rs_proof_run(const struct rs_env *env, const struct rs_provision_door *door,
                              const struct rs_wanted *wanted, const char *password,
                              struct rs_steps *steps, struct rs_error *err);

#endif
