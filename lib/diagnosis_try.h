/*
 * What the files of the diagnosis share: one attempt at a body.  For
 * lib/diagnosis*.c alone.
 */
#ifndef DIAGNOSIS_TRY_H
#define DIAGNOSIS_TRY_H

#include "bytes.h"
#include "diagnosis.h"

/* The search in work. */
struct diagnosis_try {
	struct diagnosis *found;
	const struct bh_verifier *verifier;
	const char *const *secrets;	/* of the verifier */
	size_t	 nsecrets;
	const char *header;		/* mended */
	size_t	 header_len;
	const char *cut;		/* the digits left of a v1 that was
					 * cut; NULL if it is whole */
	size_t	 cut_len;
	int64_t	 now;
	uint64_t budget;		/* bytes that may still be hashed */
};

/* Whether the header signs this body under any of the secrets, whenever it was
 * signed.  Sets found->secret and found->matched if so. */
bool diagnosis_try(struct diagnosis_try *attempt, const char *body,
    size_t len);

/* Adds a cause, once. */
void diagnosis_add(struct diagnosis *found, enum diagnosis_cause cause);

/* Undoes what was done to a body, and adds the causes of what helped.  False
 * if nothing did. */
bool diagnosis_body(struct diagnosis_try *attempt, const char *body,
    size_t len);

/* So for JSON that was printed anew. */
bool diagnosis_relaid(struct diagnosis_try *attempt, const char *body,
    size_t len);

/* Adds what can be seen of a body but not undone. */
void diagnosis_look(struct diagnosis *found, const char *body, size_t len);

/*
 * Mends a header: puts it into out, which is empty, without what does not
 * belong there, and adds what it was.  *cut gets where in out the digits of a
 * cut v1 begin, and *cut_len their number, which is 0 if none is cut.  How many
 * v1 are whole.
 */
size_t diagnosis_header(struct diagnosis *found, struct bytes *out,
    const char *header, size_t len, size_t *cut, size_t *cut_len);

#endif
