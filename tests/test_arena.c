/* lib/arena.h, lib/pool.h and lib/value.h. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "arena.h"
#include "nomem.h"
#include "pool.h"
#include "tap.h"
#include "value.h"

static void
test_arena(void)
{
	struct arena *arena = arena_new(65536);
	unsigned char *p, *q;
	size_t i, dirty = 0;

	p = arena_alloc(arena, 3);
	q = arena_alloc(arena, 20000);
	ok(p != NULL && q != NULL, "an arena gives");
	ok((uintptr_t)p % _Alignof(max_align_t) == 0 &&
	    (uintptr_t)q % _Alignof(max_align_t) == 0, "what is aligned");
	for (i = 0; i < 20000; i++)
		dirty += q[i] != 0;
	is_int((int64_t)dirty, 0, "what is zeroed");
	memset(p, 0xAA, 3);
	memset(q, 0xAA, 20000);
	ok(arena_alloc(arena, 65536) == NULL, "not beyond its maximum");
	ok(arena_alloc(arena, SIZE_MAX) == NULL, "not beyond all memory");
	ok(arena_array(arena, SIZE_MAX / 8 + 2, 8) == NULL,
	    "not round the corner");
	ok(arena_array(arena, 10, 10) != NULL, "it still gives after that");
	ok(arena_alloc(arena, 0) != arena_alloc(arena, 0), "nothing, twice");

	arena_reset(arena);
	p = arena_alloc(arena, 65536);
	ok(p != NULL, "all of it again after a reset");
	for (i = 0, dirty = 0; i < 65536; i++)
		dirty += p[i] != 0;
	is_int((int64_t)dirty, 0, "zeroed again");
	ok(arena_alloc(arena, 1) == NULL, "and no more");
	arena_reset(arena);
	for (i = 0, dirty = 0; i < 100; i++) {
		p = arena_alloc(arena, 1);
		dirty += p == NULL || *p != 0;
		memset(p, 1, 1);
	}
	is_int((int64_t)dirty, 0, "and small ones after a reset");

	is_str(arena_text(arena, "abcdef", 3), "abc", "a text is ended");
	is_str(arena_text(arena, NULL, 0), "", "an empty text is one");
	is_str(arena_printf(arena, "%s-%d", "x", 42), "x-42", "printf");
	ok(arena_text(arena, "", SIZE_MAX) == NULL, "a text of all memory");
	arena_free(arena);
	arena_free(NULL);
}

static bool
try_arena(void *arg)
{
	struct arena *arena = arena_new(1 << 20);
	bool done;

	(void)arg;
	done = arena != NULL && arena_alloc(arena, 100000) != NULL &&
	    arena_printf(arena, "%d", 1) != NULL;
	arena_free(arena);
	return done;
}

/* What an arena cannot hold, however large it may grow. */
static void
test_too_large(void)
{
	struct arena *arena = arena_new(SIZE_MAX);

	ok(arena != NULL && arena_alloc(arena, SIZE_MAX - 40) == NULL,
	    "a piece for which there is no address space");
	ok(arena_printf(arena, "%lc", (wint_t)0x7FFFFFFF) == NULL,
	    "a text that cannot be printed");
	ok(arena_alloc(arena, 1) != NULL, "and it stays usable");
	arena_free(arena);
}

static void
test_no_memory(void)
{
	if (nomem_works())
		ok(nomem_every(try_arena, NULL) > 1,
		    "each allocation failed, nothing is kept");
	else
		ok(true, "allocations cannot be made to fail here # SKIP");
}

static void
test_value(void)
{
	struct value null = value_null(), one = value_int(1),
	    a = value_text("a"), a2 = value_text("ab"),
	    bytes = value_bytes("a", 1), nul = value_bytes("a\0b", 3),
	    nul2 = value_bytes("a\0c", 3), none = value_text(NULL),
	    none2 = value_bytes(NULL, 0), other = value_int(2);
	char copy[] = "a";
	struct value same = value_text(copy);

	ok(value_equal(&null, &none) && value_equal(&null, &none2),
	    "a NULL pointer makes a null");
	ok(value_equal(&a, &same), "texts are compared, not their places");
	ok(!value_equal(&a, &a2) && !value_equal(&one, &other) &&
	    !value_equal(&nul, &nul2), "other content is not equal");
	ok(!value_equal(&a, &bytes) && !value_equal(&null, &one),
	    "other types are not equal");
	is_int((int64_t)a2.len, 2, "a text has its length");
	is_str(value_str(&a), "a", "a text is read");
	ok(value_str(&bytes) == NULL && value_str(&one) == NULL &&
	    value_str(&null) == NULL, "nothing else is");
}

/* Pieces are apart, aligned, and whole; and when all are taken back the first
 * place is free again. */
static void
test_pool(void)
{
	enum { N = 1000, SIZE = 1000 };
	char *pieces[N], *large;
	bool whole = true, aligned = true;
	int i, round;

	for (round = 0; round < 2; round++) {
		for (i = 0; i < N; i++) {
			pieces[i] = pool_alloc((size_t)i % SIZE);
			if (pieces[i] == NULL)
				break;
			aligned = aligned &&
			    (uintptr_t)pieces[i] % sizeof(int64_t) == 0;
			memset(pieces[i], i % 251, (size_t)i % SIZE);
		}
		is_int(i, N, "pieces of every size, round %d", round);
		for (i = 0; i < N; i++)
			whole = whole && (i % SIZE == 0 ||
			    (pieces[i][0] == (char)(i % 251) &&
			    pieces[i][i % SIZE - 1] == (char)(i % 251)));
		pool_clear();
	}
	ok(whole, "none reaches into another");
	ok(aligned, "each fits any type");
	large = pool_alloc(1 << 20);
	ok(large != NULL, "a large one");
	memset(large, 1, 1 << 20);
	pool_clear();
	pieces[0] = pool_alloc(1);
	pieces[1] = pool_alloc(1);
	ok(pieces[1] != pieces[0], "while it is out, nothing is used again");
	pool_clear();
	pool_clear();
	ok(pool_alloc(1) == pieces[0], "when all are back, the first place is");
	pool_clear();
	ok(pool_alloc(SIZE_MAX) == NULL && pool_alloc(SIZE_MAX - 20) == NULL,
	    "more than there is cannot be had");
	nomem_left = 1;
	large = pool_alloc(1 << 20);
	nomem_left = 0;
	ok(large == NULL || !nomem_works(), "nor anything without memory");
	pool_clear();
}

int
main(void)
{
	test_arena();
	test_pool();
	test_too_large();
	test_no_memory();
	test_value();
	return done_testing();
}
