/*
 * Made by tests/make_signature_vectors.py with Stripe's SDK for Python 5.0.0.
 *
 * A header is head, unit (units times), tail; a body is body (bodies times).
 * sdk is the SDK's verdict; exact: the reason must be the same, too, and not
 * only whether it is accepted.
 */
#ifndef SIGNATURE_VECTORS_H
#define SIGNATURE_VECTORS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "billhook.h"

struct signature_vector {
	const char *name;
	const char *secret;
	const char *head, *unit, *tail;
	size_t units;
	const char *body;
	size_t body_len, bodies;
	int64_t now, tolerance;
	enum bh_result sdk;
	bool exact;
};

static const struct signature_vector signature_vectors[] = {
	{ .name = "a body with nothing special",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=440a348e482f8081f13855679cdf3d8135f21b5c7ffbee68"
	    "c4c7cb862115f29f",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "a body with a NUL byte",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=19418621a80af7ab6dc3b3c71e753635de9098560f21ba03"
	    "4a77495eb4ada67a",
	  .body = "{\042id\042:\042evt_3\042,\042n"
	    "ul\042:\042\000\042}",
	  .body_len = 24, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "a body with lines that end in CRLF",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=3de10ff26833fd1969f51cfd4f1019b485d0c2ef6be1e06f"
	    "ca4346c6bced566a",
	  .body = "{\015\012\042id\042:\042evt_4\042\015"
	    "\012}\015\012",
	  .body_len = 20, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "a body with characters beyond ASCII",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=ceae922f41458a411faf10dda9252fea3793148ba9d0e71c"
	    "c1ffa2484df5cdfe",
	  .body = "{\042name\042:\042Zo\303\253 \305\201"
	    "\304\205ka \346\227\245\346\234\254 \360\237\247\276"
	    "\042}",
	  .body_len = 34, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "a body with escaped surrogates",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=4da25ce039afa97914e2696b4eb35a1d80e1bcf9e8e715eb"
	    "9f4ba99c726c0e78",
	  .body = "{\042name\042:\042\134ud83e\134"
	    "uddfe\042}",
	  .body_len = 23, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "a body with white space at both ends",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=debb453c24036c16ded28493fd97c519b8151406495df8d5"
	    "fc0961ac7232af49",
	  .body = " \011\012{\042id\042:\042evt_5\042"
	    "} \012",
	  .body_len = 19, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "a body with 65,535 bytes",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=d7504f2deb137f5b9a575e230100188fb2caf3ad8211f10e"
	    "f96f6e1359d99624",
	  .body = "0123456789abcde",
	  .body_len = 15, .bodies = 4369,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "a body with 65,536 bytes",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=d96325920de37f91543512c5137a65904d1f56398aea89ec"
	    "b5c4ead4a0579f7a",
	  .body = "0123456789abcdef",
	  .body_len = 16, .bodies = 4096,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "a body with 1 MiB",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=3ffba7839f9b1d8d5a9f1b26c1826663c62675a6f156a19e"
	    "3ac0de2f9719c521",
	  .body = "0123456789abcdef0123456789abcdef",
	  .body_len = 32, .bodies = 32768,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "a body with 1 MiB of NUL",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=4d0579bc11f40c32c09cb520f40fad9bcd26f5299955e8b7"
	    "17c40a460a63d334",
	  .body = "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
	    "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000",
	  .body_len = 32, .bodies = 32768,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "a body cut at its NUL",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=fc040d37fd7e7a4fe3566ba9bcef0780665e6a046136f565"
	    "56df7946208a2067",
	  .body = "{\042id\042:\042evt_3\042}",
	  .body_len = 14, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_EMISMATCH, .exact = true },
	{ .name = "a body with a NUL put behind it",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=440a348e482f8081f13855679cdf3d8135f21b5c7ffbee68"
	    "c4c7cb862115f29f",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}\000",
	  .body_len = 41, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_EMISMATCH, .exact = true },
	{ .name = "a newline put behind the body",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=440a348e482f8081f13855679cdf3d8135f21b5c7ffbee68"
	    "c4c7cb862115f29f",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}\012",
	  .body_len = 41, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_EMISMATCH, .exact = true },
	{ .name = "LF made CRLF",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=440a348e482f8081f13855679cdf3d8135f21b5c7ffbee68"
	    "c4c7cb862115f29f",
	  .body = "{\015\012  \042id\042: \042evt_"
	    "1\042,\015\012  \042object\042:"
	    " \042event\042\015\012}",
	  .body_len = 43, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_EMISMATCH, .exact = true },
	{ .name = "another digit in the body",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=48f1d2d373918279492546a42f8d10af02ffff0a03d771bb"
	    "f2b4d1a1efd5470e",
	  .body = "{\042id\042:\042evt_2\042,\042n"
	    "\042:2}",
	  .body_len = 20, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_EMISMATCH, .exact = true },
	{ .name = "white space taken out",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=440a348e482f8081f13855679cdf3d8135f21b5c7ffbee68"
	    "c4c7cb862115f29f",
	  .body = "{\042id\042:\042evt_1\042,\042o"
	    "bject\042:\042event\042}",
	  .body_len = 31, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_EMISMATCH, .exact = true },
	{ .name = "the time changed after signing",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000001,v1=440a348e482f8081f13855679cdf3d8135f21b5c7ffbee68"
	    "c4c7cb862115f29f",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_EMISMATCH, .exact = true },
	{ .name = "another secret",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=250211283d1d73f999a8ba52afdeedb918e16432b4d576e9"
	    "4a47b75a03eebdf3",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_EMISMATCH, .exact = true },
	{ .name = "the secret without its prefix as the key",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=15185f6c4435a9f4d0bb42ba5b5839aac0ef6375b1c4dc5c"
	    "38279093a3aef1f9",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_EMISMATCH, .exact = true },
	{ .name = "a secret of 63 bytes",
	  .secret = "whsec_test_kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
	  .head = "t=1700000000,v1=dd21155323d5a12ac3c203c24039f0c2f341d35eec4d7a08"
	    "f375a52f5af46852",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "a secret of 64 bytes",
	  .secret = "whsec_test_kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
	  .head = "t=1700000000,v1=7151f80403aed59360e0d361216209f4a50e88c48ae82073"
	    "ee98499e164e3ee8",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "a secret of 65 bytes",
	  .secret = "whsec_test_kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
	    "k",
	  .head = "t=1700000000,v1=ece22f5d749067a769080240067ab7b0308c2c3b539ad37a"
	    "5cfeac871bdb8701",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "a secret of 300 bytes",
	  .secret = "whsec_test_kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
	    "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
	    "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
	    "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk"
	    "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk",
	  .head = "t=1700000000,v1=43f43a0a79b694f86e2e00b85d60bc7c190289eea5fd1ac1"
	    "2d3b9b8a343151e2",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "the right v1 first",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=440a348e482f8081f13855679cdf3d8135f21b5c7ffbee68"
	    "c4c7cb862115f29f,v1=00000000000000000000000000000000000000000000"
	    "00000000000000000000",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "the right v1 last",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=000000000000000000000000000000000000000000000000"
	    "0000000000000000,v1=440a348e482f8081f13855679cdf3d8135f21b5c7ffb"
	    "ee68c4c7cb862115f29f",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "the right v1 twice",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=440a348e482f8081f13855679cdf3d8135f21b5c7ffbee68"
	    "c4c7cb862115f29f,v1=440a348e482f8081f13855679cdf3d8135f21b5c7ffb"
	    "ee68c4c7cb862115f29f",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "two wrong v1",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=000000000000000000000000000000000000000000000000"
	    "0000000000000000,v1=ffffffffffffffffffffffffffffffffffffffffffff"
	    "ffffffffffffffffffff",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_EMISMATCH, .exact = true },
	{ .name = "a thousand v1, of which the last is right",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000",
	  .unit = ",v1=000000000000000000000000000000000000000000000000000000000000"
	    "0000",
	  .units = 999,
	  .tail = ",v1=440a348e482f8081f13855679cdf3d8135f21b5c7ffbee68c4c7cb862115"
	    "f29f",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "a thousand wrong v1",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000",
	  .unit = ",v1=000000000000000000000000000000000000000000000000000000000000"
	    "0000",
	  .units = 1000,
	  .tail = "",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_EMISMATCH, .exact = true },
	{ .name = "v0 beside v1",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=440a348e482f8081f13855679cdf3d8135f21b5c7ffbee68"
	    "c4c7cb862115f29f,v0=00000000000000000000000000000000000000000000"
	    "00000000000000000000",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "the right signature as v0",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v0=440a348e482f8081f13855679cdf3d8135f21b5c7ffbee68"
	    "c4c7cb862115f29f",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_ENOV1, .exact = true },
	{ .name = "the right signature as v10",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v10=440a348e482f8081f13855679cdf3d8135f21b5c7ffbee6"
	    "8c4c7cb862115f29f",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_ENOV1, .exact = true },
	{ .name = "the right v0 beside a wrong v1",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v0=440a348e482f8081f13855679cdf3d8135f21b5c7ffbee68"
	    "c4c7cb862115f29f,v1=00000000000000000000000000000000000000000000"
	    "00000000000000000000",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_EMISMATCH, .exact = true },
	{ .name = "an unknown scheme beside v1",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,foo=bar,v1=440a348e482f8081f13855679cdf3d8135f21b5c"
	    "7ffbee68c4c7cb862115f29f,v2=000000000000000000000000000000000000"
	    "0000000000000000000000000000",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "v1 before t",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "v1=440a348e482f8081f13855679cdf3d8135f21b5c7ffbee68c4c7cb862115f"
	    "29f,t=1700000000",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "v1 in capitals as a key",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,V1=440a348e482f8081f13855679cdf3d8135f21b5c7ffbee68"
	    "c4c7cb862115f29f",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_ENOV1, .exact = true },
	{ .name = "t in capitals as a key",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "T=1700000000,v1=440a348e482f8081f13855679cdf3d8135f21b5c7ffbee68"
	    "c4c7cb862115f29f",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_EHEADER, .exact = false },
	{ .name = "only t",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_ENOV1, .exact = true },
	{ .name = "only v1",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "v1=440a348e482f8081f13855679cdf3d8135f21b5c7ffbee68c4c7cb862115f"
	    "29f",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_EHEADER, .exact = false },
	{ .name = "an empty header",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_EHEADER, .exact = false },
	{ .name = "no element with a '='",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "nothing",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_EHEADER, .exact = false },
	{ .name = "a v1 without its last digit",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=440a348e482f8081f13855679cdf3d8135f21b5c7ffbee68"
	    "c4c7cb862115f29",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_EMISMATCH, .exact = true },
	{ .name = "a v1 with a digit too many",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=440a348e482f8081f13855679cdf3d8135f21b5c7ffbee68"
	    "c4c7cb862115f29f0",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_EMISMATCH, .exact = true },
	{ .name = "a v1 with another digit 0",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=040a348e482f8081f13855679cdf3d8135f21b5c7ffbee68"
	    "c4c7cb862115f29f",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_EMISMATCH, .exact = true },
	{ .name = "a v1 with another digit 31",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=440a348e482f8081f13855679cdf3d8035f21b5c7ffbee68"
	    "c4c7cb862115f29f",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_EMISMATCH, .exact = true },
	{ .name = "a v1 with another digit 32",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=440a348e482f8081f13855679cdf3d8105f21b5c7ffbee68"
	    "c4c7cb862115f29f",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_EMISMATCH, .exact = true },
	{ .name = "a v1 with another digit 63",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=440a348e482f8081f13855679cdf3d8135f21b5c7ffbee68"
	    "c4c7cb862115f290",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_EMISMATCH, .exact = true },
	{ .name = "half a v1",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=440a348e482f8081f13855679cdf3d81",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_EMISMATCH, .exact = true },
	{ .name = "a v1 in another alphabet",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
	    "zzzzzzzzzzzzzzzz",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_EMISMATCH, .exact = true },
	{ .name = "0 seconds old",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=440a348e482f8081f13855679cdf3d8135f21b5c7ffbee68"
	    "c4c7cb862115f29f",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "1 seconds old",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1699999999,v1=889489fa785115f455806928c8d477bbabe9a8783d5bb29b"
	    "1ef98d2d4c9807ac",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "299 seconds old",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1699999701,v1=41f96d1efe3a564c8ffd925a1c81026ca553e3c764187de1"
	    "faaf30c9a74557bc",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "300 seconds old",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1699999700,v1=10f5363c35a196517dd99e29e2cdfbed55c10f2e976d3b31"
	    "6726cc22e8a99540",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "301 seconds old",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1699999699,v1=2db54b3084c1e2a0bcfb47aaeb306bc94f15f5b711b4c0d1"
	    "222513d92fbb7c61",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_ETOOOLD, .exact = true },
	{ .name = "86400 seconds old",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1699913600,v1=67cb6fd43fa692ffd62c2c913da5913784a4d48b397bf495"
	    "7df5f804048ceef3",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_ETOOOLD, .exact = true },
	{ .name = "1 seconds ahead",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000001,v1=fe9b686627b471e7aac73e1689d236b8bad9c01115d36431"
	    "1d0bab4815fdee77",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "299 seconds ahead",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000299,v1=7427ea8db9651b6111bda9ed193ee02d2bc50ae0402dc9c7"
	    "8e6a5a170312886a",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "300 seconds ahead",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000300,v1=e80dfc5f4ac9036f35a551e8a404c6f52b8ce98223aee013"
	    "265223491adf45f8",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "an hour old, and an hour allowed",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1699996400,v1=affb4bc0043cd2220a838922d7d992bd4e4726bb8232522a"
	    "0887ae5dc301fe26",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 3600,
	  .sdk = BH_OK, .exact = true },
	{ .name = "11 seconds old, and 10 allowed",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1699999989,v1=a45cc9652be13f67f7e1b74991115e0f7414ad3eb9059c15"
	    "61c348eb119d598e",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 10,
	  .sdk = BH_ETOOOLD, .exact = true },
	{ .name = "old, and wrong",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1699999699,v1=000000000000000000000000000000000000000000000000"
	    "0000000000000000",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_EMISMATCH, .exact = false },
	{ .name = "the time 0",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=0,v1=a2f44a8d9e55ee697e6ab7508fd4143f6aab5937ddd91a328992214ba"
	    "aba9d11",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_ETOOOLD, .exact = false },
	{ .name = "the time -1",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=-1,v1=af903769b63cff449b733b34fe597fcdad6f78927101dbf034594dd0"
	    "2b85e06b",
	  .body = "{\012  \042id\042: \042evt_1"
	    "\042,\012  \042object\042: \042"
	    "event\042\012}",
	  .body_len = 40, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_ETOOOLD, .exact = false },
};

static const struct signature_vector signature_raw_vectors[] = {
	{ .name = "a body with bytes that are no UTF-8",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=cf2325ced595c814244630790e7a77202ba639874c2969ef"
	    "e31acaab8d90cad2",
	  .body = "\000\001\002\003\004\005\006\007\010\011\012\013\014\015\016\017"
	    "\020\021\022\023\024\025\026\027\030\031\032\033\034\035\036\037"
	    " !\042#$%&'()*+,-./"
	    "0123456789:;<=>\077"
	    "@ABCDEFGHIJKLMNO"
	    "PQRSTUVWXYZ[\134]^_"
	    "`abcdefghijklmno"
	    "pqrstuvwxyz{|}~\177"
	    "\200\201\202\203\204\205\206\207\210\211\212\213\214\215\216\217"
	    "\220\221\222\223\224\225\226\227\230\231\232\233\234\235\236\237"
	    "\240\241\242\243\244\245\246\247\250\251\252\253\254\255\256\257"
	    "\260\261\262\263\264\265\266\267\270\271\272\273\274\275\276\277"
	    "\300\301\302\303\304\305\306\307\310\311\312\313\314\315\316\317"
	    "\320\321\322\323\324\325\326\327\330\331\332\333\334\335\336\337"
	    "\340\341\342\343\344\345\346\347\350\351\352\353\354\355\356\357"
	    "\360\361\362\363\364\365\366\367\370\371\372\373\374\375\376\377",
	  .body_len = 256, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "a body with a byte-order mark",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=a4062ad14332a34ba9fd28af956d3a8738d6f18c8a5bd550"
	    "5f0d6326f2c9f6eb",
	  .body = "\357\273\277{\012  \042id\042: \042ev"
	    "t_1\042,\012  \042object\042"
	    ": \042event\042\012}",
	  .body_len = 43, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
	{ .name = "a body with nothing in it",
	  .secret = "whsec_test_3kQvN0aXlRzT7uYb",
	  .head = "t=1700000000,v1=336b391c117eddcceb195550b94ea08fbe7288f13567aa40"
	    "7b2ba40d2b643267",
	  .body = "",
	  .body_len = 0, .bodies = 1,
	  .now = 1700000000, .tolerance = 300,
	  .sdk = BH_OK, .exact = true },
};

#endif
