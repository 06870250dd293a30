#include "statements.h"

/* An update that names a column writes its indexes too, whether it changes or
 * not; so most are made without those that seldom change, "in place". */
#define SUBSCRIPTION_INSERT \
	    "INSERT INTO stripe_subscriptions (id, customer_id, " \
	    "tenant_id, status, collection_method, currency, cancel_at, " \
	    "cancel_at_period_end, canceled_at, ended_at, " \
	    "cancellation_reason, trial_start, trial_end, start_date, " \
	    "current_period_start, current_period_end, " \
	    "latest_invoice_id, pause_behavior, pause_resumes_at, " \
	    "pending_update, metadata, created, livemode, updated_at) " \
	    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, " \
	    "$13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, " \
	    "$24) ON CONFLICT (id) DO UPDATE SET "
#define SUBSCRIPTION_UPDATE \
	    "status = excluded.status, collection_method = " \
	    "excluded.collection_method, currency = excluded.currency, " \
	    "cancel_at = excluded.cancel_at, cancel_at_period_end = " \
	    "excluded.cancel_at_period_end, canceled_at = " \
	    "excluded.canceled_at, ended_at = excluded.ended_at, " \
	    "cancellation_reason = excluded.cancellation_reason, " \
	    "trial_start = excluded.trial_start, trial_end = " \
	    "excluded.trial_end, start_date = excluded.start_date, " \
	    "current_period_start = excluded.current_period_start, " \
	    "current_period_end = excluded.current_period_end, " \
	    "latest_invoice_id = excluded.latest_invoice_id, " \
	    "pause_behavior = excluded.pause_behavior, pause_resumes_at " \
	    "= excluded.pause_resumes_at, pending_update = " \
	    "excluded.pending_update, metadata = excluded.metadata, " \
	    "created = excluded.created, livemode = excluded.livemode, " \
	    "updated_at = excluded.updated_at"
#define INVOICE_INSERT \
	    "INSERT INTO stripe_invoices (id, customer_id, " \
	    "subscription_id, status, billing_reason, " \
	    "collection_method, number, currency, amount_due, " \
	    "amount_paid, amount_remaining, total, attempt_count, " \
	    "next_payment_attempt, due_date, last_failed_at, " \
	    "hosted_invoice_url, invoice_pdf, period_start, period_end, " \
	    "paid_at, deleted, created, livemode, updated_at) VALUES " \
	    "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, " \
	    "$14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, " \
	    "$25) ON CONFLICT (id) DO UPDATE SET "
#define INVOICE_UPDATE \
	    "customer_id = excluded.customer_id, status = " \
	    "excluded.status, billing_reason = " \
	    "excluded.billing_reason, collection_method = " \
	    "excluded.collection_method, number = excluded.number, " \
	    "currency = excluded.currency, amount_due = " \
	    "excluded.amount_due, amount_paid = excluded.amount_paid, " \
	    "amount_remaining = excluded.amount_remaining, total = " \
	    "excluded.total, attempt_count = excluded.attempt_count, " \
	    "next_payment_attempt = excluded.next_payment_attempt, " \
	    "due_date = excluded.due_date, last_failed_at = " \
	    "excluded.last_failed_at, hosted_invoice_url = " \
	    "excluded.hosted_invoice_url, invoice_pdf = " \
	    "excluded.invoice_pdf, period_start = " \
	    "excluded.period_start, period_end = excluded.period_end, " \
	    "paid_at = excluded.paid_at, deleted = excluded.deleted, " \
	    "livemode = excluded.livemode, updated_at = " \
	    "excluded.updated_at"

static const struct statement_text texts[STATEMENT__MAX] = {
	[STATEMENT_EVENT_CLAIM] = {"event claim", "tttiittittb",
	    "INSERT INTO stripe_events (id, type, api_version, created, "
	    "livemode, account, object_id, received_at, outcome, error, "
	    "payload, deliveries) VALUES ($1, $2, $3, $4, $5, $6, $7, "
	    "$8, $9, $10, $11, 1) ON CONFLICT (id) DO NOTHING RETURNING "
	    "id"},
	[STATEMENT_EVENT_STORED] = {"event stored", "t",
	    "SELECT type, api_version, object_id FROM stripe_events "
	    "WHERE id = $1"},
	[STATEMENT_EVENT_REPLACE] = {"event replace", "ttiittttbt",
	    "UPDATE stripe_events SET type = $1, api_version = $2, "
	    "created = $3, livemode = $4, account = $5, object_id = $6, "
	    "outcome = $7, error = $8, payload = $9, deliveries = "
	    "deliveries + 1 WHERE id = $10"},
	[STATEMENT_EVENT_REPEAT] = {"event repeat", "t",
	    "UPDATE stripe_events SET deliveries = deliveries + 1 WHERE "
	    "id = $1"},
	[STATEMENT_EVENT_OUTCOME] = {"event outcome", "tt",
	    "UPDATE stripe_events SET outcome = $1 WHERE id = $2"},
	[STATEMENT_RANK_PUT] = {"rank put", "tbt",
	    "INSERT INTO billhook_ranks (object_id, rank, event_id) "
	    "VALUES ($1, $2, $3)"},
	[STATEMENT_RANK_DELETE] = {"rank delete", "tt",
	    "DELETE FROM billhook_ranks WHERE object_id = $1 AND "
	    "event_id = $2"},
	[STATEMENT_PARKED_PUT] = {"parked put", "ttti",
	    "INSERT INTO billhook_parked (object_id, event_id, type, "
	    "created) VALUES ($1, $2, $3, $4) ON CONFLICT (object_id, "
	    "event_id) DO UPDATE SET type = excluded.type, created = "
	    "excluded.created"},
	[STATEMENT_PARKED_DELETE] = {"parked delete", "tt",
	    "DELETE FROM billhook_parked WHERE object_id = $1 AND "
	    "event_id = $2"},
	[STATEMENT_PARKED_ONE] = {"parked one", "tt",
	    "SELECT event_id FROM billhook_parked WHERE object_id = $1 "
	    "AND event_id = $2"},
	[STATEMENT_RANK_MIXED] = {"rank mixed", "tt",
	    "SELECT 1 FROM billhook_ranks r JOIN stripe_events e ON "
	    "r.object_id = $1 AND e.id = r.event_id JOIN stripe_events own "
	    "ON own.id = $2 WHERE e.livemode <> own.livemode OR "
	    "coalesce(e.account, '') <> coalesce(own.account, '') LIMIT 1"},
	[STATEMENT_EVENT_KINDS] = {"event kinds", "",
	    "SELECT DISTINCT livemode, account FROM stripe_events LIMIT 2"},
	[STATEMENT_PARKED_GET] = {"parked get", "t",
	    "SELECT p.event_id, p.type, p.created, e.livemode FROM "
	    "billhook_parked p JOIN stripe_events e ON e.id = "
	    "p.event_id WHERE p.object_id = $1 ORDER BY p.created DESC, "
	    "p.event_id DESC"},
	[STATEMENT_EVENT_RANKS] = {"event ranks", "tbb",
	    "SELECT rank, event_id FROM billhook_ranks WHERE object_id "
	    "= $1 AND rank >= $2 AND rank < $3 ORDER BY rank DESC, "
	    "event_id DESC"},
	[STATEMENT_EVENT_PAYLOAD] = {"event payload", "t",
	    "SELECT payload FROM stripe_events WHERE id = $1"},
	[STATEMENT_EVENT_TYPES] = {"event types", "tbb",
	    "SELECT e.type, e.created FROM billhook_ranks r JOIN "
	    "stripe_events e ON e.id = r.event_id WHERE r.object_id = "
	    "$1 AND r.rank >= $2 AND r.rank < $3"},
	[STATEMENT_SUBSCRIPTION_GET] = {"subscription get", "t",
	    "SELECT id, customer_id, tenant_id, status, "
	    "collection_method, currency, cancel_at, "
	    "cancel_at_period_end, canceled_at, ended_at, "
	    "cancellation_reason, trial_start, trial_end, start_date, "
	    "current_period_start, current_period_end, "
	    "latest_invoice_id, pause_behavior, pause_resumes_at, "
	    "pending_update, metadata, created, livemode, updated_at "
	    "FROM stripe_subscriptions WHERE id = $1"},
	[STATEMENT_INVOICE_GET] = {"invoice get", "t",
	    "SELECT id, customer_id, subscription_id, status, "
	    "billing_reason, collection_method, number, currency, "
	    "amount_due, amount_paid, amount_remaining, total, "
	    "attempt_count, next_payment_attempt, due_date, "
	    "last_failed_at, hosted_invoice_url, invoice_pdf, "
	    "period_start, period_end, paid_at, deleted, created, "
	    "livemode, updated_at FROM stripe_invoices WHERE id = $1"},
	[STATEMENT_SESSION_GET] = {"session get", "t",
	    "SELECT stripe_session_id, tenant_id, stripe_customer_id, "
	    "customer_email, stripe_subscription_id, invoice_id, "
	    "payment_intent_id, client_reference_id, mode, status, "
	    "payment_status, amount_total, currency, created, "
	    "expires_at, completed_at, metadata, livemode, updated_at "
	    "FROM billing_checkout_sessions WHERE stripe_session_id = "
	    "$1"},
	[STATEMENT_CUSTOMER_GET] = {"customer get", "t",
	    "SELECT id, tenant_id, email, name, currency, balance, "
	    "delinquent, deleted, created, metadata, livemode, "
	    "updated_at FROM stripe_customers WHERE id = $1"},
	[STATEMENT_PRODUCT_GET] = {"product get", "t",
	    "SELECT id, name, active, deleted, metadata, livemode, "
	    "updated_at FROM stripe_products WHERE id = $1"},
	[STATEMENT_PRICE_GET] = {"price get", "t",
	    "SELECT id, product_id, active, deleted, currency, "
	    "unit_amount, unit_amount_decimal, type, usage_type, "
	    "interval, interval_count, lookup_key, nickname, metadata, "
	    "created, livemode, updated_at FROM stripe_prices WHERE id "
	    "= $1"},
	[STATEMENT_SUBSCRIPTION_PUT] = {"subscription put",
	    "ttttttiiiitiiiiittittiii", SUBSCRIPTION_INSERT
	    "customer_id = excluded.customer_id, tenant_id = "
	    "excluded.tenant_id, " SUBSCRIPTION_UPDATE},
	[STATEMENT_SUBSCRIPTION_PUT_IN_PLACE] = {"subscription put in place",
	    "ttttttiiiitiiiiittittiii", SUBSCRIPTION_INSERT
	    SUBSCRIPTION_UPDATE},
	[STATEMENT_INVOICE_PUT] = {"invoice put",
	    "ttttttttiiiiiiiittiiiiiii", INVOICE_INSERT
	    "subscription_id = excluded.subscription_id, created = "
	    "excluded.created, " INVOICE_UPDATE},
	[STATEMENT_INVOICE_PUT_IN_PLACE] = {"invoice put in place",
	    "ttttttttiiiiiiiittiiiiiii", INVOICE_INSERT INVOICE_UPDATE},
	[STATEMENT_SESSION_PUT] = {"session put", "tttttttttttitiiitii",
	    "INSERT INTO billing_checkout_sessions (stripe_session_id, "
	    "tenant_id, stripe_customer_id, customer_email, "
	    "stripe_subscription_id, invoice_id, payment_intent_id, "
	    "client_reference_id, mode, status, payment_status, "
	    "amount_total, currency, created, expires_at, completed_at, "
	    "metadata, livemode, updated_at) VALUES ($1, $2, $3, $4, "
	    "$5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, "
	    "$17, $18, $19) ON CONFLICT (stripe_session_id) DO UPDATE "
	    "SET tenant_id = excluded.tenant_id, stripe_customer_id = "
	    "excluded.stripe_customer_id, customer_email = "
	    "excluded.customer_email, stripe_subscription_id = "
	    "excluded.stripe_subscription_id, invoice_id = "
	    "excluded.invoice_id, payment_intent_id = "
	    "excluded.payment_intent_id, client_reference_id = "
	    "excluded.client_reference_id, mode = excluded.mode, status "
	    "= excluded.status, payment_status = "
	    "excluded.payment_status, amount_total = "
	    "excluded.amount_total, currency = excluded.currency, "
	    "created = excluded.created, expires_at = "
	    "excluded.expires_at, completed_at = excluded.completed_at, "
	    "metadata = excluded.metadata, livemode = "
	    "excluded.livemode, updated_at = excluded.updated_at"},
	[STATEMENT_CUSTOMER_PUT] = {"customer put", "tttttiiiitii",
	    "INSERT INTO stripe_customers (id, tenant_id, email, name, "
	    "currency, balance, delinquent, deleted, created, metadata, "
	    "livemode, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, "
	    "$8, $9, $10, $11, $12) ON CONFLICT (id) DO UPDATE SET "
	    "tenant_id = excluded.tenant_id, email = excluded.email, "
	    "name = excluded.name, currency = excluded.currency, "
	    "balance = excluded.balance, delinquent = "
	    "excluded.delinquent, deleted = excluded.deleted, created = "
	    "excluded.created, metadata = excluded.metadata, livemode = "
	    "excluded.livemode, updated_at = excluded.updated_at"},
	[STATEMENT_PRODUCT_PUT] = {"product put", "ttiitii",
	    "INSERT INTO stripe_products (id, name, active, deleted, "
	    "metadata, livemode, updated_at) VALUES ($1, $2, $3, $4, "
	    "$5, $6, $7) ON CONFLICT (id) DO UPDATE SET name = "
	    "excluded.name, active = excluded.active, deleted = "
	    "excluded.deleted, metadata = excluded.metadata, livemode = "
	    "excluded.livemode, updated_at = excluded.updated_at"},
	[STATEMENT_PRICE_PUT] = {"price put", "ttiitittttitttiii",
	    "INSERT INTO stripe_prices (id, product_id, active, "
	    "deleted, currency, unit_amount, unit_amount_decimal, type, "
	    "usage_type, interval, interval_count, lookup_key, "
	    "nickname, metadata, created, livemode, updated_at) VALUES "
	    "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, "
	    "$14, $15, $16, $17) ON CONFLICT (id) DO UPDATE SET "
	    "product_id = excluded.product_id, active = "
	    "excluded.active, deleted = excluded.deleted, currency = "
	    "excluded.currency, unit_amount = excluded.unit_amount, "
	    "unit_amount_decimal = excluded.unit_amount_decimal, type = "
	    "excluded.type, usage_type = excluded.usage_type, interval "
	    "= excluded.interval, interval_count = "
	    "excluded.interval_count, lookup_key = excluded.lookup_key, "
	    "nickname = excluded.nickname, metadata = "
	    "excluded.metadata, created = excluded.created, livemode = "
	    "excluded.livemode, updated_at = excluded.updated_at"},
	[STATEMENT_SUBSCRIPTION_DELETE] = {"subscription delete", "t",
	    "DELETE FROM stripe_subscriptions WHERE id = $1"},
	[STATEMENT_INVOICE_DELETE] = {"invoice delete", "t",
	    "DELETE FROM stripe_invoices WHERE id = $1"},
	[STATEMENT_SESSION_DELETE] = {"session delete", "t",
	    "DELETE FROM billing_checkout_sessions WHERE "
	    "stripe_session_id = $1"},
	[STATEMENT_CUSTOMER_DELETE] = {"customer delete", "t",
	    "DELETE FROM stripe_customers WHERE id = $1"},
	[STATEMENT_PRODUCT_DELETE] = {"product delete", "t",
	    "DELETE FROM stripe_products WHERE id = $1"},
	[STATEMENT_PRICE_DELETE] = {"price delete", "t",
	    "DELETE FROM stripe_prices WHERE id = $1"},
	[STATEMENT_ITEMS_GET] = {"items get", "t",
	    "SELECT id, subscription_id, position, price_id, "
	    "product_id, lookup_key, quantity, currency, unit_amount, "
	    "unit_amount_decimal, interval, interval_count, "
	    "current_period_start, current_period_end, livemode FROM "
	    "stripe_subscription_items WHERE subscription_id = $1 ORDER "
	    "BY position"},
	[STATEMENT_ITEM_PUT] = {"item put", "ttitttitittiiii",
	    "INSERT INTO stripe_subscription_items (id, "
	    "subscription_id, position, price_id, product_id, "
	    "lookup_key, quantity, currency, unit_amount, "
	    "unit_amount_decimal, interval, interval_count, "
	    "current_period_start, current_period_end, livemode) VALUES "
	    "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, "
	    "$14, $15) ON CONFLICT (subscription_id, id) DO UPDATE SET "
	    "position = excluded.position, price_id = "
	    "excluded.price_id, product_id = excluded.product_id, "
	    "lookup_key = excluded.lookup_key, quantity = "
	    "excluded.quantity, currency = excluded.currency, "
	    "unit_amount = excluded.unit_amount, unit_amount_decimal = "
	    "excluded.unit_amount_decimal, interval = "
	    "excluded.interval, interval_count = "
	    "excluded.interval_count, current_period_start = "
	    "excluded.current_period_start, current_period_end = "
	    "excluded.current_period_end, livemode = excluded.livemode"},
	[STATEMENT_ITEMS_DELETE] = {"items delete", "t",
	    "DELETE FROM stripe_subscription_items WHERE "
	    "subscription_id = $1"},
	[STATEMENT_ENTITLEMENTS_GET] = {"entitlements get", "t",
	    "SELECT lookup_key, customer_id, feature_id, livemode, "
	    "updated_at FROM stripe_entitlements WHERE customer_id = $1 "
	    "ORDER BY lookup_key"},
	[STATEMENT_ENTITLEMENT_PUT] = {"entitlement put", "tttii",
	    "INSERT INTO stripe_entitlements (lookup_key, customer_id, "
	    "feature_id, livemode, updated_at) VALUES ($1, $2, $3, $4, "
	    "$5) ON CONFLICT (customer_id, lookup_key) DO UPDATE SET "
	    "feature_id = excluded.feature_id, livemode = "
	    "excluded.livemode, updated_at = excluded.updated_at"},
	[STATEMENT_ENTITLEMENT_DELETE] = {"entitlement delete", "tt",
	    "DELETE FROM stripe_entitlements WHERE customer_id = $1 AND "
	    "lookup_key = $2"},
	[STATEMENT_INVOICE_FIRST] = {"invoice first", "t",
	    "SELECT id, customer_id, subscription_id, status, "
	    "billing_reason, collection_method, number, currency, "
	    "amount_due, amount_paid, amount_remaining, total, "
	    "attempt_count, next_payment_attempt, due_date, "
	    "last_failed_at, hosted_invoice_url, invoice_pdf, "
	    "period_start, period_end, paid_at, deleted, created, "
	    "livemode, updated_at FROM stripe_invoices WHERE "
	    "subscription_id = $1 AND status = 'paid' AND deleted = 0 "
	    "AND (billing_reason IS NULL OR billing_reason = "
	    "'subscription_create') ORDER BY created DESC, id DESC "
	    "LIMIT 1"},
	[STATEMENT_INVOICE_LATEST] = {"invoice latest", "ti",
	    "SELECT id, customer_id, subscription_id, status, "
	    "billing_reason, collection_method, number, currency, "
	    "amount_due, amount_paid, amount_remaining, total, "
	    "attempt_count, next_payment_attempt, due_date, "
	    "last_failed_at, hosted_invoice_url, invoice_pdf, "
	    "period_start, period_end, paid_at, deleted, created, "
	    "livemode, updated_at FROM stripe_invoices WHERE "
	    "subscription_id = $1 AND created > $2 AND deleted = 0 "
	    "ORDER BY created DESC, id DESC LIMIT 1"},
	[STATEMENT_INVOICE_UNDATED] = {"invoice undated", "tt",
	    "SELECT id, customer_id, subscription_id, status, "
	    "billing_reason, collection_method, number, currency, "
	    "amount_due, amount_paid, amount_remaining, total, "
	    "attempt_count, next_payment_attempt, due_date, "
	    "last_failed_at, hosted_invoice_url, invoice_pdf, "
	    "period_start, period_end, paid_at, deleted, created, "
	    "livemode, updated_at FROM stripe_invoices WHERE "
	    "subscription_id = $1 AND created IS NULL AND deleted = 0 "
	    "AND id <> $2 ORDER BY id DESC LIMIT 1"},
	[STATEMENT_SUBSCRIPTIONS_NAMING] = {"subscriptions naming", "t",
	    "SELECT id FROM stripe_subscriptions WHERE "
	    "latest_invoice_id = $1"},
	[STATEMENT_SESSION_NAMING] = {"session naming", "t",
	    "SELECT stripe_session_id, tenant_id, stripe_customer_id, "
	    "customer_email, stripe_subscription_id, invoice_id, "
	    "payment_intent_id, client_reference_id, mode, status, "
	    "payment_status, amount_total, currency, created, "
	    "expires_at, completed_at, metadata, livemode, updated_at "
	    "FROM billing_checkout_sessions WHERE "
	    "stripe_subscription_id = $1 ORDER BY created, "
	    "stripe_session_id LIMIT 1"},
	[STATEMENT_SESSION_STANDING] = {"session standing", "t",
	    "SELECT stripe_session_id, tenant_id, stripe_customer_id, "
	    "customer_email, stripe_subscription_id, invoice_id, "
	    "payment_intent_id, client_reference_id, mode, status, "
	    "payment_status, amount_total, currency, created, "
	    "expires_at, completed_at, metadata, livemode, updated_at "
	    "FROM billing_checkout_sessions WHERE "
	    "stripe_subscription_id = $1 AND status = 'complete' AND "
	    "(mode IS NULL OR mode = 'subscription') ORDER BY created, "
	    "stripe_session_id LIMIT 1"},
	[STATEMENT_SESSION_LATEST] = {"session latest", "t",
	    "SELECT stripe_session_id, tenant_id, stripe_customer_id, "
	    "customer_email, stripe_subscription_id, invoice_id, "
	    "payment_intent_id, client_reference_id, mode, status, "
	    "payment_status, amount_total, currency, created, "
	    "expires_at, completed_at, metadata, livemode, updated_at "
	    "FROM billing_checkout_sessions WHERE stripe_customer_id = "
	    "$1 AND status = 'complete' ORDER BY created DESC, "
	    "stripe_session_id DESC LIMIT 1"},
	[STATEMENT_SESSIONS_OF_CUSTOMER] = {"sessions of customer", "t",
	    "SELECT stripe_session_id, stripe_subscription_id FROM "
	    "billing_checkout_sessions WHERE stripe_customer_id = $1"},
	[STATEMENT_SUBSCRIPTIONS_OF_CUSTOMER] = {"subscriptions of customer", "t",
	    "SELECT id FROM stripe_subscriptions WHERE customer_id = $1"},
	[STATEMENT_SUBSCRIPTIONS_OF_TENANT] = {"subscriptions of tenant", "t",
	    "SELECT id, customer_id, tenant_id, status, "
	    "collection_method, currency, cancel_at, "
	    "cancel_at_period_end, canceled_at, ended_at, "
	    "cancellation_reason, trial_start, trial_end, start_date, "
	    "current_period_start, current_period_end, "
	    "latest_invoice_id, pause_behavior, pause_resumes_at, "
	    "pending_update, metadata, created, livemode, updated_at "
	    "FROM stripe_subscriptions WHERE tenant_id = $1"},
	[STATEMENT_SUBSCRIPTION_MAP] = {"subscription map", "tt",
	    "UPDATE stripe_subscriptions SET tenant_id = $1 WHERE id = "
	    "$2"},
	[STATEMENT_SESSION_MAP] = {"session map", "tt",
	    "UPDATE billing_checkout_sessions SET tenant_id = $1 WHERE "
	    "stripe_session_id = $2"},
	[STATEMENT_CUSTOMER_MAP] = {"customer map", "tt",
	    "UPDATE stripe_customers SET tenant_id = $1 WHERE id = $2"},
	[STATEMENT_UNSEEN_GET] = {"unseen get", "t",
	    "SELECT tenant_id FROM billhook_unseen_subscriptions WHERE "
	    "id = $1"},
	[STATEMENT_UNSEEN_OF_TENANT] = {"unseen of tenant", "t",
	    "SELECT id FROM billhook_unseen_subscriptions WHERE "
	    "tenant_id = $1"},
	[STATEMENT_UNSEEN_PUT] = {"unseen put", "tt",
	    "INSERT INTO billhook_unseen_subscriptions (id, tenant_id) "
	    "VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET tenant_id = "
	    "excluded.tenant_id"},
	[STATEMENT_UNSEEN_DELETE] = {"unseen delete", "t",
	    "DELETE FROM billhook_unseen_subscriptions WHERE id = $1"},
	[STATEMENT_PRICING_GET] = {"pricing get", "t",
	    "SELECT tenant_id, stripe_customer_id, "
	    "stripe_subscription_id, stripe_price_id, "
	    "stripe_product_id, lookup_key, quantity, currency, "
	    "unit_amount, interval, interval_count, status, "
	    "status_from, current_period_start, current_period_end, "
	    "trial_end, cancel_at, cancel_at_period_end, canceled_at, "
	    "ended_at, pause_behavior, pause_resumes_at, "
	    "latest_invoice_id, hosted_invoice_url, subscription_count, "
	    "livemode, updated_at FROM tenant_pricing WHERE tenant_id = "
	    "$1"},
	[STATEMENT_PRICING_PUT] = {"pricing put", "ttttttititittiiiiiiitittiii",
	    "INSERT INTO tenant_pricing (tenant_id, stripe_customer_id, "
	    "stripe_subscription_id, stripe_price_id, "
	    "stripe_product_id, lookup_key, quantity, currency, "
	    "unit_amount, interval, interval_count, status, "
	    "status_from, current_period_start, current_period_end, "
	    "trial_end, cancel_at, cancel_at_period_end, canceled_at, "
	    "ended_at, pause_behavior, pause_resumes_at, "
	    "latest_invoice_id, hosted_invoice_url, subscription_count, "
	    "livemode, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, "
	    "$8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, "
	    "$20, $21, $22, $23, $24, $25, $26, $27) ON CONFLICT "
	    "(tenant_id) DO UPDATE SET stripe_customer_id = "
	    "excluded.stripe_customer_id, stripe_subscription_id = "
	    "excluded.stripe_subscription_id, stripe_price_id = "
	    "excluded.stripe_price_id, stripe_product_id = "
	    "excluded.stripe_product_id, lookup_key = "
	    "excluded.lookup_key, quantity = excluded.quantity, "
	    "currency = excluded.currency, unit_amount = "
	    "excluded.unit_amount, interval = excluded.interval, "
	    "interval_count = excluded.interval_count, status = "
	    "excluded.status, status_from = excluded.status_from, "
	    "current_period_start = excluded.current_period_start, "
	    "current_period_end = excluded.current_period_end, "
	    "trial_end = excluded.trial_end, cancel_at = "
	    "excluded.cancel_at, cancel_at_period_end = "
	    "excluded.cancel_at_period_end, canceled_at = "
	    "excluded.canceled_at, ended_at = excluded.ended_at, "
	    "pause_behavior = excluded.pause_behavior, pause_resumes_at "
	    "= excluded.pause_resumes_at, latest_invoice_id = "
	    "excluded.latest_invoice_id, hosted_invoice_url = "
	    "excluded.hosted_invoice_url, subscription_count = "
	    "excluded.subscription_count, livemode = excluded.livemode, "
	    "updated_at = excluded.updated_at"},
	[STATEMENT_PRICING_DELETE] = {"pricing delete", "t",
	    "DELETE FROM tenant_pricing WHERE tenant_id = $1"},
	[STATEMENT_CHANGE_ADD] = {"change add", "tttttii",
	    "INSERT INTO status_changes (tenant_id, "
	    "stripe_subscription_id, old_status, new_status, event_id, "
	    "event_created, recorded_at) VALUES ($1, $2, $3, $4, $5, "
	    "$6, $7)"},
	[STATEMENT_DOUBTS_GET] = {"doubts get", "t",
	    "SELECT reason, object FROM needs_fetch WHERE object_id = "
	    "$1"},
	[STATEMENT_DOUBT_PUT] = {"doubt put", "tttiti",
	    "INSERT INTO needs_fetch (object_id, reason, object, "
	    "livemode, event_id, since) VALUES ($1, $2, $3, $4, $5, $6) "
	    "ON CONFLICT (object_id, reason) DO UPDATE SET object = "
	    "excluded.object, livemode = excluded.livemode, event_id = "
	    "excluded.event_id, since = excluded.since"},
	[STATEMENT_DOUBT_DELETE] = {"doubt delete", "tt",
	    "DELETE FROM needs_fetch WHERE object_id = $1 AND reason = "
	    "$2"},
	[STATEMENT_RANK_GET] = {"rank get", "tt",
	    "SELECT rank FROM billhook_ranks WHERE object_id = $1 AND "
	    "event_id = $2"},
	[STATEMENT_REBUILD_EVENTS] = {"rebuild events", "t",
	    "SELECT id, type, created, object_id, payload, livemode, "
	    "account FROM stripe_events WHERE id > $1 ORDER BY id LIMIT "
	    "20"},
	[STATEMENT_REBUILD_EVENT] = {"rebuild event", "t",
	    "SELECT id, type, created, object_id, payload, livemode, "
	    "account FROM stripe_events WHERE id = $1"},
	[STATEMENT_REBUILD_OBJECTS] = {"rebuild objects", "t",
	    "SELECT DISTINCT object_id FROM billhook_ranks WHERE "
	    "object_id > $1 ORDER BY object_id LIMIT 50"},
	[STATEMENT_REBUILD_PARKED] = {"rebuild parked", "t",
	    "SELECT DISTINCT object_id FROM billhook_parked WHERE "
	    "object_id > $1 ORDER BY object_id LIMIT 50"},
	[STATEMENT_REBUILD_ARRIVED] = {"rebuild arrived", "",
	    "SELECT seq, event_id, object_id FROM rebuild_arrived ORDER "
	    "BY seq LIMIT 100"},
	[STATEMENT_REBUILD_ARRIVED_DELETE] = {"rebuild arrived delete", "i",
	    "DELETE FROM rebuild_arrived WHERE seq = $1"},
	[STATEMENT_FAILED_EVENTS] = {"failed events", "t",
	    "SELECT id FROM stripe_events WHERE outcome = 'failed' AND "
	    "id > $1 UNION SELECT event_id FROM billhook_parked WHERE "
	    "event_id > $1 ORDER BY id LIMIT 20"},
	[STATEMENT_FAILED_UNPARK] = {"failed unpark", "",
	    "UPDATE stripe_events SET outcome = 'applied', error = NULL "
	    "WHERE outcome = 'failed' AND EXISTS (SELECT r.event_id "
	    "FROM billhook_ranks r WHERE r.object_id = "
	    "stripe_events.object_id AND r.event_id = stripe_events.id)"},
	[STATEMENT_EVENT_UNPARK] = {"event unpark", "t",
	    "UPDATE stripe_events SET outcome = 'applied', error = NULL "
	    "WHERE id = $1 AND outcome = 'failed'"},
	[STATEMENT_REPORT_EVENTS] = {"report events", "tttiii",
	    "SELECT e.id, e.type, e.created, e.received_at, "
	    "e.object_id, e.livemode, e.account, e.api_version, "
	    "e.deliveries, e.outcome, e.error FROM stripe_events e "
	    "WHERE ($1 IS NULL OR substr(e.type, 1, length($1)) = $1) "
	    "AND ($2 IS NULL OR e.outcome = $2) AND ($3 IS NULL OR "
	    "e.object_id = $3) AND ($4 IS NULL OR e.received_at >= $4) "
	    "AND ($5 IS NULL OR e.received_at < $5) ORDER BY "
	    "e.rowid DESC LIMIT $6"},
	[STATEMENT_REPORT_EVENT] = {"report event", "t",
	    "SELECT e.id, e.type, e.created, e.received_at, "
	    "e.object_id, e.livemode, e.account, e.api_version, "
	    "e.deliveries, e.outcome, e.error, e.payload FROM "
	    "stripe_events e WHERE e.id = $1"},
	[STATEMENT_REPORT_OBJECT_EVENTS] = {"report object events", "t",
	    "SELECT e.id, e.type, e.created, e.received_at, "
	    "e.object_id, e.livemode, e.account, e.api_version, "
	    "e.deliveries, e.outcome, e.error, e.payload, e.rowid FROM "
	    "billhook_ranks r JOIN stripe_events e ON e.id = r.event_id "
	    "WHERE r.object_id = $1 ORDER BY e.created, e.rowid"},
	[STATEMENT_REPORT_EVENT_CHANGES] = {"report event changes", "t",
	    "SELECT tenant_id, stripe_subscription_id, old_status, "
	    "new_status, recorded_at FROM status_changes WHERE event_id "
	    "= $1 ORDER BY seq"},
	[STATEMENT_REPORT_TENANTS] = {"report tenants", "ti",
	    "SELECT tenant_id, stripe_customer_id, "
	    "stripe_subscription_id, stripe_price_id, "
	    "stripe_product_id, lookup_key, quantity, currency, "
	    "unit_amount, interval, interval_count, status, "
	    "status_from, current_period_start, current_period_end, "
	    "trial_end, cancel_at, cancel_at_period_end, canceled_at, "
	    "ended_at, pause_behavior, pause_resumes_at, "
	    "latest_invoice_id, hosted_invoice_url, subscription_count, "
	    "livemode, updated_at FROM tenant_pricing WHERE ($1 IS NULL "
	    "OR status = $1) ORDER BY tenant_id LIMIT $2"},
	[STATEMENT_REPORT_TENANT] = {"report tenant", "t",
	    "SELECT tenant_id, stripe_customer_id, "
	    "stripe_subscription_id, stripe_price_id, "
	    "stripe_product_id, lookup_key, quantity, currency, "
	    "unit_amount, interval, interval_count, status, "
	    "status_from, current_period_start, current_period_end, "
	    "trial_end, cancel_at, cancel_at_period_end, canceled_at, "
	    "ended_at, pause_behavior, pause_resumes_at, "
	    "latest_invoice_id, hosted_invoice_url, subscription_count, "
	    "livemode, updated_at FROM tenant_pricing WHERE tenant_id = "
	    "$1"},
	[STATEMENT_REPORT_TENANT_SUBSCRIPTIONS] = {"report tenant subscriptions", "t",
	    "SELECT id, customer_id, tenant_id, status, "
	    "collection_method, currency, cancel_at, "
	    "cancel_at_period_end, canceled_at, ended_at, "
	    "cancellation_reason, trial_start, trial_end, start_date, "
	    "current_period_start, current_period_end, "
	    "latest_invoice_id, pause_behavior, pause_resumes_at, "
	    "pending_update, metadata, created, livemode, updated_at "
	    "FROM stripe_subscriptions WHERE tenant_id = $1 ORDER BY "
	    "created, id"},
	[STATEMENT_REPORT_TENANT_SESSIONS] = {"report tenant sessions", "t",
	    "SELECT stripe_session_id, tenant_id, stripe_customer_id, "
	    "customer_email, stripe_subscription_id, invoice_id, "
	    "payment_intent_id, client_reference_id, mode, status, "
	    "payment_status, amount_total, currency, created, "
	    "expires_at, completed_at, metadata, livemode, updated_at "
	    "FROM billing_checkout_sessions WHERE tenant_id = $1 ORDER "
	    "BY created, stripe_session_id"},
	[STATEMENT_REPORT_SUBSCRIPTION_INVOICES] = {"report subscription invoices", "t",
	    "SELECT id, customer_id, subscription_id, status, "
	    "billing_reason, collection_method, number, currency, "
	    "amount_due, amount_paid, amount_remaining, total, "
	    "attempt_count, next_payment_attempt, due_date, "
	    "last_failed_at, hosted_invoice_url, invoice_pdf, "
	    "period_start, period_end, paid_at, deleted, created, "
	    "livemode, updated_at FROM stripe_invoices WHERE "
	    "subscription_id = $1 ORDER BY created, id"},
	[STATEMENT_REPORT_TENANT_CHANGES] = {"report tenant changes", "t",
	    "SELECT stripe_subscription_id, old_status, new_status, "
	    "event_id, event_created, recorded_at FROM status_changes "
	    "WHERE tenant_id = $1 ORDER BY seq"},
	[STATEMENT_REPORT_DOUBTS] = {"report doubts", "",
	    "SELECT object_id, reason, object, livemode, event_id, "
	    "since FROM needs_fetch ORDER BY object_id, reason"},
	[STATEMENT_REPORT_COUNTS] = {"report counts", "",
	    "SELECT type, outcome, count(*), sum(deliveries), "
	    "max(received_at) FROM stripe_events GROUP BY type, outcome "
	    "ORDER BY type, outcome"},
	[STATEMENT_REPORT_STATUSES] = {"report statuses", "",
	    "SELECT status, count(*) FROM tenant_pricing GROUP BY "
	    "status ORDER BY status"},
	[STATEMENT_PRUNE_EVENTS] = {"prune events", "ti",
	    "SELECT id, type, object_id, length(payload) FROM "
	    "stripe_events WHERE id > $1 AND received_at < $2 AND "
	    "payload IS NOT NULL AND outcome <> 'failed' ORDER BY id "
	    "LIMIT 200"},
	[STATEMENT_PRUNE_EVENT] = {"prune event", "t",
	    "UPDATE stripe_events SET payload = NULL WHERE id = $1"},
	[STATEMENT_SETTINGS_GET] = {"settings get", "",
	    "SELECT name, value FROM billhook_settings"},
	[STATEMENT_SETTING_PUT] = {"setting put", "tt",
	    "INSERT INTO billhook_settings (name, value) VALUES ($1, "
	    "$2) ON CONFLICT (name) DO UPDATE SET value = "
	    "excluded.value"},
};

const struct statement_text *
statement_text(enum statement statement)
{
	return &texts[statement];
}
