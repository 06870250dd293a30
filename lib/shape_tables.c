/*
 * The tables of shapes: data, read by shape.c.
 * Sources: https://docs.stripe.com/api and the changelog of its versions,
 * https://docs.stripe.com/changelog.
 */
#include "place.h"
#include "shape.h"

static const struct shape_column item_columns[ITEM__MAX] = {
	[ITEM_ID] = {"id", PLACE_REF, "id"},
	[ITEM_SUBSCRIPTION_ID] = {"subscription_id", PLACE_NONE, NULL},
	[ITEM_POSITION] = {"position", PLACE_NONE, NULL},
	[ITEM_PRICE_ID] = {"price_id", PLACE_REF, "price|plan"},
	[ITEM_PRODUCT_ID] = {"product_id", PLACE_REF,
	    "price.product|plan.product"},
	[ITEM_LOOKUP_KEY] = {"lookup_key", PLACE_TEXT, "price.lookup_key"},
	[ITEM_QUANTITY] = {"quantity", PLACE_INT, "quantity"},
	[ITEM_CURRENCY] = {"currency", PLACE_TEXT,
	    "price.currency|plan.currency"},
	[ITEM_UNIT_AMOUNT] = {"unit_amount", PLACE_INT,
	    "price.unit_amount|plan.amount"},
	[ITEM_UNIT_AMOUNT_DECIMAL] = {"unit_amount_decimal", PLACE_TEXT,
	    "price.unit_amount_decimal|plan.amount_decimal"},
	[ITEM_INTERVAL] = {"interval", PLACE_TEXT,
	    "price.recurring.interval|plan.interval"},
	[ITEM_INTERVAL_COUNT] = {"interval_count", PLACE_INT,
	    "price.recurring.interval_count|plan.interval_count"},
	[ITEM_CURRENT_PERIOD_START] = {"current_period_start", PLACE_INT,
	    "current_period_start"},
	[ITEM_CURRENT_PERIOD_END] = {"current_period_end", PLACE_INT,
	    "current_period_end"},
	[ITEM_LIVEMODE] = {"livemode", PLACE_LIVEMODE, NULL},
};

static const struct shape_column subscription_columns[SUBSCRIPTION__MAX] = {
	[SUBSCRIPTION_ID] = {"id", PLACE_REF, "id"},
	[SUBSCRIPTION_CUSTOMER_ID] = {"customer_id", PLACE_REF, "customer"},
	[SUBSCRIPTION_TENANT_ID] = {"tenant_id", PLACE_NONE, NULL},
	[SUBSCRIPTION_STATUS] = {"status", PLACE_TEXT, "status"},
	[SUBSCRIPTION_COLLECTION_METHOD] = {"collection_method", PLACE_TEXT,
	    "collection_method|billing"},
	[SUBSCRIPTION_CURRENCY] = {"currency", PLACE_TEXT, "currency"},
	[SUBSCRIPTION_CANCEL_AT] = {"cancel_at", PLACE_INT, "cancel_at"},
	[SUBSCRIPTION_CANCEL_AT_PERIOD_END] = {"cancel_at_period_end",
	    PLACE_BOOL, "cancel_at_period_end"},
	[SUBSCRIPTION_CANCELED_AT] = {"canceled_at", PLACE_INT, "canceled_at"},
	[SUBSCRIPTION_ENDED_AT] = {"ended_at", PLACE_INT, "ended_at"},
	[SUBSCRIPTION_CANCELLATION_REASON] = {"cancellation_reason",
	    PLACE_TEXT, "cancellation_details.reason"},
	[SUBSCRIPTION_TRIAL_START] = {"trial_start", PLACE_INT, "trial_start"},
	[SUBSCRIPTION_TRIAL_END] = {"trial_end", PLACE_INT, "trial_end"},
	[SUBSCRIPTION_START_DATE] = {"start_date", PLACE_INT,
	    "start_date|start"},
	[SUBSCRIPTION_CURRENT_PERIOD_START] = {"current_period_start",
	    PLACE_INT, "current_period_start"},
	[SUBSCRIPTION_CURRENT_PERIOD_END] = {"current_period_end", PLACE_INT,
	    "current_period_end"},
	[SUBSCRIPTION_LATEST_INVOICE_ID] = {"latest_invoice_id", PLACE_REF,
	    "latest_invoice"},
	[SUBSCRIPTION_PAUSE_BEHAVIOR] = {"pause_behavior", PLACE_TEXT,
	    "pause_collection.behavior"},
	[SUBSCRIPTION_PAUSE_RESUMES_AT] = {"pause_resumes_at", PLACE_INT,
	    "pause_collection.resumes_at"},
	[SUBSCRIPTION_PENDING_UPDATE] = {"pending_update", PLACE_HASH,
	    "pending_update"},
	[SUBSCRIPTION_METADATA] = {"metadata", PLACE_HASH, "metadata"},
	[SUBSCRIPTION_CREATED] = {"created", PLACE_INT, "created"},
	[SUBSCRIPTION_LIVEMODE] = {"livemode", PLACE_LIVEMODE, NULL},
	[SUBSCRIPTION_UPDATED_AT] = {"updated_at", PLACE_UPDATED, NULL},
};

static const struct shape_column invoice_columns[INVOICE__MAX] = {
	[INVOICE_ID] = {"id", PLACE_REF, "id"},
	[INVOICE_CUSTOMER_ID] = {"customer_id", PLACE_REF, "customer"},
	[INVOICE_SUBSCRIPTION_ID] = {"subscription_id", PLACE_REF,
	    "parent.subscription_details.subscription|subscription"},
	[INVOICE_STATUS] = {"status", PLACE_TEXT, "status"},
	[INVOICE_BILLING_REASON] = {"billing_reason", PLACE_TEXT,
	    "billing_reason"},
	[INVOICE_COLLECTION_METHOD] = {"collection_method", PLACE_TEXT,
	    "collection_method|billing"},
	[INVOICE_NUMBER] = {"number", PLACE_TEXT, "number"},
	[INVOICE_CURRENCY] = {"currency", PLACE_TEXT, "currency"},
	[INVOICE_AMOUNT_DUE] = {"amount_due", PLACE_INT, "amount_due"},
	[INVOICE_AMOUNT_PAID] = {"amount_paid", PLACE_INT, "amount_paid"},
	[INVOICE_AMOUNT_REMAINING] = {"amount_remaining", PLACE_INT,
	    "amount_remaining"},
	[INVOICE_TOTAL] = {"total", PLACE_INT, "total"},
	[INVOICE_ATTEMPT_COUNT] = {"attempt_count", PLACE_INT,
	    "attempt_count"},
	[INVOICE_NEXT_PAYMENT_ATTEMPT] = {"next_payment_attempt", PLACE_INT,
	    "next_payment_attempt"},
	[INVOICE_DUE_DATE] = {"due_date", PLACE_INT, "due_date"},
	[INVOICE_LAST_FAILED_AT] = {"last_failed_at", PLACE_NONE, NULL},
	[INVOICE_HOSTED_INVOICE_URL] = {"hosted_invoice_url", PLACE_TEXT,
	    "hosted_invoice_url"},
	[INVOICE_INVOICE_PDF] = {"invoice_pdf", PLACE_TEXT, "invoice_pdf"},
	[INVOICE_PERIOD_START] = {"period_start", PLACE_INT, "period_start"},
	[INVOICE_PERIOD_END] = {"period_end", PLACE_INT, "period_end"},
	[INVOICE_PAID_AT] = {"paid_at", PLACE_INT,
	    "status_transitions.paid_at"},
	[INVOICE_DELETED] = {"deleted", PLACE_DELETED, "deleted"},
	[INVOICE_CREATED] = {"created", PLACE_INT, "created|date"},
	[INVOICE_LIVEMODE] = {"livemode", PLACE_LIVEMODE, NULL},
	[INVOICE_UPDATED_AT] = {"updated_at", PLACE_UPDATED, NULL},
};

static const struct shape_column session_columns[SESSION__MAX] = {
	[SESSION_ID] = {"stripe_session_id", PLACE_REF, "id"},
	[SESSION_TENANT_ID] = {"tenant_id", PLACE_NONE, NULL},
	[SESSION_CUSTOMER_ID] = {"stripe_customer_id", PLACE_REF, "customer"},
	[SESSION_CUSTOMER_EMAIL] = {"customer_email", PLACE_TEXT,
	    "customer_details.email|customer_email"},
	[SESSION_SUBSCRIPTION_ID] = {"stripe_subscription_id", PLACE_REF,
	    "subscription"},
	[SESSION_INVOICE_ID] = {"invoice_id", PLACE_REF, "invoice"},
	[SESSION_PAYMENT_INTENT_ID] = {"payment_intent_id", PLACE_REF,
	    "payment_intent"},
	[SESSION_CLIENT_REFERENCE_ID] = {"client_reference_id", PLACE_TEXT,
	    "client_reference_id"},
	[SESSION_MODE] = {"mode", PLACE_TEXT, "mode"},
	[SESSION_STATUS] = {"status", PLACE_TEXT, "status"},
	[SESSION_PAYMENT_STATUS] = {"payment_status", PLACE_TEXT,
	    "payment_status"},
	[SESSION_AMOUNT_TOTAL] = {"amount_total", PLACE_INT, "amount_total"},
	[SESSION_CURRENCY] = {"currency", PLACE_TEXT, "currency"},
	[SESSION_CREATED] = {"created", PLACE_INT, "created"},
	[SESSION_EXPIRES_AT] = {"expires_at", PLACE_INT, "expires_at"},
	[SESSION_COMPLETED_AT] = {"completed_at", PLACE_NONE, NULL},
	[SESSION_METADATA] = {"metadata", PLACE_HASH, "metadata"},
	[SESSION_LIVEMODE] = {"livemode", PLACE_LIVEMODE, NULL},
	[SESSION_UPDATED_AT] = {"updated_at", PLACE_UPDATED, NULL},
};

static const struct shape_column customer_columns[CUSTOMER__MAX] = {
	[CUSTOMER_ID] = {"id", PLACE_REF, "id"},
	[CUSTOMER_TENANT_ID] = {"tenant_id", PLACE_NONE, NULL},
	[CUSTOMER_EMAIL] = {"email", PLACE_TEXT, "email"},
	[CUSTOMER_NAME] = {"name", PLACE_TEXT, "name"},
	[CUSTOMER_CURRENCY] = {"currency", PLACE_TEXT,
	    "currency|default_currency"},
	[CUSTOMER_BALANCE] = {"balance", PLACE_INT, "balance|account_balance"},
	[CUSTOMER_DELINQUENT] = {"delinquent", PLACE_BOOL, "delinquent"},
	[CUSTOMER_DELETED] = {"deleted", PLACE_DELETED, "deleted"},
	[CUSTOMER_CREATED] = {"created", PLACE_INT, "created"},
	[CUSTOMER_METADATA] = {"metadata", PLACE_HASH, "metadata"},
	[CUSTOMER_LIVEMODE] = {"livemode", PLACE_LIVEMODE, NULL},
	[CUSTOMER_UPDATED_AT] = {"updated_at", PLACE_UPDATED, NULL},
};

static const struct shape_column product_columns[PRODUCT__MAX] = {
	[PRODUCT_ID] = {"id", PLACE_REF, "id"},
	[PRODUCT_NAME] = {"name", PLACE_TEXT, "name"},
	[PRODUCT_ACTIVE] = {"active", PLACE_BOOL, "active"},
	[PRODUCT_DELETED] = {"deleted", PLACE_DELETED, "deleted"},
	[PRODUCT_METADATA] = {"metadata", PLACE_HASH, "metadata"},
	[PRODUCT_LIVEMODE] = {"livemode", PLACE_LIVEMODE, NULL},
	[PRODUCT_UPDATED_AT] = {"updated_at", PLACE_UPDATED, NULL},
};

static const struct shape_column price_columns[PRICE__MAX] = {
	[PRICE_ID] = {"id", PLACE_REF, "id"},
	[PRICE_PRODUCT_ID] = {"product_id", PLACE_REF, "product"},
	[PRICE_ACTIVE] = {"active", PLACE_BOOL, "active"},
	[PRICE_DELETED] = {"deleted", PLACE_DELETED, "deleted"},
	[PRICE_CURRENCY] = {"currency", PLACE_TEXT, "currency"},
	[PRICE_UNIT_AMOUNT] = {"unit_amount", PLACE_INT, "unit_amount"},
	[PRICE_UNIT_AMOUNT_DECIMAL] = {"unit_amount_decimal", PLACE_TEXT,
	    "unit_amount_decimal"},
	[PRICE_TYPE] = {"type", PLACE_TEXT, "type"},
	[PRICE_USAGE_TYPE] = {"usage_type", PLACE_TEXT,
	    "recurring.usage_type"},
	[PRICE_INTERVAL] = {"interval", PLACE_TEXT, "recurring.interval"},
	[PRICE_INTERVAL_COUNT] = {"interval_count", PLACE_INT,
	    "recurring.interval_count"},
	[PRICE_LOOKUP_KEY] = {"lookup_key", PLACE_TEXT, "lookup_key"},
	[PRICE_NICKNAME] = {"nickname", PLACE_TEXT, "nickname"},
	[PRICE_METADATA] = {"metadata", PLACE_HASH, "metadata"},
	[PRICE_CREATED] = {"created", PLACE_INT, "created"},
	[PRICE_LIVEMODE] = {"livemode", PLACE_LIVEMODE, NULL},
	[PRICE_UPDATED_AT] = {"updated_at", PLACE_UPDATED, NULL},
};

static const struct shape_column summary_columns[SUMMARY__MAX] = {
	[SUMMARY_CUSTOMER_ID] = {"customer_id", PLACE_REF, "customer"},
	[SUMMARY_LIVEMODE] = {"livemode", PLACE_LIVEMODE, NULL},
	[SUMMARY_UPDATED_AT] = {"updated_at", PLACE_UPDATED, NULL},
};

static const struct shape_column entitlement_columns[ENTITLEMENT__MAX] = {
	[ENTITLEMENT_LOOKUP_KEY] = {"lookup_key", PLACE_TEXT, "lookup_key"},
	[ENTITLEMENT_CUSTOMER_ID] = {"customer_id", PLACE_NONE, NULL},
	[ENTITLEMENT_FEATURE_ID] = {"feature_id", PLACE_REF, "feature"},
	[ENTITLEMENT_LIVEMODE] = {"livemode", PLACE_LIVEMODE, NULL},
	[ENTITLEMENT_UPDATED_AT] = {"updated_at", PLACE_UPDATED, NULL},
};

static const struct shape item_shape = {"subscription_item",
    "stripe_subscription_items", ITEM__MAX, ITEM_ID, item_columns, NULL, 1};
static const struct shape entitlement_shape = {
    "entitlements.active_entitlement", "stripe_entitlements",
    ENTITLEMENT__MAX, ENTITLEMENT_LOOKUP_KEY, entitlement_columns, NULL, 2};

static const struct shape shapes[KIND__MAX] = {
	[KIND_SUBSCRIPTION] = {"subscription", "stripe_subscriptions",
	    SUBSCRIPTION__MAX, SUBSCRIPTION_ID, subscription_columns,
	    &item_shape, 2},
	[KIND_INVOICE] = {"invoice", "stripe_invoices", INVOICE__MAX,
	    INVOICE_ID, invoice_columns, NULL, 2},
	[KIND_SESSION] = {"checkout.session", "billing_checkout_sessions",
	    SESSION__MAX, SESSION_ID, session_columns, NULL, 2},
	[KIND_CUSTOMER] = {"customer", "stripe_customers", CUSTOMER__MAX,
	    CUSTOMER_ID, customer_columns, NULL, 2},
	[KIND_PRODUCT] = {"product", "stripe_products", PRODUCT__MAX,
	    PRODUCT_ID, product_columns, NULL, 2},
	[KIND_PRICE] = {"price", "stripe_prices", PRICE__MAX, PRICE_ID,
	    price_columns, NULL, 2},
	[KIND_ENTITLEMENTS] = {"entitlements.active_entitlement_summary",
	    NULL, SUMMARY__MAX, SUMMARY_CUSTOMER_ID, summary_columns,
	    &entitlement_shape, 2},
};

const struct shape *
shape_of(enum kind kind)
{
	return kind > KIND_NONE && kind < KIND__MAX ? &shapes[kind] : NULL;
}

const char *
shape_column_name(const struct shape *shape, size_t column)
{
	return column < shape->ncolumns ? shape->columns[column].name : NULL;
}
