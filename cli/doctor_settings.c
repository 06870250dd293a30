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

/* What is odd about a secret, and what to do; NULL if nothing. */
static const char *
find_oddity(const char *secret, const char **advice)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+/=-";
	const char *bare = strncmp(secret, "whsec_", 6) == 0 ? secret + 6 :
	    secret;

	*advice = "copy the endpoint's signing secret there (Stripe's "
	    "dashboard, Webhooks, Reveal)";
	if (strchr(secret, '@') != NULL || strstr(secret, "...") != NULL ||
	    (*bare != '\0' && strchr("Xx", *bare) != NULL &&
	    bare[strspn(bare, "Xx")] == '\0'))
		return "is none: the placeholder still stands there";
	*advice = "copy it again, whole";
	if (strlen(secret) < SECRET_LEAST)
		return "is shorter than Stripe's are";
	*advice = "copy it again; several secrets go into one line, apart by "
	    "commas";
	return secret[strspn(secret, letters)] == '\0' ? NULL :
	    "has a character that Stripe's have not";
}

static void
look_at_secrets(struct doctor *doctor)
{
	const struct settings *settings = doctor->db.settings;
	const char *advice, *oddity;
	char tail[INPUT_TAIL_SIZE];
	size_t i;

	if (settings->nsecrets == 0)
		doctor_tell(doctor, DOCTOR_PROBLEM, "secret",
		    "set STRIPE_WEBHOOK_SECRET to the endpoint's signing "
		    "secret (Stripe's dashboard, Webhooks, Reveal)",
		    "there is none: every delivery is answered 500");
	for (i = 0; i < settings->nsecrets; i++) {
		input_tail(tail, settings->secrets[i]);
		oddity = find_oddity(settings->secrets[i], &advice);
		if (oddity != NULL)
			doctor_tell(doctor, DOCTOR_WARNING, "secret", advice,
			    "the secret %zu of %zu %s", i + 1,
			    settings->nsecrets, oddity);
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
