/* Doctor: is the responder behind this URL? */
#include <strings.h>

#include "deliver.h"
#include "doctor.h"

static const char route[] = "let the web server pass this path to "
    "billhook.fcgi, and let no login, redirect or filter stand before it";

void
doctor_url(struct doctor *doctor)
{
	struct deliver_answer answer;

	if (deliver_ask(&answer, doctor->url) == -1 && answer.status == -1)
		doctor_tell(doctor, DOCTOR_WARNING, "endpoint", NULL, "%s",
		    answer.error);
	else if (*answer.error != '\0')
		doctor_tell(doctor, DOCTOR_PROBLEM, "endpoint", "look at the "
		    "name, the port, the firewall and the certificate",
		    "%s", answer.error);
	else if (answer.status == 405 &&
	    strcasecmp(answer.allow, "POST") == 0)
		doctor_tell(doctor, DOCTOR_OK, "endpoint", NULL,
		    "%s answers as it should: 405, Allow: POST", doctor->url);
	else if (answer.status == 500)
		doctor_tell(doctor, DOCTOR_PROBLEM, "endpoint", "look at the "
		    "web server's error log; if it says misconfigured, at "
		    "what the responder can read of the settings",
		    "%s answers 500", doctor->url);
	else if (answer.status >= 300 && answer.status < 400)
		doctor_tell(doctor, DOCTOR_PROBLEM, "endpoint", "give Stripe "
		    "the final URL: it follows no redirect",
		    "%s redirects (%d)", doctor->url, answer.status);
	else
		doctor_tell(doctor, DOCTOR_PROBLEM, "endpoint", route,
		    "%s answers %d to a GET, and not 405 with Allow: POST: "
		    "something else is there", doctor->url, answer.status);
	bytes_free(&answer.body);
}
