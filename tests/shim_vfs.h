/*
 * A VFS over SQLite's own for Unix that records into the log of shim_log.h,
 * and makes things go wrong: the process dies at a call, a call returns a
 * chosen error, a call waits.  It is the default once registered, so that
 * what is tested knows nothing of it.
 */
#ifndef SHIM_VFS_H
#define SHIM_VFS_H

#include "shim_log.h"

/* Where a call may be made to wait. */
enum shim_place {
	SHIM_AT_WAL_WRITE,	/* before the log is written */
	SHIM_AT_WAL_SYNC,	/* before the log is synced */
	SHIM_AT_SYNC_FAILED,	/* a sync has failed, nobody was told yet */
	SHIM_AT_CHECKPOINT	/* a checkpoint has read the log's header, of
				 * a log that others wrote to, and has copied
				 * nothing yet */
};

/* Registers it as the default.  shim_log must stand. */
void shim_vfs_register(void);

/* Calls wait(arg) once, when this process comes by the place next. */
void shim_vfs_wait(enum shim_place place, void (*wait)(void *arg), void *arg);

/*
 * Lets the n-th call from now that can fail, and all later ones if on, do
 * nothing but return code (SQLITE_FULL, ...), where such a call can return it:
 * SQLITE_IOERR and the like turn up as the extended code of the call.  n 0:
 * none any more.
 */
void shim_vfs_fail(long n, int code, bool on);

/* True if the call that shim_vfs_fail() was told of has come. */
bool shim_vfs_failed(void);

#endif
