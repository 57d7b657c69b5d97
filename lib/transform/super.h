/*
 * transform/super.h - the arrays that a SUPER column of Redshift is sure to take.
 *
 *   [1,"a",{"b":[]}]                      yes
 *   ["<65536 bytes>"]                     no: a string, or a name, is that long at most
 *   [{"a":1,"a":2}]                       no: a name twice in one object
 *   [1e400], [<39 digits>]                no: neither a double nor 38 digits
 *
 * A COPY that meets one value that Redshift cannot read fails as a whole (error 1224), again in
 * every run. So what is not known to be read is not sent: it is a discard.
 *
 * Pure:    yes.   Threads: reentrant.
 * Source:  https://docs.aws.amazon.com/redshift/latest/dg/limitations-super.html (16 MB, 1000
 *          levels; strings of 65535 bytes unless the database is set to more) and
 *          super-configurations.html (a name twice is an error). Numbers past the types of
 *          Redshift are in no page.
 */
#ifndef RS_TRANSFORM_SUPER_H
#define RS_TRANSFORM_SUPER_H

#include "rs/compiler.h"
#include "rs/str.h"

enum {
    RS_SUPER_MAX = 16000000,   /* bytes of a value's text */
    RS_SUPER_TEXT_MAX = 65535, /* bytes of a string in it */
    RS_SUPER_DIGITS_MAX = 38,  /* of an integer that is no double: the most of a numeric */
};

/* text is an array's, valid and compact, as rs_json_compact writes it. */
bool rs_super_takes_array(struct rs_str text);

#endif
