/* Doctor: what this kernel and this build offer a responder to lock itself in
 * with. */
#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "doctor.h"
#include "landlock.h"

#ifdef HAVE_SECCOMP
#define BUILT_WITH_SECCOMP true
#else
#define BUILT_WITH_SECCOMP false
#endif

/* What a version of Landlock refuses beside the use of files. */
static const char *
extent_of(int abi)
{
	if (abi >= 6)
		return "files, devices, TCP, signals and sockets of others";
	if (abi >= 5)
		return "files, devices, TCP";
	if (abi >= 4)
		return "files, TCP";
	return abi >= 3 ? "files" : "files, but not their truncation";
}

static void
look_at_landlock(struct doctor *doctor)
{
	int abi = landlock_abi();

	if (abi > 0)
		doctor_tell(doctor, DOCTOR_OK, "landlock", NULL, "version %d: "
		    "responders are kept from %s", abi, extent_of(abi));
	else
		doctor_tell(doctor, DOCTOR_WARNING, "landlock", "nothing "
		    "must be done: responders serve without it; a kernel of "
		    "5.13 or later that has landlock among its lsm= offers "
		    "it", "there is none (%s): responders may use all files "
		    "of their user", errno == ENOSYS ?
		    "not in this kernel or build" : strerror(errno));
}

static void
look_at_seccomp(struct doctor *doctor)
{
	unsigned int action = SECCOMP_RET_KILL_PROCESS;

	if (!BUILT_WITH_SECCOMP)
		doctor_tell(doctor, DOCTOR_WARNING, "seccomp", "install "
		    "libseccomp-dev and build billhook again, for it",
		    "this build has no filter of system calls");
	else if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) ==
	    -1)
		doctor_tell(doctor, DOCTOR_WARNING, "seccomp", "nothing must "
		    "be done: responders serve without it; a kernel of 4.14 "
		    "or later offers it", "there is no filter of system "
		    "calls: %s", strerror(errno));
	else
		doctor_tell(doctor, DOCTOR_OK, "seccomp", NULL, "FastCGI "
		    "responders are kept from programs, processes and "
		    "sockets");
}

void
doctor_confine(struct doctor *doctor)
{
	look_at_landlock(doctor);
	look_at_seccomp(doctor);
}
