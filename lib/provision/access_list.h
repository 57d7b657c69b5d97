/*
 * provision/access_list.h - Redshift's access lists, as array_to_string() prints them.
 *
 *   struct rs_str rest = RS_STR("awsuser=arwd/awsuser,ann=r*w/awsuser,group g=r/ann,=X/awsuser");
 *   while (rs_access_entry_next(&rest, &arena, &entry)) ...
 *     -> "ann" may r*w by "awsuser", the group "g" may r by "ann", everybody may X by "awsuser"
 *
 * Form:    [group |role |role:]grantee=letters/grantor; a name with other bytes than letters, digits
 *          and "_" stands in double quotes, a quote in it twice. A "*" behind a letter says that it
 *          can be granted on.
 * Pure:    yes.   Threads: reentrant.
 * Owns:    nothing: names are the arena's, letters are a view of the text.
 * Source:  PostgreSQL 8.0, aclitemout(); amazon-redshift-utils, v_generate_user_grant_revoke_ddl.
 */
#ifndef RS_PROVISION_ACCESS_LIST_H
#define RS_PROVISION_ACCESS_LIST_H

#include <stdbool.h>

#include "base/arena.h"
#include "rs/str.h"

enum rs_grantee_kind {
    RS_GRANTEE_USER,
    RS_GRANTEE_GROUP,
    RS_GRANTEE_ROLE,
    RS_GRANTEE_PUBLIC,
};

struct rs_access_entry {
    enum rs_grantee_kind kind;
    const char *grantee; /* "" for PUBLIC */
    const char *grantor;
    bool can_grant; /* one of the letters, at least */
};

/* Take the next entry of a list, entries parted by commas. False: there is none, or it is no list. */
bool rs_access_entry_next(struct rs_str *rest, struct rs_arena *arena, struct rs_access_entry *out);

#endif
