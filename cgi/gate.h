/*
 * The gates that a request passes before a byte of its body is read: method,
 * length, size, in this order.
 */
#ifndef GATE_H
#define GATE_H

#include <stddef.h>
#include <stdint.h>

#include "request.h"

enum gate_result {
	GATE_OPEN,
	GATE_METHOD,	/* not POST */
	GATE_LENGTH,	/* no CONTENT_LENGTH, or one that is no length */
	GATE_SIZE	/* larger than max, or than any number */
};

/* GATE_OPEN and the body's length in *len, or the first gate that is shut.
 * max: the largest body in bytes, not negative. */
enum gate_result gate_check(const struct request *request, int64_t max,
    size_t *len);

#endif
