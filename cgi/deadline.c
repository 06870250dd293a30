#include "deadline.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>

#define STEP 2	/* seconds */

static timer_t timer;
static volatile const int *watched;
static volatile sig_atomic_t limit, steps, passed;
static ino_t connection;	/* whose steps are counted */

/*
 * libfcgi may take several connections in one call, all with the same
 * descriptor; the inode tells one socket from the next.
 */
static void
on_step(int signal)
{
	int fd = *watched, saved = errno;
	struct stat st;

	(void)signal;
	if (fd >= 0 && fstat(fd, &st) == 0) {
		if (st.st_ino != connection) {
			connection = st.st_ino;
			steps = 0;
		}
		steps = steps + 1;
		if (steps >= limit) {
			passed = 1;
			shutdown(fd, SHUT_RDWR);
		}
	}
	errno = saved;
}

int
deadline_init(const int *fd, unsigned int seconds)
{
	/* A signal that no web server sends; SA_RESTART, so that it ends no
	 * read by itself and cuts no body short. */
	struct sigaction action = { .sa_handler = on_step,
	    .sa_flags = SA_RESTART };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
	    .sigev_signo = SIGRTMIN };
	sigset_t set;

	watched = fd;
	limit = (sig_atomic_t)(seconds / STEP);
	sigemptyset(&action.sa_mask);
	if (sigaction(SIGRTMIN, &action, NULL) == -1)
		return -1;
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	if (sigprocmask(SIG_UNBLOCK, &set, NULL) == -1)
		return -1;
	return timer_create(CLOCK_MONOTONIC, &event, &timer);
}

static void
set_timer(time_t seconds)
{
	struct itimerspec when = { .it_interval = { .tv_sec = seconds },
	    .it_value = { .tv_sec = seconds } };

	/* Cannot fail: the timer is there and the time is valid. */
	timer_settime(timer, 0, &when, NULL);
}

void
deadline_start(void)
{
	/* Ends an earlier course too; the next step is STEP away. */
	set_timer(STEP);
	connection = 0;
	passed = 0;
}

void
deadline_stop(void)
{
	set_timer(0);
}

bool
deadline_passed(void)
{
	return passed != 0;
}
