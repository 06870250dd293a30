/* Doctor: the configuration file, the settings, the secrets. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "doctor.h"
#include "input.h"

#define SECRET_LEAST 30		/* characters; Stripe's have 38 and more */

static void
look_at_file(struct doctor *doctor)
{
	const char *path = config_path(doctor->db.config);
	struct stat st;

	if (stat(path, &st) == 0)
		doctor_tell(doctor, DOCTOR_OK, "configuration file", NULL,
		    "%s, mode %04o, of user %lu and group %lu", path,
		    (unsigned int)st.st_mode & 07777,
		    (unsigned long)st.st_uid, (unsigned long)st.st_gid);
	else if (errno == ENOENT)
		doctor_tell(doctor, DOCTOR_WARNING, "configuration file",
		    "make it, with mode 0600 and the responder's user as its "
		    "owner, unless the web server passes every setting",
		    "%s is not there", path);
	else
		doctor_tell(doctor, DOCTOR_WARNING, "configuration file",
		    "run doctor as a user who may read it",
		    "%s: %s", path, strerror(errno));
}

static void
look_at_secrets(struct doctor *doctor)
{
	const struct settings *settings = doctor->db.settings;
	char tail[INPUT_TAIL_SIZE];
	size_t i;

	if (settings->nsecrets == 0)
		doctor_tell(doctor, DOCTOR_PROBLEM, "secret",
		    "set STRIPE_WEBHOOK_SECRET to the endpoint's signing "
		    "secret (Stripe's dashboard, Webhooks, Reveal)",
		    "there is none: every delivery is answered 500");
	for (i = 0; i < settings->nsecrets; i++) {
		input_tail(tail, settings->secrets[i]);
		if (strlen(settings->secrets[i]) < SECRET_LEAST)
			doctor_tell(doctor, DOCTOR_WARNING, "secret",
			    "copy it again, whole", "the secret %zu of %zu "
			    "is shorter than Stripe's are", i + 1,
			    settings->nsecrets);
		else
			doctor_tell(doctor, DOCTOR_OK, "secret", NULL,
			    "%zu of %zu, %s", i + 1, settings->nsecrets,
			    tail);
	}
}

bool
doctor_settings(struct doctor *doctor)
{
	look_at_file(doctor);
	if (doctor->db.settings == NULL) {
		doctor_tell(doctor, DOCTOR_PROBLEM, "settings", NULL, "%s",
		    config_error(doctor->db.config));
		return false;
	}
	doctor_tell(doctor, DOCTOR_OK, "settings", NULL, "all usable; "
	    "billhook config shows them");
	look_at_secrets(doctor);
	return true;
}
