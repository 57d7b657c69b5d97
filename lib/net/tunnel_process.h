/*
 * net/tunnel_process.h - a program that ends with us, however we end: the ssh of a tunnel.
 */
#ifndef RS_NET_TUNNEL_PROCESS_H
#define RS_NET_TUNNEL_PROCESS_H

#include <sys/types.h>

#include "base/env.h"
#include "rs/error.h"

/* A program that runs while somebody holds life_fd. */
struct rs_tunnel_process {
    pid_t keeper;  /* our child, which has the program as its own; 0: none */
    int life_fd;   /* closed, by us or by our death: the keeper ends the program */
    int output_fd; /* what the program writes to standard output; at its end it is gone */
    int words_fd;  /* a file with what it writes to standard error */
};

#define RS_TUNNEL_PROCESS_INIT ((struct rs_tunnel_process){0, -1, -1, -1})

/* The file that PATH has for a name, freed with rs_mem_free; NULL: none. */
RS_MUST_USE char *rs_tunnel_process_find(const struct rs_env *env, const char *name);

/* Run path with argv. RS_E_IO when there are no descriptors or processes to be had. */
RS_MUST_USE bool rs_tunnel_process_start(struct rs_tunnel_process *process,
                                         const struct rs_env *env, const char *path, char **argv,
                                         struct rs_error *err);

/* End the program; its exit status, or 128 and the signal's number. words_fd stays open. */
int rs_tunnel_process_end(struct rs_tunnel_process *process);

void rs_tunnel_process_release(struct rs_tunnel_process *process);

#endif
