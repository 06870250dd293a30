/* Doctor: the file system of the database, and its space. */
#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include "doctor.h"

#define SPACE_LEAST ((int64_t)100 << 20)	/* bytes */
#define SPACE_NONE  ((int64_t)1 << 20)		/* too little for the log */

/* File systems by their magic numbers (statfs(2)): those where processes, or
 * machines, do not share memory as WAL needs it. */
static const struct {
	unsigned int magic;
	const char *name;
	bool sure;		/* that WAL cannot be */
} systems[] = {
	{ 0x6969, "NFS", true },
	{ 0x517B, "SMB", true },
	{ 0xFF534D42, "CIFS", true },
	{ 0xFE534D42, "SMB 2", true },
	{ 0x01021997, "9p", true },
	{ 0x5346414F, "AFS", true },
	{ 0x00C36400, "Ceph", true },
	{ 0x0BD00BD0, "Lustre", true },
	{ 0x786F4256, "VirtualBox's shared folders", true },
	{ 0x65735546, "FUSE", false },
};

static void
look_at_system(struct doctor *doctor, const char *path)
{
	bool wal = doctor->db.settings->journal == JOURNAL_WAL;
	struct statfs fs;
	size_t i, n = sizeof(systems) / sizeof(systems[0]);

	if (statfs(path, &fs) == -1)
		return;
	for (i = 0; i < n; i++)
		if ((unsigned int)fs.f_type == systems[i].magic)
			break;
	if (i == n)
		doctor_tell(doctor, DOCTOR_OK, "file system", NULL,
		    "a local one, as far as its type 0x%lx tells",
		    (unsigned long)fs.f_type & 0xFFFFFFFFUL);
	else if (!wal)
		doctor_tell(doctor, DOCTOR_OK, "file system", NULL,
		    "%s, with BILLHOOK_JOURNAL=truncate", systems[i].name);
	else
		doctor_tell(doctor, systems[i].sure ? DOCTOR_PROBLEM :
		    DOCTOR_WARNING, "file system", "set "
		    "BILLHOOK_JOURNAL=truncate, or put BILLHOOK_DATABASE on a "
		    "local disk", "it is %s, where a write-ahead log %s",
		    systems[i].name, systems[i].sure ? "does not work" :
		    "may not work");
}

static void
look_at_space(struct doctor *doctor, const char *path)
{
	struct statvfs fs;
	struct stat st;
	int64_t left, size;

	if (statvfs(path, &fs) == -1)
		return;
	left = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
	size = stat(doctor->db.settings->database, &st) == 0 ?
	    (int64_t)st.st_size : 0;
	if (left < SPACE_NONE)
		doctor_tell(doctor, DOCTOR_PROBLEM, "disk space", "take other "
		    "files away from its file system, or make it larger; "
		    "billhook prune wants some room, too", "%" PRId64 " kB "
		    "are free: deliveries are answered 503 where there is no "
		    "room for them", left >> 10);
	else if (left < SPACE_LEAST || left < size)
		doctor_tell(doctor, DOCTOR_WARNING, "disk space", "make room "
		    "on its file system; billhook prune empties old payloads",
		    "%" PRId64 " MB are free, and the database has %" PRId64
		    " MB", left >> 20, size >> 20);
	else
		doctor_tell(doctor, DOCTOR_OK, "disk space", NULL,
		    "%" PRId64 " MB are free", left >> 20);
	if (fs.f_favail == 0 && fs.f_files != 0)
		doctor_tell(doctor, DOCTOR_PROBLEM, "disk space",
		    "remove files from its file system",
		    "no more files can be made: it has no inodes left");
	if ((fs.f_flag & ST_RDONLY) != 0)
		doctor_tell(doctor, DOCTOR_PROBLEM, "disk space",
		    "mount it for writing", "its file system is read-only");
}

/* A limit that this process has, and perhaps the responder. */
static void
look_at_limit(struct doctor *doctor)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_FSIZE, &limit) == 0 &&
	    limit.rlim_cur != RLIM_INFINITY)
		doctor_tell(doctor, DOCTOR_WARNING, "disk space", "lift it "
		    "(ulimit -f unlimited), here and for the responder",
		    "no file may be larger than %" PRIu64 " bytes (ulimit -f)",
		    (uint64_t)limit.rlim_cur);
}

void
doctor_disk(struct doctor *doctor)
{
	char path[DOCTOR_PATH_SIZE], *slash;
	struct stat st;

	doctor_directory(doctor, path);
	slash = strrchr(path, '/');
	if (stat(path, &st) == -1 && slash != NULL)
		slash[slash == path] = '\0';
	look_at_system(doctor, path);
	look_at_space(doctor, path);
	look_at_limit(doctor);
}
