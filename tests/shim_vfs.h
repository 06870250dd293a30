/*
 * A VFS over SQLite's own for Unix that records into the log of shim_log.h,
 * and lets go wrong what that is told to: the process dies at a call, a call
 * returns a chosen error, a call waits.  It is the default once registered, so
 * that what is tested knows nothing of it.
 */
#ifndef SHIM_VFS_H
#define SHIM_VFS_H

#include "shim_log.h"

/* Registers it as the default.  shim_log must stand. */
void shim_vfs_register(void);

#endif
