/*
 * Landlock (landlock(7)): a process asks the kernel to refuse it, from then on
 * and for good, every file but those that it names, and more where the kernel
 * knows more: TCP, devices, other processes.  In db/ since the responder lives
 * under it and the command's doctor tries it.
 */
#ifndef LANDLOCK_H
#define LANDLOCK_H

#include <stdbool.h>

/* Which version of it the kernel offers, from 1; 0 with errno if none: ENOSYS
 * (an old kernel, or a build without), EOPNOTSUPP (not started with it). */
int landlock_abi(void);

/*
 * Enters: of all files this process may open those below directory, to read,
 * write, make, truncate and remove; /dev/urandom to read; /dev/null.  Reading
 * directory itself is among it: SQLite opens it to sync it, and skips that
 * without a word where it cannot.  What is open stays open.  Sets no new
 * privileges.  0; or -1 with errno, and then nothing holds but that.
 */
int landlock_enter(const char *directory);

/* The same for a process that opens files to read them and does nothing else
 * with any. */
int landlock_enter_reader(void);

/* True once landlock_enter() has succeeded. */
bool landlock_entered(void);

#endif
