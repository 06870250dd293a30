#include "setup.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Notes why requests cannot be served, and what to do. */
static void __attribute__((format(printf, 3, 4)))
set_fault(struct setup *setup, enum answer_code code, const char *format, ...)
{
	va_list args;

	setup->code = code;
	va_start(args, format);
	vsnprintf(setup->fault, sizeof(setup->fault), format, args);
	va_end(args);
}

static void
make_verifier(struct setup *setup, const struct settings *settings)
{
	size_t bad = 0;

	bh_verifier_free(setup->verifier);
	setup->verifier = NULL;
	if (settings->nsecrets == 0) {
		set_fault(setup, ANSWER_MISCONFIGURED, "no secret: put "
		    "STRIPE_WEBHOOK_SECRET=whsec_... (from Stripe's dashboard, "
		    "or from stripe listen) into %s, mode 0600",
		    config_path(setup->config));
		return;
	}
	switch (bh_verifier_new(&setup->verifier,
	    (const char *const *)settings->secrets, settings->nsecrets,
	    &bad)) {
	case BH_OK:
		break;
	case BH_ENOMEM:
		set_fault(setup, ANSWER_UNAVAILABLE, "no memory for the "
		    "secrets: free some, Stripe will send the event again");
		break;
	default:
		set_fault(setup, ANSWER_MISCONFIGURED, "secret %zu of %zu in "
		    "STRIPE_WEBHOOK_SECRET cannot be a signing secret: it "
		    "begins with whsec_ and has no blanks or quotes",
		    bad + 1, settings->nsecrets);
		break;
	}
}

/* Makes the verifier and the store for the settings as they are now. */
static void
set_up(struct setup *setup)
{
	const struct settings *settings = config_settings(setup->config);

	if (settings == NULL) {
		/* What the store borrowed is gone. */
		store_free(setup->store);
		setup->store = NULL;
		bh_verifier_free(setup->verifier);
		setup->verifier = NULL;
		set_fault(setup, ANSWER_MISCONFIGURED, "%s",
		    config_error(setup->config));
		return;
	}
	log_set_level(setup->log, settings->log);
	if (setup->store != NULL)
		store_configure(setup->store, settings);
	else
		setup->store = store_new(settings, log_store, setup->log);
	if (setup->store == NULL)
		set_fault(setup, ANSWER_UNAVAILABLE, "no memory for the "
		    "database: free some, Stripe will send the event again");
	else
		make_verifier(setup, settings);
}

bool
setup_is_ready(const struct setup *setup)
{
	return setup->verifier != NULL && setup->store != NULL;
}

int
setup_init(struct setup *setup, struct log *log)
{
	memset(setup, 0, sizeof(*setup));
	setup->log = log;
	if (config_open(&setup->config) == -1)
		return -1;
	set_up(setup);
	return 0;
}

void
setup_free(struct setup *setup)
{
	store_free(setup->store);
	bh_verifier_free(setup->verifier);
	config_free(setup->config);
}

void
setup_tidy(struct setup *setup)
{
	if (setup->store != NULL)
		store_tidy(setup->store);
}

void
setup_announce(struct setup *setup)
{
	const struct settings *settings = config_settings(setup->config);

	if (!setup_is_ready(setup)) {
		log_line(setup->log, LOG_ERROR, "every delivery will be "
		    "answered %d until this is mended: %s",
		    answer_status(setup->code), setup->fault);
		return;
	}
	log_line(setup->log, LOG_INFO, "ready: %zu %s, database %s, "
	    "configuration file %s", settings->nsecrets,
	    settings->nsecrets == 1 ? "secret" : "secrets",
	    settings->database, config_path(setup->config));
	if (store_open(setup->store) != STORE_OK)
		log_line(setup->log, LOG_ERROR, "the database cannot be "
		    "opened; every delivery tries again, and is answered 503 "
		    "until it can: %s", store_error(setup->store));
}

void
setup_confine(struct setup *setup, struct reader *reader)
{
	if (setup->confine.entered || !confine_enter(&setup->confine,
	    config_settings(setup->config), setup->log))
		return;
	setup->reader = reader;
	if (setup->confine.landlock)
		config_set_open(setup->config, reader_open, reader);
}

/* Why this process must end, NULL if it need not. */
static const char *
outgrown(const struct setup *setup)
{
	if (config_stale(setup->config) != NULL && setup->confine.landlock &&
	    reader_is_gone(setup->reader))
		return "the process billhook-reader, which opens the "
		    "configuration file for it, is gone";
	return confine_outgrown(&setup->confine,
	    config_settings(setup->config));
}

/* Says once that older settings than those of the file count. */
static void
tell_stale(struct setup *setup)
{
	const char *why = config_stale(setup->config);

	if (why != NULL && !setup->stale && setup_is_ready(setup))
		log_line(setup->log, LOG_WARNING, "the settings cannot be "
		    "read again: those before stay until they can, which "
		    "each request tries; %s", why);
	setup->stale = why != NULL;
}

void
setup_refresh(struct setup *setup)
{
	bool changed = config_refresh(setup->config);
	const char *why;

	if (changed || !setup_is_ready(setup))
		set_up(setup);
	if (changed)
		log_line(setup->log, LOG_INFO,
		    "settings read again: %s changed",
		    config_path(setup->config));
	why = outgrown(setup);
	if (why == NULL) {
		tell_stale(setup);
		return;
	}
	setup->outgrown = true;
	bh_verifier_free(setup->verifier);
	setup->verifier = NULL;
	set_fault(setup, ANSWER_UNAVAILABLE, "this process ends, to be "
	    "started anew, since it is confined and %s; where nobody does "
	    "(spawn-fcgi alone), start it", why);
}
