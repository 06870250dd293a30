/*
 * HMAC-SHA256, and how OpenSSL starts.
 */
#include <sys/types.h>
#include <sys/wait.h>

#include <stdlib.h>
#include <unistd.h>

#include "hmac.h"
#include "tap.h"

#define COUNT(table) (sizeof(table) / sizeof(*(table)))

/* RFC 4231, cases 1, 2 and 6 (a key that is longer than a block). */
static void
test_hmac(void)
{
	static const struct {
		const char *key;
		size_t key_len;
		const char *data, *digest;
	} cases[] = {
		{ "\013\013\013\013\013\013\013\013\013\013"
		    "\013\013\013\013\013\013\013\013\013\013", 20, "Hi There",
		    "b0344c61d8db38535ca8afceaf0bf12b"
		    "881dc200c9833da726e9376c2e32cff7" },
		{ "Jefe", 4, "what do ya want for nothing?",
		    "5bdcc146bf60754e6a042426089575c7"
		    "5a003f089d2739839dec58b964ec3843" },
		{ NULL, 131,
		    "Test Using Larger Than Block-Size Key - Hash Key First",
		    "60e431591ee0b67f0d8a26aacbf5b77f"
		    "8e0bc6213728c5140546040f0ee37f54" },
	};
	char key[131], hex[2 * HMAC_LEN + 1];
	unsigned char digest[HMAC_LEN];
	struct hmac_part parts[3] = { { NULL, 0 } };
	struct hmac *hmac;
	size_t i, j;

	memset(key, 0xaa, sizeof(key));
	for (i = 0; i < COUNT(cases); i++) {
		hmac = hmac_new(cases[i].key == NULL ? key : cases[i].key,
		    cases[i].key_len);
		if (hmac == NULL)
			abort();
		parts[0] = (struct hmac_part){ cases[i].data, 4 };
		parts[2] = (struct hmac_part){ cases[i].data + 4,
		    strlen(cases[i].data) - 4 };
		/* Twice: the keyed context is not used up. */
		for (j = 0; j < 2; j++)
			if (hmac_digest(hmac, digest, parts, 3) == -1)
				abort();
		for (j = 0; j < HMAC_LEN; j++)
			snprintf(hex + 2 * j, 3, "%02x", digest[j]);
		is_str(hex, cases[i].digest, "HMAC-SHA256 of RFC 4231 is "
		    "right, in parts, one of them empty (case %zu)", i);
		hmac_free(hmac);
	}
	ok(hmac_equal("abc", "abc", 3) && !hmac_equal("abc", "abd", 3) &&
	    !hmac_equal("bbc", "abc", 3), "hmac_equal compares to the end");
	memset(key, 'k', sizeof(key));
	hmac_wipe(key, sizeof(key));
	for (i = 0; i < sizeof(key) && key[i] != 'k'; i++)
		;
	is_int(i, sizeof(key), "hmac_wipe leaves nothing");
	hmac_free(NULL);
}

/*
 * Whether a program can make a digest whose OpenSSL is told, by its
 * configuration file, to use nothing but what is not installed; in a process
 * of its own, which has not used OpenSSL before.
 */
static int
can_digest_with(const char *file, bool init)
{
	struct hmac *hmac;
	int status;
	pid_t pid;

	fflush(stdout);
	if ((pid = fork()) == -1)
		abort();
	if (pid == 0) {
		setenv("OPENSSL_CONF", file, 1);
		if (init && hmac_init() == -1)
			_exit(2);
		hmac = hmac_new("key", 3);
		status = hmac != NULL;
		hmac_free(hmac);
		_exit(status);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		abort();
	return WEXITSTATUS(status);
}

static void
test_init(void)
{
	static const char text[] = "openssl_conf = start\n"
	    "[start]\nalg_section = algorithms\n"
	    "[algorithms]\ndefault_properties = nowhere=yes\n";
	char path[] = "/tmp/test_signature.XXXXXX";
	int fd = mkstemp(path);

	if (fd == -1 || write(fd, text, strlen(text)) !=
	    (ssize_t)strlen(text))
		abort();
	close(fd);
	is_int(can_digest_with(path, false), 0,
	    "the library leaves OpenSSL's configuration to its host");
	is_int(can_digest_with(path, true), 1,
	    "after hmac_init OpenSSL's configuration file is not read");
	unlink(path);
}

int
main(void)
{
	test_init();	/* first: it needs an OpenSSL that is not yet used */
	test_hmac();
	return done_testing();
}
