// The peer: what one would write in Go, and well.  net/http with nothing in
// front, go-sqlite3, one connection, every commit durable.
//
//	peer PORT DATABASE SECRET
//
// The signature is verified as stripe-go does it, the event is decoded with
// encoding/json, its id claimed, the subscription upserted unless something
// newer is known, in one transaction.  It knows one type of event and one
// table; no order within a second, no tenants, no items, no audit.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	_ "github.com/mattn/go-sqlite3"
)

const schema = `
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
`

const claim = `INSERT INTO events (id, type, api_version, created, livemode,
received_at, payload) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`

const upsert = `INSERT INTO subscriptions (id, customer, status, currency,
price, product, quantity, cancel_at, cancel_at_period_end, canceled_at,
ended_at, trial_end, period_start, period_end, latest_invoice, livemode,
updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET status = excluded.status,
price = excluded.price, product = excluded.product,
quantity = excluded.quantity, cancel_at = excluded.cancel_at,
cancel_at_period_end = excluded.cancel_at_period_end,
canceled_at = excluded.canceled_at, ended_at = excluded.ended_at,
trial_end = excluded.trial_end, period_start = excluded.period_start,
period_end = excluded.period_end, latest_invoice = excluded.latest_invoice,
updated_at = excluded.updated_at
WHERE excluded.updated_at >= subscriptions.updated_at`

type event struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	APIVersion string `json:"api_version"`
	Created    int64  `json:"created"`
	Livemode   bool   `json:"livemode"`
	Data       struct {
		Object json.RawMessage `json:"object"`
	} `json:"data"`
}

type subscription struct {
	ID                string `json:"id"`
	Customer          string `json:"customer"`
	Status            string `json:"status"`
	Currency          string `json:"currency"`
	CancelAt          *int64 `json:"cancel_at"`
	CancelAtPeriodEnd bool   `json:"cancel_at_period_end"`
	CanceledAt        *int64 `json:"canceled_at"`
	EndedAt           *int64 `json:"ended_at"`
	TrialEnd          *int64 `json:"trial_end"`
	PeriodStart       int64  `json:"current_period_start"`
	PeriodEnd         int64  `json:"current_period_end"`
	LatestInvoice     string `json:"latest_invoice"`
	Livemode          bool   `json:"livemode"`
	Items             struct {
		Data []struct {
			Quantity int64 `json:"quantity"`
			Price    struct {
				ID      string `json:"id"`
				Product string `json:"product"`
			} `json:"price"`
		} `json:"data"`
	} `json:"items"`
}

type receiver struct {
	db            *sql.DB
	claim, upsert *sql.Stmt
	secret        []byte
}

// verify is webhook.ValidatePayload of stripe-go: every pair of the header,
// a tolerance of five minutes, every v1 compared in constant time.
func (r *receiver) verify(body []byte, header string) error {
	var t int64
	var signatures [][]byte
	for _, pair := range strings.Split(header, ",") {
		parts := strings.Split(pair, "=")
		if len(parts) != 2 {
			return errors.New("invalid header")
		}
		switch parts[0] {
		case "t":
			n, err := strconv.ParseInt(parts[1], 10, 64)
			if err != nil {
				return errors.New("invalid header")
			}
			t = n
		case "v1":
			s, err := hex.DecodeString(parts[1])
			if err != nil {
				continue
			}
			signatures = append(signatures, s)
		}
	}
	if len(signatures) == 0 {
		return errors.New("no valid signature")
	}
	mac := hmac.New(sha256.New, r.secret)
	mac.Write([]byte(strconv.FormatInt(t, 10)))
	mac.Write([]byte("."))
	mac.Write(body)
	expected := mac.Sum(nil)
	if time.Since(time.Unix(t, 0)) > 300*time.Second {
		return errors.New("too old")
	}
	for _, s := range signatures {
		if hmac.Equal(expected, s) {
			return nil
		}
	}
	return errors.New("no valid signature")
}

// keep is one transaction; true if the event was not known.
func (r *receiver) keep(e *event, s *subscription, body []byte) (bool, error) {
	tx, err := r.db.Begin()
	if err != nil {
		return false, err
	}
	defer tx.Rollback()
	result, err := tx.Stmt(r.claim).Exec(e.ID, e.Type, e.APIVersion,
		e.Created, e.Livemode, time.Now().Unix(), body)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	if err != nil || n == 0 {
		return false, err
	}
	var price, product string
	var quantity int64
	if len(s.Items.Data) > 0 {
		item := &s.Items.Data[0]
		price, product = item.Price.ID, item.Price.Product
		quantity = item.Quantity
	}
	_, err = tx.Stmt(r.upsert).Exec(s.ID, s.Customer, s.Status, s.Currency,
		price, product, quantity, s.CancelAt, s.CancelAtPeriodEnd,
		s.CanceledAt, s.EndedAt, s.TrialEnd, s.PeriodStart, s.PeriodEnd,
		s.LatestInvoice, s.Livemode, e.Created)
	if err != nil {
		return false, err
	}
	return true, tx.Commit()
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, 1<<20))
	if err != nil {
		http.Error(w, "body", http.StatusBadRequest)
		return
	}
	if err := r.verify(body, req.Header.Get("Stripe-Signature")); err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	var e event
	var s subscription
	if json.Unmarshal(body, &e) != nil ||
		json.Unmarshal(e.Data.Object, &s) != nil {
		http.Error(w, "not an event", http.StatusBadRequest)
		return
	}
	outcome := "duplicate"
	fresh, err := r.keep(&e, &s, body)
	if err != nil {
		log.Print(err)
		http.Error(w, "database", http.StatusServiceUnavailable)
		return
	}
	if fresh {
		outcome = "applied"
	}
	w.Header().Set("Content-Type", "application/json")
	io.WriteString(w, `{"received":true,"outcome":"`+outcome+`"}`)
}

func main() {
	db, err := sql.Open("sqlite3", "file:"+os.Args[2]+"?_journal_mode=WAL"+
		"&_synchronous=FULL&_busy_timeout=5000&_txlock=immediate")
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(schema); err != nil {
		log.Fatal(err)
	}
	r := &receiver{db: db, secret: []byte(os.Args[3])}
	if r.claim, err = db.Prepare(claim); err != nil {
		log.Fatal(err)
	}
	if r.upsert, err = db.Prepare(upsert); err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], r))
}
