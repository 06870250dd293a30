/*
 * A disk whose sync takes 5 ms longer, for LD_PRELOAD.  It waits in ppoll(),
 * which a responder that confines itself may call, too.
 */
#include <poll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define LONGER_NS	5000000L

static int
slowly(long call, int fd)
{
	const struct timespec longer = {0, LONGER_NS};
	long rc = syscall(call, fd);

	(void)ppoll(NULL, 0, &longer, NULL);
	return (int)rc;
}

int
fdatasync(int fd)
{
	return slowly(SYS_fdatasync, fd);
}

int
fsync(int fd)
{
	return slowly(SYS_fsync, fd);
}
