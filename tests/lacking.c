/*
 * lacking WHAT ERRNO PROGRAM [ARGUMENT...]: runs a program as on a kernel that
 * lacks WHAT, landlock or seccomp, or where no more of what a filter is made
 * with may be had, process or file: its calls fail with ERRNO, a number.
 *
 * Exit status 1 if it could not be run; 77 if this build has no libseccomp.
 */
#include <stdlib.h>

#ifdef HAVE_SECCOMP
#include <sys/prctl.h>

#include <seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CREATE_RULESET	444	/* of Landlock, on every processor */

/* 0 or -errno. */
static int
take_away(scmp_filter_ctx filter, const char *what, uint32_t action)
{
	struct scmp_arg_cmp set = SCMP_CMP64(0, SCMP_CMP_EQ, PR_SET_SECCOMP,
	    0);
	int rc;

	if (strcmp(what, "landlock") == 0)
		return seccomp_rule_add_array(filter, action, CREATE_RULESET,
		    0, NULL);
	if (strcmp(what, "file") == 0)
		return seccomp_rule_add_array(filter, action,
		    SCMP_SYS(memfd_create), 0, NULL);
	if (strcmp(what, "process") == 0) {
		rc = seccomp_rule_add_array(filter, action, SCMP_SYS(clone),
		    0, NULL);
		return rc != 0 ? rc : seccomp_rule_add_array(filter, action,
		    SCMP_SYS(fork), 0, NULL);
	}
	rc = seccomp_rule_add_array(filter, action, SCMP_SYS(seccomp), 0,
	    NULL);
	if (rc == 0)
		rc = seccomp_rule_add_array(filter, action, SCMP_SYS(prctl),
		    1, &set);
	return rc;
}

int
main(int argc, char **argv)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (argc < 4 || filter == NULL ||
	    take_away(filter, argv[1],
	    SCMP_ACT_ERRNO((uint32_t)strtoul(argv[2], NULL, 10))) != 0 ||
	    seccomp_load(filter) != 0) {
		fprintf(stderr, "lacking: cannot take it away\n");
		return EXIT_FAILURE;
	}
	seccomp_release(filter);
	execv(argv[3], argv + 3);
	perror(argv[3]);
	return EXIT_FAILURE;
}

#else

int
main(void)
{
	return 77;
}
#endif
