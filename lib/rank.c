#include <string.h>

#include "rank.h"

static unsigned char *
put_int(unsigned char *p, int64_t i)
{
	/* Big-endian with the sign turned: memcmp sorts it as a number. */
	uint64_t u = (uint64_t)i ^ (UINT64_C(1) << 63);
	int shift;

	for (shift = 56; shift >= 0; shift -= 8)
		*p++ = (unsigned char)(u >> shift);
	return p;
}

static bool
is(const struct value *v, const char *word)
{
	return v->type == VALUE_TEXT && strcmp(v->s, word) == 0;
}

static unsigned char
invoice_stage(const struct event *event, const struct value *status)
{
	if (event->known->verb == VERB_DELETED)
		return 4;
	if (is(status, "paid") || is(status, "void"))
		return 3;
	if (is(status, "uncollectible"))
		return 2;
	return is(status, "draft") ? 0 : 1;
}

/* How far the life of an object has come; no life goes back. */
static unsigned char
stage(const struct event *event, const struct row *row)
{
	bool deleted = event->known->verb == VERB_DELETED;
	const struct value *v;

	switch (event->known->kind) {
	case KIND_SUBSCRIPTION:
		v = &row->v[SUBSCRIPTION_STATUS];
		return deleted || is(v, "canceled") ||
		    is(v, "incomplete_expired");
	case KIND_INVOICE:
		return invoice_stage(event, &row->v[INVOICE_STATUS]);
	case KIND_SESSION:
		v = &row->v[SESSION_STATUS];
		return (unsigned char)((is(v, "complete") ||
		    is(v, "expired")) +
		    (is(&row->v[SESSION_PAYMENT_STATUS], "paid") ||
		    is(&row->v[SESSION_PAYMENT_STATUS],
		    "no_payment_required")));
	case KIND_CUSTOMER:
		return deleted;
	default:
		return 0;
	}
}

/* Which life of an id this is: products and prices can be made anew under an
 * id that was deleted.  Of entitlements, complete lists stand above others. */
static int64_t
life(const struct event *event, const struct row *row)
{
	const struct json *node;
	int64_t created = 0;

	switch (event->known->kind) {
	case KIND_PRODUCT:
	case KIND_PRICE:
		if (json_get(&node, event->object, "created") == JSON_OK)
			(void)json_int(&created, node);
		return created;
	case KIND_ENTITLEMENTS:
		return !row->has_more;
	default:
		return 0;
	}
}

void
rank_of(unsigned char rank[RANK_LEN], const struct event *event,
    const struct row *row)
{
	unsigned char *p = rank;

	*p++ = (unsigned char)event->known->kind;
	*p++ = event->livemode;
	p = put_int(p, life(event, row));
	*p++ = stage(event, row);
	*p++ = event->known->verb != VERB_CREATED;
	p = put_int(p, event->created);
	*p = event->known->verb == VERB_DELETED;
}
