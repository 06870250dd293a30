/*
 * A seccomp filter (seccomp(2)), made by libseccomp: of the kernel's calls a
 * process keeps those that its work needs, from then on and for good.
 */
#ifndef SYSCALLS_H
#define SYSCALLS_H

#include <sys/types.h>
#include <stddef.h>
#include <stdint.h>

enum syscalls_for {
	SYSCALLS_SERVE,		/* requests, by a responder that is set up */
	SYSCALLS_READ		/* the configuration file, by the reader */
};

enum { SYSCALLS_MODES = 2 };

/* As the kernel takes it: so many instructions, which it allows at most. */
struct syscalls_filter {
	size_t	 n;
	uint64_t code[4096];
};

/*
 * Makes the filter of this process.  What is neither needed nor known to be
 * dangerous fails with ENOSYS, as on an older kernel: a libc that tries a new
 * call then takes the old one, which it would not after EPERM.  What no such
 * process ever calls unless somebody else has taken it over (a program, a
 * process, a socket, a debugger) kills it.
 *
 * modes are those that fchmod() may give to serve: the one that the database's
 * files are made with, and the one that they have.
 *
 * It is made in a process of its own, which is gone on return, or in this one
 * where no other is to be had.  0; or -1 with errno: ENOTSUP (this build has
 * none), ENOMEM or EMFILE (another time it may be), or what libseccomp says.
 */
int syscalls_make(struct syscalls_filter *filter, enum syscalls_for what,
    const mode_t modes[SYSCALLS_MODES]);

/* Enters it; sets no new privileges.  0; or -1 with errno, and then there is
 * no filter. */
int syscalls_enter(const struct syscalls_filter *filter);

#endif
