/*
 * Where each column is read from, version by version: objects as Stripe sent
 * or sends them, cut down to what the column needs.  Quotes as in
 * snapshots.h.
 */
#ifndef SHAPE_COLUMNS_H
#define SHAPE_COLUMNS_H

#include <stddef.h>

#include "shape.h"

#define SUBSCRIPTION	"customer.subscription.updated"
#define INVOICE		"invoice.updated"
#define SESSION		"checkout.session.completed"
#define CUSTOMER	"customer.updated"
#define ENTITLEMENTS	"entitlements.active_entitlement_summary.updated"

struct column_case {
	const char *name;
	const char *type;
	const char *object;	/* behind its id */
	size_t	    column;
	const char *want;	/* NULL, digits, or the text */
};

static const struct column_case column_cases[] = {
	/* References: an id, an expanded object, a deleted one, none. */
	{"a reference is an id", SUBSCRIPTION, "'customer':'cus_1'",
	    SUBSCRIPTION_CUSTOMER_ID, "cus_1"},
	{"or an object with one", SUBSCRIPTION,
	    "'customer':{'id':'cus_1','object':'customer'}",
	    SUBSCRIPTION_CUSTOMER_ID, "cus_1"},
	{"or a deleted object", SUBSCRIPTION,
	    "'customer':{'id':'cus_1','deleted':true}",
	    SUBSCRIPTION_CUSTOMER_ID, "cus_1"},
	{"or null", SESSION, "'customer':null", SESSION_CUSTOMER_ID, "NULL"},
	{"or absent", SESSION, "'mode':'setup'", SESSION_CUSTOMER_ID, "NULL"},
	{"an empty one is none", SESSION, "'customer':''",
	    SESSION_CUSTOMER_ID, "NULL"},
	{"an object without id is none", SESSION, "'customer':{}",
	    SESSION_CUSTOMER_ID, "NULL"},

	/* Subscriptions. */
	{"status is kept in Stripe's words", SUBSCRIPTION,
	    "'status':'hibernating'", SUBSCRIPTION_STATUS, "hibernating"},
	{"a deleted one is canceled, whatever it says",
	    "customer.subscription.deleted", "'status':'active'",
	    SUBSCRIPTION_STATUS, "canceled"},
	{"collection before 2019-10-17", SUBSCRIPTION,
	    "'billing':'send_invoice'", SUBSCRIPTION_COLLECTION_METHOD,
	    "send_invoice"},
	{"of both the newer counts", SUBSCRIPTION,
	    "'billing':'send_invoice','collection_method':"
	    "'charge_automatically'", SUBSCRIPTION_COLLECTION_METHOD,
	    "charge_automatically"},
	{"start before 2019-10-17", SUBSCRIPTION, "'start':7",
	    SUBSCRIPTION_START_DATE, "7"},
	{"start_date since", SUBSCRIPTION, "'start_date':8,'start':7",
	    SUBSCRIPTION_START_DATE, "8"},
	{"the period before 2025-03-31", SUBSCRIPTION,
	    "'current_period_start':5,'items':{'data':[{'id':'si_1'}]}",
	    SUBSCRIPTION_CURRENT_PERIOD_START, "5"},
	{"the least start of its items since", SUBSCRIPTION,
	    "'items':{'data':[{'id':'si_1','current_period_start':6},"
	    "{'id':'si_2','current_period_start':4},{'id':'si_3'}]}",
	    SUBSCRIPTION_CURRENT_PERIOD_START, "4"},
	{"the greatest end of its items", SUBSCRIPTION,
	    "'items':{'data':[{'id':'si_1','current_period_end':6},"
	    "{'id':'si_2','current_period_end':9},"
	    "{'id':'si_3','current_period_end':8}]}",
	    SUBSCRIPTION_CURRENT_PERIOD_END, "9"},
	{"of both the items' period counts", SUBSCRIPTION,
	    "'current_period_end':10,'items':{'data':[{'id':'si_1',"
	    "'current_period_end':6}]}",
	    SUBSCRIPTION_CURRENT_PERIOD_END, "6"},
	{"why it was canceled", SUBSCRIPTION,
	    "'cancellation_details':{'comment':null,'reason':"
	    "'payment_failed'}", SUBSCRIPTION_CANCELLATION_REASON,
	    "payment_failed"},
	{"paused collection", SUBSCRIPTION,
	    "'pause_collection':{'behavior':'void','resumes_at':9}",
	    SUBSCRIPTION_PAUSE_BEHAVIOR, "void"},
	{"until when", SUBSCRIPTION,
	    "'pause_collection':{'behavior':'void','resumes_at':9}",
	    SUBSCRIPTION_PAUSE_RESUMES_AT, "9"},
	{"collection that goes on", SUBSCRIPTION, "'pause_collection':null",
	    SUBSCRIPTION_PAUSE_BEHAVIOR, "NULL"},
	{"a boolean is 1", SUBSCRIPTION, "'cancel_at_period_end':true",
	    SUBSCRIPTION_CANCEL_AT_PERIOD_END, "1"},
	{"or 0", SUBSCRIPTION, "'cancel_at_period_end':false",
	    SUBSCRIPTION_CANCEL_AT_PERIOD_END, "0"},
	{"or NULL where it lacks", SUBSCRIPTION, "'status':'active'",
	    SUBSCRIPTION_CANCEL_AT_PERIOD_END, "NULL"},
	{"the latest invoice, expanded", SUBSCRIPTION,
	    "'latest_invoice':{'id':'in_1'}", SUBSCRIPTION_LATEST_INVOICE_ID,
	    "in_1"},
	{"metadata have sorted keys", SUBSCRIPTION,
	    "'metadata':{'b':'1','a':'2','B':'3'}", SUBSCRIPTION_METADATA,
	    "{\"B\":\"3\",\"a\":\"2\",\"b\":\"1\"}"},
	{"a pending update, too, without what is null", SUBSCRIPTION,
	    "'pending_update':{'trial_end':null,'quantity':2,"
	    "'expires_at':5}", SUBSCRIPTION_PENDING_UPDATE,
	    "{\"expires_at\":5,\"quantity\":2}"},
	{"what only other rows know stays empty", SUBSCRIPTION,
	    "'metadata':{'tenant_id':'a'},'tenant_id':'b'",
	    SUBSCRIPTION_TENANT_ID, "NULL"},
	{"livemode is the event's", SUBSCRIPTION, "'livemode':true",
	    SUBSCRIPTION_LIVEMODE, "0"},
	{"updated_at is the event's created", SUBSCRIPTION,
	    "'updated_at':5", SUBSCRIPTION_UPDATED_AT, "1750000000"},

	/* Invoices. */
	{"an invoice's subscription before 2025-03-31", INVOICE,
	    "'subscription':'sub_1'", INVOICE_SUBSCRIPTION_ID, "sub_1"},
	{"since", INVOICE, "'parent':{'type':'subscription_details',"
	    "'subscription_details':{'subscription':'sub_1'}}",
	    INVOICE_SUBSCRIPTION_ID, "sub_1"},
	{"since, expanded", INVOICE, "'parent':{'subscription_details':"
	    "{'subscription':{'id':'sub_1'}}}", INVOICE_SUBSCRIPTION_ID,
	    "sub_1"},
	{"on its first line that names one, old", INVOICE,
	    "'parent':null,'lines':{'data':[{'subscription':null},"
	    "{'subscription':'sub_2'},{'subscription':'sub_3'}]}",
	    INVOICE_SUBSCRIPTION_ID, "sub_2"},
	{"on its first line, new", INVOICE,
	    "'lines':{'data':[{'parent':{'subscription_item_details':"
	    "{'subscription':'sub_2'}}}]}", INVOICE_SUBSCRIPTION_ID,
	    "sub_2"},
	{"an invoice of nobody's", INVOICE,
	    "'subscription':null,'lines':{'data':[{}]}",
	    INVOICE_SUBSCRIPTION_ID, "NULL"},
	{"created before 2019-03-14", INVOICE, "'date':7", INVOICE_CREATED,
	    "7"},
	{"an invoice's collection before 2019-10-17", INVOICE,
	    "'billing':'send_invoice'", INVOICE_COLLECTION_METHOD,
	    "send_invoice"},
	{"when it was paid", INVOICE,
	    "'status_transitions':{'finalized_at':6,'paid_at':7}",
	    INVOICE_PAID_AT, "7"},
	{"status before 2018-11-08: paid", INVOICE,
	    "'paid':true,'closed':true,'forgiven':false", INVOICE_STATUS,
	    "paid"},
	{"forgiven", INVOICE,
	    "'paid':false,'closed':true,'forgiven':true", INVOICE_STATUS,
	    "uncollectible"},
	{"closed", INVOICE,
	    "'paid':false,'closed':true,'forgiven':false", INVOICE_STATUS,
	    "void"},
	{"attempted", INVOICE,
	    "'paid':false,'closed':false,'attempted':true", INVOICE_STATUS,
	    "open"},
	{"none of these", INVOICE,
	    "'paid':false,'closed':false,'attempted':false", INVOICE_STATUS,
	    "draft"},
	{"no flags", INVOICE, "'total':1", INVOICE_STATUS, "NULL"},
	{"its own word stands above its flags", INVOICE,
	    "'status':'void','paid':true", INVOICE_STATUS, "void"},
	{"without a word the type says it", "invoice.payment_failed",
	    "'total':1", INVOICE_STATUS, "open"},
	{"with one it does not", "invoice.payment_failed",
	    "'status':'paid'", INVOICE_STATUS, "paid"},
	{"a deleted draft", "invoice.deleted", "'status':'draft'",
	    INVOICE_DELETED, "1"},
	{"one that is not", INVOICE, "'status':'draft'", INVOICE_DELETED,
	    "0"},
	{"when it failed only its events know", "invoice.payment_failed",
	    "'status':'open'", INVOICE_LAST_FAILED_AT, "NULL"},
	{"money is exact", INVOICE, "'total':9007199254740991",
	    INVOICE_TOTAL, "9007199254740991"},
	{"and may be owed", INVOICE, "'total':-9007199254740991",
	    INVOICE_TOTAL, "-9007199254740991"},
	{"a whole number may be written otherwise", INVOICE,
	    "'total':1.5e3", INVOICE_TOTAL, "1500"},

	/* Sessions. */
	{"the address as it was at the end", SESSION,
	    "'customer_email':'a@example.com','customer_details':"
	    "{'email':'b@example.com'}", SESSION_CUSTOMER_EMAIL,
	    "b@example.com"},
	{"or as it was given", SESSION,
	    "'customer_email':'a@example.com','customer_details':null",
	    SESSION_CUSTOMER_EMAIL, "a@example.com"},
	{"status by the type, before 2022-08-01", SESSION, "'mode':'setup'",
	    SESSION_STATUS, "complete"},
	{"expired by the type", "checkout.session.expired",
	    "'mode':'setup'", SESSION_STATUS, "expired"},
	{"its own word stands above", SESSION, "'status':'open'",
	    SESSION_STATUS, "open"},
	{"a payment, expanded", SESSION, "'payment_intent':{'id':'pi_1'}",
	    SESSION_PAYMENT_INTENT_ID, "pi_1"},
	{"metadata may be null", SESSION, "'metadata':null",
	    SESSION_METADATA, "NULL"},

	/* Customers, products, prices. */
	{"balance before 2019-10-17", CUSTOMER, "'account_balance':-5",
	    CUSTOMER_BALANCE, "-5"},
	{"currency before 2022-08-01", CUSTOMER,
	    "'currency':null,'default_currency':'eur'", CUSTOMER_CURRENCY,
	    "eur"},
	{"a deleted customer", "customer.deleted", "'name':'Ada'",
	    CUSTOMER_DELETED, "1"},
	{"keeps what it said last", "customer.deleted", "'name':'Ada'",
	    CUSTOMER_NAME, "Ada"},
	{"one that says it itself", CUSTOMER, "'deleted':true",
	    CUSTOMER_DELETED, "1"},
	{"a product", "product.updated", "'name':'Pro'", PRODUCT_NAME,
	    "Pro"},
	{"a deleted product", "product.deleted", "'name':'Pro'",
	    PRODUCT_DELETED, "1"},
	{"a price of a product that is expanded", "price.updated",
	    "'product':{'id':'prod_1'}", PRICE_PRODUCT_ID, "prod_1"},
	{"a price that comes again", "price.updated",
	    "'recurring':{'interval':'month','interval_count':3,"
	    "'usage_type':'metered'}", PRICE_INTERVAL_COUNT, "3"},
	{"a price of one time", "price.updated", "'recurring':null",
	    PRICE_INTERVAL, "NULL"},
	{"parts of a cent are text", "price.updated",
	    "'unit_amount':null,'unit_amount_decimal':'0.05'",
	    PRICE_UNIT_AMOUNT_DECIMAL, "0.05"},
	{"and no amount", "price.updated",
	    "'unit_amount':null,'unit_amount_decimal':'0.05'",
	    PRICE_UNIT_AMOUNT, "NULL"},
	{"a deleted price", "price.deleted", "'active':false",
	    PRICE_DELETED, "1"},
};

/* The same for the first item of a subscription. */
static const struct column_case item_cases[] = {
	{"the price of an item", SUBSCRIPTION,
	    "'items':{'data':[{'id':'si_1','price':{'id':'price_1'},"
	    "'plan':{'id':'plan_1'}}]}", ITEM_PRICE_ID, "price_1"},
	{"an item from before prices", SUBSCRIPTION,
	    "'items':{'data':[{'id':'si_1','plan':{'id':'plan_1'}}]}",
	    ITEM_PRICE_ID, "plan_1"},
	{"a subscription from before items", SUBSCRIPTION,
	    "'plan':{'id':'plan_1'},'quantity':3", ITEM_PRICE_ID, "plan_1"},
	{"its quantity", SUBSCRIPTION, "'plan':{'id':'plan_1'},'quantity':3",
	    ITEM_QUANTITY, "3"},
	{"the key that it gets", SUBSCRIPTION, "'plan':{'id':'plan_1'}",
	    ITEM_ID, "x#0"},
	{"a plan beside items counts for nothing", SUBSCRIPTION,
	    "'plan':{'id':'plan_1'},'items':{'data':[{'id':'si_1',"
	    "'price':{'id':'price_1'}}]}", ITEM_PRICE_ID, "price_1"},
	{"an item has its own quantity", SUBSCRIPTION,
	    "'quantity':3,'items':{'data':[{'id':'si_1','quantity':2}]}",
	    ITEM_QUANTITY, "2"},
	{"or the subscription's, where it is alone", SUBSCRIPTION,
	    "'quantity':3,'items':{'data':[{'id':'si_1'}]}", ITEM_QUANTITY,
	    "3"},
	{"and none where it is not", SUBSCRIPTION,
	    "'quantity':3,'items':{'data':[{'id':'si_1'},{'id':'si_2'}]}",
	    ITEM_QUANTITY, "NULL"},
	{"the product of a price", SUBSCRIPTION,
	    "'items':{'data':[{'id':'si_1','price':{'id':'price_1',"
	    "'product':'prod_1'}}]}", ITEM_PRODUCT_ID, "prod_1"},
	{"the product of a plan, expanded", SUBSCRIPTION,
	    "'items':{'data':[{'id':'si_1','plan':{'id':'plan_1',"
	    "'product':{'id':'prod_1'}}}]}", ITEM_PRODUCT_ID, "prod_1"},
	{"a lookup key", SUBSCRIPTION,
	    "'items':{'data':[{'id':'si_1','price':{'lookup_key':'pro'}}]}",
	    ITEM_LOOKUP_KEY, "pro"},
	{"the amount of a price", SUBSCRIPTION,
	    "'items':{'data':[{'id':'si_1','price':{'unit_amount':900}}]}",
	    ITEM_UNIT_AMOUNT, "900"},
	{"the amount of a plan", SUBSCRIPTION,
	    "'items':{'data':[{'id':'si_1','plan':{'amount':900}}]}",
	    ITEM_UNIT_AMOUNT, "900"},
	{"in parts of a cent", SUBSCRIPTION,
	    "'items':{'data':[{'id':'si_1','plan':{'amount_decimal':"
	    "'0.5'}}]}", ITEM_UNIT_AMOUNT_DECIMAL, "0.5"},
	{"how often, of a price", SUBSCRIPTION,
	    "'items':{'data':[{'id':'si_1','price':{'recurring':"
	    "{'interval':'year','interval_count':2}}}]}", ITEM_INTERVAL,
	    "year"},
	{"how often, of a plan", SUBSCRIPTION,
	    "'items':{'data':[{'id':'si_1','plan':{'interval':'year',"
	    "'interval_count':2}}]}", ITEM_INTERVAL_COUNT, "2"},
	{"its own period", SUBSCRIPTION,
	    "'current_period_end':9,'items':{'data':[{'id':'si_1',"
	    "'current_period_end':6}]}", ITEM_CURRENT_PERIOD_END, "6"},
	{"or the subscription's", SUBSCRIPTION,
	    "'current_period_end':9,'items':{'data':[{'id':'si_1'}]}",
	    ITEM_CURRENT_PERIOD_END, "9"},
	{"whose it is", SUBSCRIPTION, "'items':{'data':[{'id':'si_1'}]}",
	    ITEM_SUBSCRIPTION_ID, "x"},
	{"its place", SUBSCRIPTION,
	    "'items':{'data':[{'id':'si_9'},{'id':'si_1'}]}", ITEM_POSITION,
	    "0"},
};

#endif
