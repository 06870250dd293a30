/*
 * A comparison that ends at the first byte that differs tells an attacker, who
 * can measure, how far a guess was right.  Here instructions are counted, one
 * by one: as many are executed wherever the difference is, and where there is
 * none.
 */
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "billhook.h"
#include "hmac.h"
#include "tap.h"

#define STEPS_MAX 2000000L

typedef void job(const void *arg);

/* In the child: the work between two stops, once before so that everything is
 * linked and in place. */
static void
be_watched(job *work, const void *arg)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == -1)
		_exit(2);
	work(arg);
	raise(SIGSTOP);
	work(arg);
	raise(SIGSTOP);
	_exit(0);
}

/* Waits for a stop by this signal; false at the end. */
static bool
wait_for_stop(pid_t child, int *signal)
{
	int status;

	if (waitpid(child, &status, 0) != child || !WIFSTOPPED(status))
		return false;
	*signal = WSTOPSIG(status);
	return true;
}

/* The instructions of the work, those of the stops included; -1 if they
 * cannot be counted. */
static long
count(job *work, const void *arg)
{
	int signal = 0;
	long steps = 0;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0)
		be_watched(work, arg);
	if (child == -1)
		return -1;
	if (!wait_for_stop(child, &signal))
		return -1;
	do {
		if (ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) == -1 ||
		    !wait_for_stop(child, &signal))
			return -1;
		steps++;
	} while (signal != SIGSTOP && steps < STEPS_MAX);
	(void)kill(child, SIGKILL);
	(void)waitpid(child, NULL, 0);
	return signal == SIGSTOP ? steps : -1;
}

struct pair {
	unsigned char a[HMAC_LEN];
	unsigned char b[HMAC_LEN];
};

static volatile bool result;

static void
compare(const void *arg)
{
	const struct pair *pair = arg;

	result = hmac_equal(pair->a, pair->b, HMAC_LEN);
}

/* Whether counting works here, and tells memcmp()'s kin from ours. */
static void
compare_early(const void *arg)
{
	const struct pair *pair = arg;
	size_t i;

	for (i = 0; i < HMAC_LEN; i++)
		if (pair->a[i] != pair->b[i])
			break;
	result = i == HMAC_LEN;
}

static void
test_comparison(void)
{
	struct pair same, first, last;
	long n;

	/* No zeros: a comparison of strings would end at the first. */
	memset(&same, 0x5a, sizeof(same));
	first = last = same;
	first.b[0] ^= 1;
	last.b[HMAC_LEN - 1] ^= 1;
	n = count(compare, &same);
	ok(count(compare_early, &first) < count(compare_early, &last),
	    "a comparison that ends early is seen to");
	is_int(count(compare, &first), n, "the first byte differs");
	is_int(count(compare, &last), n, "the last one does");
}

struct delivery {
	struct bh_verifier *verifier;
	const char	   *header;
};

static const char BODY[] = "{}";

static void
verify(const void *arg)
{
	const struct delivery *delivery = arg;

	result = bh_signature_verify(delivery->verifier, BODY,
	    sizeof(BODY) - 1, delivery->header, strlen(delivery->header),
	    BH_TOLERANCE, 1000, NULL) == BH_OK;
}

/* The digit of the signature at i is another one than it was; a digit stays a
 * digit, and a letter a letter. */
static void
change(char *header, const char *good, size_t i)
{
	char *digit;

	strcpy(header, good);
	digit = strstr(header, "v1=") + 3 + i;
	*digit = *digit == '9' ? '8' : *digit == 'f' ? 'e' :
	    (char)(*digit + 1);
}

static void
test_verification(void)
{
	static const char *const secrets[] = { "whsec_test_constant" };
	char good[BH_SIGNATURE_SIZE], bad[BH_SIGNATURE_SIZE];
	struct delivery delivery = { NULL, bad };
	long first, last, other;

	if (bh_verifier_new(&delivery.verifier, secrets, 1, NULL) != BH_OK ||
	    bh_signature_make(good, sizeof(good), secrets[0], BODY,
	    sizeof(BODY) - 1, 1000) != BH_OK) {
		ok(false, "no memory");
		return;
	}
	change(bad, good, 0);
	first = count(verify, &delivery);
	change(bad, good, 63);
	last = count(verify, &delivery);
	change(bad, good, 31);
	other = count(verify, &delivery);
	ok(first > 1000, "a verification is counted");
	is_int(last, first, "wrong in the first digit or in the last");
	is_int(other, first, "or in the middle");
	bh_verifier_free(delivery.verifier);
}

int
main(void)
{
	const struct pair none = {{0}, {0}};

	if (hmac_init() == -1 || count(compare, &none) == -1) {
		ok(true, "instructions cannot be counted here # SKIP no ptrace");
		return done_testing();
	}
	test_comparison();
	test_verification();
	return done_testing();
}
