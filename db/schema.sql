-- The tables of billhook.  What each column means to an application stands in
-- billhook-tables(5) and in the README; here stands why it is laid out so.
--
-- Every id and time is Stripe's own word.  No foreign keys: rows come in any
-- order.  STRICT, so that a column holds what it says.

-- Every authentic event, once.  A verdict at arrival, and the payload as it
-- was received.
CREATE TABLE IF NOT EXISTS stripe_events (
	id		TEXT NOT NULL PRIMARY KEY,
	type		TEXT,
	api_version	TEXT,
	created		INTEGER,
	livemode	INTEGER NOT NULL,
	account		TEXT,
	object_id	TEXT,
	received_at	INTEGER NOT NULL,
	deliveries	INTEGER NOT NULL,
	outcome		TEXT NOT NULL,
	error		TEXT,
	payload		BLOB
) STRICT;

-- The parked ones, few.
CREATE INDEX IF NOT EXISTS stripe_events_failed ON stripe_events (id)
	WHERE outcome = 'failed';

-- The settings that shape the tables, as of when the database was made or
-- rebuilt.
CREATE TABLE IF NOT EXISTS billhook_settings (
	name	TEXT NOT NULL PRIMARY KEY,
	value	TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- A journal: it does depend on arrival.
CREATE TABLE IF NOT EXISTS status_changes (
	seq			INTEGER PRIMARY KEY AUTOINCREMENT,
	tenant_id		TEXT NOT NULL,
	stripe_subscription_id	TEXT,
	old_status		TEXT,
	new_status		TEXT,
	event_id		TEXT,
	event_created		INTEGER,
	recorded_at		INTEGER NOT NULL
) STRICT;

CREATE INDEX IF NOT EXISTS status_changes_tenant ON status_changes (tenant_id, seq);

-- From here on: what is computed from the events.  A rebuild makes these
-- tables beside, under other names, and exchanges them.

-- The place of each event among the events of its object (lib/rank.h), for
-- those that have one: the two last seconds of an object are found by it,
-- whatever its number of events.
CREATE TABLE billhook_ranks (
	object_id	TEXT NOT NULL,
	rank		BLOB NOT NULL,
	event_id	TEXT NOT NULL,
	PRIMARY KEY (object_id, rank, event_id)
) STRICT, WITHOUT ROWID;

-- Parked events that name an object.
CREATE TABLE billhook_parked (
	object_id	TEXT NOT NULL,
	event_id	TEXT NOT NULL,
	type		TEXT NOT NULL,
	created		INTEGER,
	PRIMARY KEY (object_id, event_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE stripe_subscriptions (
	id			TEXT NOT NULL PRIMARY KEY,
	customer_id		TEXT,
	tenant_id		TEXT,
	status			TEXT,
	collection_method	TEXT,
	currency		TEXT,
	cancel_at		INTEGER,
	cancel_at_period_end	INTEGER,
	canceled_at		INTEGER,
	ended_at		INTEGER,
	cancellation_reason	TEXT,
	trial_start		INTEGER,
	trial_end		INTEGER,
	start_date		INTEGER,
	current_period_start	INTEGER,
	current_period_end	INTEGER,
	latest_invoice_id	TEXT,
	pause_behavior		TEXT,
	pause_resumes_at	INTEGER,
	pending_update		TEXT,
	metadata		TEXT,
	created			INTEGER,
	livemode		INTEGER NOT NULL,
	updated_at		INTEGER NOT NULL
) STRICT;

CREATE INDEX stripe_subscriptions_tenant ON stripe_subscriptions (tenant_id);
CREATE INDEX stripe_subscriptions_customer
	ON stripe_subscriptions (customer_id);

CREATE INDEX stripe_subscriptions_invoice
	ON stripe_subscriptions (latest_invoice_id)
	WHERE latest_invoice_id IS NOT NULL;

-- An item's id names it in Stripe; that the subscription is part of the key
-- keeps the law even if two subscriptions claim one item.
CREATE TABLE stripe_subscription_items (
	id			TEXT NOT NULL,
	subscription_id		TEXT NOT NULL,
	position		INTEGER NOT NULL,
	price_id		TEXT,
	product_id		TEXT,
	lookup_key		TEXT,
	quantity		INTEGER,
	currency		TEXT,
	unit_amount		INTEGER,
	unit_amount_decimal	TEXT,
	interval		TEXT,
	interval_count		INTEGER,
	current_period_start	INTEGER,
	current_period_end	INTEGER,
	livemode		INTEGER NOT NULL,
	PRIMARY KEY (subscription_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE stripe_invoices (
	id			TEXT NOT NULL PRIMARY KEY,
	customer_id		TEXT,
	subscription_id		TEXT,
	status			TEXT,
	billing_reason		TEXT,
	collection_method	TEXT,
	number			TEXT,
	currency		TEXT,
	amount_due		INTEGER,
	amount_paid		INTEGER,
	amount_remaining	INTEGER,
	total			INTEGER,
	attempt_count		INTEGER,
	next_payment_attempt	INTEGER,
	due_date		INTEGER,
	last_failed_at		INTEGER,
	hosted_invoice_url	TEXT,
	invoice_pdf		TEXT,
	period_start		INTEGER,
	period_end		INTEGER,
	paid_at			INTEGER,
	deleted			INTEGER NOT NULL,
	created			INTEGER,
	livemode		INTEGER NOT NULL,
	updated_at		INTEGER NOT NULL
) STRICT;

CREATE INDEX stripe_invoices_subscription
	ON stripe_invoices (subscription_id, created, id);

CREATE TABLE billing_checkout_sessions (
	stripe_session_id	TEXT NOT NULL PRIMARY KEY,
	tenant_id		TEXT,
	stripe_customer_id	TEXT,
	customer_email		TEXT,
	stripe_subscription_id	TEXT,
	invoice_id		TEXT,
	payment_intent_id	TEXT,
	client_reference_id	TEXT,
	mode			TEXT,
	status			TEXT,
	payment_status		TEXT,
	amount_total		INTEGER,
	currency		TEXT,
	created			INTEGER,
	expires_at		INTEGER,
	completed_at		INTEGER,
	metadata		TEXT,
	livemode		INTEGER NOT NULL,
	updated_at		INTEGER NOT NULL
) STRICT;

CREATE INDEX billing_checkout_sessions_customer
	ON billing_checkout_sessions (stripe_customer_id, created);
CREATE INDEX billing_checkout_sessions_subscription
	ON billing_checkout_sessions (stripe_subscription_id, created)
	WHERE stripe_subscription_id IS NOT NULL;

CREATE TABLE stripe_customers (
	id		TEXT NOT NULL PRIMARY KEY,
	tenant_id	TEXT,
	email		TEXT,
	name		TEXT,
	currency	TEXT,
	balance		INTEGER,
	delinquent	INTEGER,
	deleted		INTEGER NOT NULL,
	created		INTEGER,
	metadata	TEXT,
	livemode	INTEGER NOT NULL,
	updated_at	INTEGER NOT NULL
) STRICT;

CREATE TABLE stripe_products (
	id		TEXT NOT NULL PRIMARY KEY,
	name		TEXT,
	active		INTEGER,
	deleted		INTEGER NOT NULL,
	metadata	TEXT,
	livemode	INTEGER NOT NULL,
	updated_at	INTEGER NOT NULL
) STRICT;

CREATE TABLE stripe_prices (
	id			TEXT NOT NULL PRIMARY KEY,
	product_id		TEXT,
	active			INTEGER,
	deleted			INTEGER NOT NULL,
	currency		TEXT,
	unit_amount		INTEGER,
	unit_amount_decimal	TEXT,
	type			TEXT,
	usage_type		TEXT,
	interval		TEXT,
	interval_count		INTEGER,
	lookup_key		TEXT,
	nickname		TEXT,
	metadata		TEXT,
	created			INTEGER,
	livemode		INTEGER NOT NULL,
	updated_at		INTEGER NOT NULL
) STRICT;

CREATE TABLE stripe_entitlements (
	customer_id	TEXT NOT NULL,
	lookup_key	TEXT NOT NULL,
	feature_id	TEXT,
	livemode	INTEGER NOT NULL,
	updated_at	INTEGER NOT NULL,
	PRIMARY KEY (customer_id, lookup_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE tenant_pricing (
	tenant_id		TEXT NOT NULL PRIMARY KEY,
	stripe_customer_id	TEXT,
	stripe_subscription_id	TEXT NOT NULL,
	stripe_price_id		TEXT,
	stripe_product_id	TEXT,
	lookup_key		TEXT,
	quantity		INTEGER,
	currency		TEXT,
	unit_amount		INTEGER,
	interval		TEXT,
	interval_count		INTEGER,
	status			TEXT,
	status_from		TEXT NOT NULL,
	current_period_start	INTEGER,
	current_period_end	INTEGER,
	trial_end		INTEGER,
	cancel_at		INTEGER,
	cancel_at_period_end	INTEGER,
	canceled_at		INTEGER,
	ended_at		INTEGER,
	pause_behavior		TEXT,
	pause_resumes_at	INTEGER,
	latest_invoice_id	TEXT,
	hosted_invoice_url	TEXT,
	subscription_count	INTEGER NOT NULL,
	livemode		INTEGER NOT NULL,
	updated_at		INTEGER NOT NULL
) STRICT;

-- What only Stripe can settle.
CREATE TABLE needs_fetch (
	object_id	TEXT NOT NULL,
	reason		TEXT NOT NULL,
	object		TEXT NOT NULL,
	livemode	INTEGER NOT NULL,
	event_id	TEXT NOT NULL,
	since		INTEGER,
	PRIMARY KEY (object_id, reason)
) STRICT, WITHOUT ROWID;

-- Subscriptions that only a checkout session names so far, and whose they
-- are.  A row goes when the subscription's own snapshot comes.
CREATE TABLE billhook_unseen_subscriptions (
	id		TEXT NOT NULL PRIMARY KEY,
	tenant_id	TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX billhook_unseen_subscriptions_tenant
	ON billhook_unseen_subscriptions (tenant_id);
