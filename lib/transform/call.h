/*
 * transform/call.h - the six calls of the Segment spec.
 *
 * Pure:    yes.   Threads: reentrant.
 * Source:  https://segment.com/docs/connections/spec/
 */
#ifndef RS_TRANSFORM_CALL_H
#define RS_TRANSFORM_CALL_H

enum rs_call_type {
    RS_CALL_TRACK,
    RS_CALL_IDENTIFY,
    RS_CALL_PAGE,
    RS_CALL_SCREEN,
    RS_CALL_GROUP,
    RS_CALL_ALIAS,
    RS_CALL_COUNT, /* how many there are; never a call */
};

#endif
