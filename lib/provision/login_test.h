/*
 * provision/login_test.h - log in as the user that was made, and do what it is for.
 */
#ifndef RS_PROVISION_LOGIN_TEST_H
#define RS_PROVISION_LOGIN_TEST_H

#include "provision/desired_user.h"
#include "provision/provision.h"
#include "provision/user_changes.h"
#include "rs/compiler.h"

/*
 * Add a property for each thing that was tried. Nothing is left behind: what is made is rolled
 * back.
 *
 * desired   with dialect and database filled in
 * password  the user's
 * err       only what keeps it from being tried; what failed is a property that is missing
 */
RS_MUST_USE bool rs_login_test_run(const struct rs_env *env,
                                   const struct rs_provision_connector *connector,
                                   const struct rs_desired_user *desired, const char *password,
                                   struct rs_user_changes *changes, struct rs_error *err);

#endif
