#define _GNU_SOURCE
#include "shim_vfs.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An open file: ours, and behind it the real one. */
struct file {
	sqlite3_file   base;
	enum shim_name name;	/* SHIM__MAX: not recorded */
	unsigned       number;	/* of shim_log->files */
	unsigned       heard;	/* failures of syncs */
	sqlite3_file  *real;
};

static sqlite3_vfs *system_vfs;

static int
leave(int rc)
{
	shim_perhaps_kill();
	return rc;
}

static struct file *
of(sqlite3_file *base)
{
	return (struct file *)(void *)base;
}

static sqlite3_file *
real_of(sqlite3_file *base)
{
	return of(base)->real;
}

/* Closing, unlocking and asking cannot fail: SQLite would not look. */
static int
shim_close(sqlite3_file *base)
{
	sqlite3_file *real = real_of(base);

	shim_perhaps_kill();
	return leave(real->pMethods->xClose(real));
}

static int
shim_read(sqlite3_file *base, void *bytes, int n, sqlite3_int64 at)
{
	sqlite3_file *real = real_of(base);
	int rc = shim_enter(SQLITE_IOERR_READ);

	return rc != SQLITE_OK ? rc :
	    leave(real->pMethods->xRead(real, bytes, n, at));
}

static int
shim_write(sqlite3_file *base, const void *bytes, int n, sqlite3_int64 at)
{
	struct file *f = of(base);
	struct shim_entry entry = {.kind = SHIM_WRITE, .file = f->number,
	    .at = at, .len = (size_t)n};
	int rc = shim_enter(SQLITE_IOERR_WRITE);

	if (rc != SQLITE_OK)
		return rc;
	if (f->name == SHIM__MAX)
		return f->real->pMethods->xWrite(f->real, bytes, n, at);
	shim_log_lock();
	rc = f->real->pMethods->xWrite(f->real, bytes, n, at);
	if (rc == SQLITE_OK)
		shim_log_add(&entry, bytes);
	shim_log_unlock();
	return leave(rc);
}

static int
shim_truncate(sqlite3_file *base, sqlite3_int64 size)
{
	struct file *f = of(base);
	struct shim_entry entry = {.kind = SHIM_TRUNCATE, .file = f->number,
	    .at = size};
	int rc = shim_enter(SQLITE_IOERR_TRUNCATE);

	if (rc != SQLITE_OK)
		return rc;
	if (f->name == SHIM__MAX)
		return f->real->pMethods->xTruncate(f->real, size);
	shim_log_lock();
	rc = f->real->pMethods->xTruncate(f->real, size);
	if (rc == SQLITE_OK)
		shim_log_add(&entry, NULL);
	shim_log_unlock();
	return leave(rc);
}

/* Recorded by fdatasync(). */
static int
shim_sync(sqlite3_file *base, int flags)
{
	struct file *f = of(base);
	int rc = shim_enter(SQLITE_IOERR_FSYNC);

	if (rc != SQLITE_OK)
		return rc;
	if (f->name == SHIM_WAL)
		shim_come_by(SHIM_AT_WAL_SYNC);
	shim_heard = &f->heard;
	rc = f->real->pMethods->xSync(f->real, flags);
	shim_heard = NULL;
	if (rc != SQLITE_OK)
		shim_come_by(SHIM_AT_SYNC_FAILED);
	return leave(rc);
}

static int
shim_size(sqlite3_file *base, sqlite3_int64 *size)
{
	sqlite3_file *real = real_of(base);
	int rc = shim_enter(SQLITE_IOERR_FSTAT);

	return rc != SQLITE_OK ? rc : real->pMethods->xFileSize(real, size);
}

static int
shim_file_lock(sqlite3_file *base, int level)
{
	sqlite3_file *real = real_of(base);
	int rc = shim_enter(SQLITE_IOERR_LOCK);

	return rc != SQLITE_OK ? rc :
	    leave(real->pMethods->xLock(real, level));
}

static int
shim_file_unlock(sqlite3_file *base, int level)
{
	sqlite3_file *real = real_of(base);

	shim_perhaps_kill();
	return leave(real->pMethods->xUnlock(real, level));
}

static int
shim_reserved(sqlite3_file *base, int *out)
{
	sqlite3_file *real = real_of(base);

	return real->pMethods->xCheckReservedLock(real, out);
}

static int
shim_control(sqlite3_file *base, int op, void *arg)
{
	sqlite3_file *real = real_of(base);

	return real->pMethods->xFileControl(real, op, arg);
}

static int
shim_sector_size(sqlite3_file *base)
{
	sqlite3_file *real = real_of(base);

	return real->pMethods->xSectorSize(real);
}

static int
shim_device(sqlite3_file *base)
{
	sqlite3_file *real = real_of(base);

	return real->pMethods->xDeviceCharacteristics(real);
}

static int
shim_shm_map(sqlite3_file *base, int page, int size, int extend,
    void volatile **out)
{
	sqlite3_file *real = real_of(base);
	int rc = shim_enter(SQLITE_IOERR_SHMMAP);

	if (rc == SQLITE_OK)
		return leave(real->pMethods->xShmMap(real, page, size, extend,
		    out));
	*out = NULL;
	return rc;
}

static int
shim_shm_lock(sqlite3_file *base, int offset, int n, int flags)
{
	sqlite3_file *real = real_of(base);
	int rc = SQLITE_OK;

	if (flags & SQLITE_SHM_UNLOCK)
		shim_perhaps_kill();
	else
		rc = shim_enter(SQLITE_IOERR_SHMLOCK);
	if (rc == SQLITE_OK)
		rc = real->pMethods->xShmLock(real, offset, n, flags);
	/* The first of the locks is the writer's (wal.c, WAL_WRITE_LOCK). */
	if (rc == SQLITE_OK && offset == 0 && n == 1 &&
	    flags == (SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE))
		shim_come_by(SHIM_AT_WRITE_LOCK);
	return leave(rc);
}

static void
shim_shm_barrier(sqlite3_file *base)
{
	sqlite3_file *real = real_of(base);

	shim_perhaps_kill();
	real->pMethods->xShmBarrier(real);
	shim_perhaps_kill();
}

static int
shim_shm_unmap(sqlite3_file *base, int delete)
{
	sqlite3_file *real = real_of(base);

	shim_perhaps_kill();
	return leave(real->pMethods->xShmUnmap(real, delete));
}

static int
shim_fetch(sqlite3_file *base, sqlite3_int64 at, int n, void **out)
{
	(void)base;
	(void)at;
	(void)n;
	*out = NULL;	/* nothing is read past the log */
	return SQLITE_OK;
}

/* Called without a page by a checkpoint, between reading the header and
 * copying, when the header is not as this connection knew it. */
static int
shim_unfetch(sqlite3_file *base, sqlite3_int64 at, void *page)
{
	(void)at;
	if (of(base)->name == SHIM_DATABASE && page == NULL)
		shim_come_by(SHIM_AT_CHECKPOINT);
	return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
	.iVersion = 3,
	.xClose = shim_close,
	.xRead = shim_read,
	.xWrite = shim_write,
	.xTruncate = shim_truncate,
	.xSync = shim_sync,
	.xFileSize = shim_size,
	.xLock = shim_file_lock,
	.xUnlock = shim_file_unlock,
	.xCheckReservedLock = shim_reserved,
	.xFileControl = shim_control,
	.xSectorSize = shim_sector_size,
	.xDeviceCharacteristics = shim_device,
	.xShmMap = shim_shm_map,
	.xShmLock = shim_shm_lock,
	.xShmBarrier = shim_shm_barrier,
	.xShmUnmap = shim_shm_unmap,
	.xFetch = shim_fetch,
	.xUnfetch = shim_unfetch,
};

static enum shim_name
name_of(const char *path)
{
	size_t i;

	for (i = 0; path != NULL && i < SHIM__MAX; i++)
		if (strcmp(path, shim_log->path[i]) == 0)
			return (enum shim_name)i;
	return SHIM__MAX;
}

static int
shim_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags,
    int *out_flags)
{
	struct file *f = of(base);
	int rc = shim_enter(SQLITE_CANTOPEN), number;

	(void)vfs;
	memset(f, 0, sizeof(*f));
	if (rc != SQLITE_OK)
		return rc;
	f->name = name_of(path);
	f->real = (sqlite3_file *)(void *)(f + 1);
	shim_log_lock();
	rc = system_vfs->xOpen(system_vfs, path, f->real, flags, out_flags);
	if (rc == SQLITE_OK && f->name != SHIM__MAX) {
		number = shim_log_file(f->name);
		if (number == -1)
			abort();
		f->number = (unsigned)number;
		f->heard = shim_log->files[number].failures;
	}
	shim_log_unlock();
	if (f->real->pMethods != NULL)
		base->pMethods = &methods;
	return leave(rc);
}

static int
shim_delete(sqlite3_vfs *vfs, const char *path, int sync)
{
	struct shim_entry entry = {.kind = SHIM_REMOVED,
	    .name = name_of(path)};
	int rc = shim_enter(SQLITE_IOERR_DELETE), number;

	(void)vfs;
	if (rc != SQLITE_OK)
		return rc;
	if (entry.name == SHIM__MAX)
		return system_vfs->xDelete(system_vfs, path, sync);
	shim_log_lock();
	number = shim_log_file(entry.name);
	rc = system_vfs->xDelete(system_vfs, path, 0);
	if (rc == SQLITE_OK && number != -1) {
		/* Another file may get its inode's number. */
		shim_log->files[number].inode = 0;
		shim_log_add(&entry, NULL);
	}
	shim_log_unlock();
	shim_perhaps_kill();
	if (rc == SQLITE_OK && sync)
		shim_log_sync_directory();
	return leave(rc);
}

static int
shim_access(sqlite3_vfs *vfs, const char *path, int flags, int *out)
{
	int rc = shim_enter(SQLITE_IOERR_ACCESS);

	(void)vfs;
	return rc != SQLITE_OK ? rc :
	    system_vfs->xAccess(system_vfs, path, flags, out);
}

void
shim_vfs_register(void)
{
	static sqlite3_vfs shim;

	if (system_vfs != NULL)
		return;
	if (sqlite3_initialize() != SQLITE_OK ||
	    (system_vfs = sqlite3_vfs_find(NULL)) == NULL)
		abort();
	shim = *system_vfs;
	shim.zName = "shim";
	shim.pNext = NULL;
	shim.szOsFile = (int)sizeof(struct file) + system_vfs->szOsFile;
	shim.xOpen = shim_open;
	shim.xDelete = shim_delete;
	shim.xAccess = shim_access;
	if (sqlite3_vfs_register(&shim, 1) != SQLITE_OK)
		abort();
}
