<?php
/*
 * The peer for CGI: what a shared host runs.  The same work as peer.go, with
 * the same statements, a process for each event.
 *
 * stripe-php is not in Debian.  verify() does what its WebhookSignature does,
 * by hash_hmac(); loading the library would cost some milliseconds more.
 */
const SCHEMA = <<<'SQL'
CREATE TABLE IF NOT EXISTS events (
	id TEXT NOT NULL PRIMARY KEY, type TEXT, api_version TEXT,
	created INTEGER, livemode INTEGER, received_at INTEGER, payload BLOB);
CREATE TABLE IF NOT EXISTS subscriptions (
	id TEXT NOT NULL PRIMARY KEY, customer TEXT, status TEXT,
	currency TEXT, price TEXT, product TEXT, quantity INTEGER,
	cancel_at INTEGER, cancel_at_period_end INTEGER, canceled_at INTEGER,
	ended_at INTEGER, trial_end INTEGER, period_start INTEGER,
	period_end INTEGER, latest_invoice TEXT, livemode INTEGER,
	updated_at INTEGER);
CREATE INDEX IF NOT EXISTS subscriptions_customer ON subscriptions (customer);
SQL;

const CLAIM = <<<'SQL'
INSERT INTO events (id, type, api_version, created, livemode, received_at,
payload) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
SQL;

const UPSERT = <<<'SQL'
INSERT INTO subscriptions (id, customer, status, currency, price, product,
quantity, cancel_at, cancel_at_period_end, canceled_at, ended_at, trial_end,
period_start, period_end, latest_invoice, livemode, updated_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET status = excluded.status,
price = excluded.price, product = excluded.product,
quantity = excluded.quantity, cancel_at = excluded.cancel_at,
cancel_at_period_end = excluded.cancel_at_period_end,
canceled_at = excluded.canceled_at, ended_at = excluded.ended_at,
trial_end = excluded.trial_end, period_start = excluded.period_start,
period_end = excluded.period_end, latest_invoice = excluded.latest_invoice,
updated_at = excluded.updated_at
WHERE excluded.updated_at >= subscriptions.updated_at
SQL;

function answer(int $status, array $words): never
{
	$text = json_encode($words);
	http_response_code($status);
	header('Content-Type: application/json');
	header('Content-Length: ' . strlen($text));
	echo $text;
	exit;
}

function verify(string $body, string $header, string $secret): bool
{
	$time = null;
	$signatures = [];
	foreach (explode(',', $header) as $pair) {
		$parts = explode('=', $pair, 2);
		if ($parts[0] === 't' && is_numeric($parts[1] ?? ''))
			$time = (int)$parts[1];
		elseif ($parts[0] === 'v1')
			$signatures[] = $parts[1] ?? '';
	}
	if ($time === null || abs(time() - $time) > 300)
		return false;
	$expected = hash_hmac('sha256', "$time.$body", $secret);
	foreach ($signatures as $signature)
		if (hash_equals($expected, $signature))
			return true;
	return false;
}

$body = file_get_contents('php://input');
if (!verify($body, $_SERVER['HTTP_STRIPE_SIGNATURE'] ?? '',
    $_SERVER['PEER_SECRET']))
	answer(401, ['error' => 'signature']);
$event = json_decode($body, true);
$sub = $event['data']['object'] ?? null;
if (!isset($event['id'], $sub['id']))
	answer(400, ['error' => 'not an event']);

$db = new PDO('sqlite:' . $_SERVER['PEER_DATABASE']);
$db->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
$db->setAttribute(PDO::ATTR_TIMEOUT, 10);
$db->exec('PRAGMA synchronous=FULL');
$db->exec('BEGIN IMMEDIATE');
$claim = $db->prepare(CLAIM);
$claim->execute([$event['id'], $event['type'], $event['api_version'],
    $event['created'], (int)$event['livemode'], time(), $body]);
$fresh = $claim->rowCount() === 1;
if ($fresh) {
	$item = $sub['items']['data'][0] ?? null;
	$db->prepare(UPSERT)->execute([$sub['id'], $sub['customer'],
	    $sub['status'], $sub['currency'], $item['price']['id'] ?? null,
	    $item['price']['product'] ?? null, $item['quantity'] ?? null,
	    $sub['cancel_at'], (int)$sub['cancel_at_period_end'],
	    $sub['canceled_at'], $sub['ended_at'], $sub['trial_end'],
	    $sub['current_period_start'], $sub['current_period_end'],
	    $sub['latest_invoice'], (int)$sub['livemode'],
	    $event['created']]);
}
$db->exec('COMMIT');
answer(200, ['received' => true,
    'outcome' => $fresh ? 'applied' : 'duplicate']);
