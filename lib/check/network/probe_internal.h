/*
 * check/network/probe_internal.h - what the files of the probe share: waiting for a socket until a deadline.
 */
#ifndef RS_CHECK_NETWORK_PROBE_INTERNAL_H
#define RS_CHECK_NETWORK_PROBE_INTERNAL_H

#include "check/network/probe.h"

/* Milliseconds that are left, rounded up; 0 when none are, or a signal came. */
int rs_probe_left_ms(const struct rs_probe_limit *limit);

/* The socket is ready for these events of poll(2), or has failed. False at the deadline. */
RS_MUST_USE bool rs_probe_wait(const struct rs_probe_limit *limit, int fd, short events);

/* What an errno of a connection stands for. */
enum rs_probe_state rs_probe_state_of(int error);

/*
 * Write a StartupMessage, padded with padding bytes: its length. A name that does not fit in room
 * is left out, and padding is cut; room is 64 bytes at least.
 */
size_t rs_probe_write_startup(char *out, size_t room, const char *user, const char *database,
                              size_t padding);

/* Send all of it; false when the connection or the time has ended. */
RS_MUST_USE bool rs_probe_send(const struct rs_probe_limit *limit, int fd, struct rs_str bytes);

#endif
