package users

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"comptant/hq/db"
	"comptant/shared/retail"
	"comptant/shared/secret"
)

const (
	// accountLife is how long a customer stays signed in after the last use, longestAccount after the sign-in: they see their own
	// orders, and nothing of the retailer.
	accountLife    = 30 * 24 * time.Hour
	longestAccount = 180 * 24 * time.Hour
)

// shopWaits begins the keys by which failures of the shop are counted. A space is in no address, so that nobody who guesses in the
// shop keeps those who work here waiting, who may have the same e-mail or network address.
const shopWaits = "shop "

// Account is a customer who can sign in to the shop.
type Account struct {
	Customer           uuid.UUID
	Name, Phone, Email string
	Lang               string // "fr" or "en"
}

// Accounts signs customers in and out, with the checks and the waits that those who work here have.
type Accounts struct {
	db *db.DB
	// staff counts failures and checks passwords.
	staff *Sessions
	now   func() time.Time
}

// NewAccounts keeps its sessions in the database.
func NewAccounts(db *db.DB, now func() time.Time) *Accounts {
	return &Accounts{db: db, staff: NewSessions(db, now), now: now}
}

// Welcome refuses a network address from which too much has failed lately in the shop, with the error signin.often.
func (a *Accounts) Welcome(ctx context.Context, address string) error {
	return a.staff.Welcome(ctx, shopWaits+address)
}

// Failed counts what failed from a network address in the shop.
func (a *Accounts) Failed(ctx context.Context, address string) error {
	return a.staff.Failed(ctx, shopWaits+address)
}

// Register makes an account and signs in; the token goes into the cookie.
//
// An account of the same e-mail that has the same password is signed in to. With another password the answer is account.refused,
// and counts as a wrong password of that address, and as a failure of the network address: whoever asks for addresses one by one is
// soon kept waiting. That an account exists is not said to a stranger in words; that this address and password make none has to be,
// so that who forgot theirs asks for a link. Nothing shows who is a customer without an account, or works here.
//
// The person is a new one, also where a till has written down somebody with the address: nobody has proved yet that it is theirs.
func (a *Accounts) Register(ctx context.Context, n Account, password string) (token string, made Account, err error) {
	n.Email = canonical(n.Email)
	if parsed, err := mail.ParseAddress(n.Email); err != nil || parsed.Address != n.Email {
		return "", n, &retail.Error{Code: retail.Invalid, Key: retail.KeyCustomerEmail}
	}
	if n.Lang != "en" {
		n.Lang = "fr"
	}
	person, err := retail.Customer{ID: uuid.Must(uuid.NewV7()), Name: n.Name, Phone: n.Phone, Email: n.Email, At: a.now().UnixMilli()}.Tidy()
	if err != nil {
		return "", n, err
	}
	hashed, err := a.hash(ctx, password)
	if err != nil {
		return "", n, err
	}
	if err := a.staff.admit(ctx, shopWaits+n.Email); err != nil {
		return "", n, err
	}
	n.Customer, n.Name, n.Phone = person.ID, person.Name, person.Phone
	err = a.db.InTx(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, writeCustomer, person.ID, person.Name, person.Phone, person.Email, a.now()); err != nil {
			return fmt.Errorf("write customer %s: %w", person.ID, err)
		}
		_, err := tx.Exec(ctx, `INSERT INTO users.account (customer_id, email, password, lang, created_at) VALUES ($1, $2, $3, $4, $5)`,
			person.ID, n.Email, hashed.phc, n.Lang, a.now())
		return err
	})
	if said, ok := errors.AsType[*pgconn.PgError](err); ok && said.Code == uniqueViolation {
		return a.known(ctx, n.Email, password)
	}
	if err != nil {
		return "", n, fmt.Errorf("make an account: %w", err)
	}
	if err := a.forget(ctx, n.Email); err != nil {
		return "", n, err
	}
	token, err = a.open(ctx, n.Customer)
	return token, n, err
}

// known signs in to the account of an address that was registered again, if the password is right.
func (a *Accounts) known(ctx context.Context, email, password string) (token string, account Account, err error) {
	token, account, err = a.check(ctx, email, password)
	if told, ok := errors.AsType[*retail.Error](err); ok && told.Key == "signin.wrong" {
		err = &retail.Error{Code: retail.Forbidden, Key: "account.refused"}
	}
	return token, account, err
}

// hash is NewPassword when its turn comes: it takes as much memory as a check does.
func (a *Accounts) hash(ctx context.Context, password string) (Password, error) {
	select {
	case a.staff.checks <- struct{}{}:
		defer func() { <-a.staff.checks }()
	case <-ctx.Done():
		return Password{}, ctx.Err()
	}
	return NewPassword(password)
}

// SignIn checks an e-mail address and password and opens a session; the token goes into the cookie. Its errors are those of
// Sessions.SignIn.
func (a *Accounts) SignIn(ctx context.Context, email, password string) (token string, account Account, err error) {
	email = canonical(email)
	if err := a.staff.admit(ctx, shopWaits+email); err != nil {
		return "", Account{}, err
	}
	return a.check(ctx, email, password)
}

// check is SignIn of a try that was counted.
func (a *Accounts) check(ctx context.Context, email, password string) (token string, account Account, err error) {
	var id uuid.UUID
	var phc string
	err = a.db.QueryRow(ctx, `SELECT customer_id, password FROM users.account WHERE email = $1`, email).Scan(&id, &phc)
	if errors.Is(err, pgx.ErrNoRows) {
		phc, err = a.staff.nobody(), nil
	}
	if err != nil {
		return "", account, fmt.Errorf("read password: %w", err)
	}
	ok, err := a.staff.verify(ctx, phc, password)
	if err != nil {
		return "", account, fmt.Errorf("sign in: %w", err)
	}
	if !ok || id == uuid.Nil {
		return "", account, &retail.Error{Code: retail.Forbidden, Key: "signin.wrong"}
	}
	if err := a.forget(ctx, email); err != nil {
		return "", account, err
	}
	if account, err = a.byID(ctx, id); err != nil {
		return "", account, err
	}
	token, err = a.open(ctx, id)
	return token, account, err
}

// forget ends the waits of an address: whose it is has signed in.
func (a *Accounts) forget(ctx context.Context, email string) error {
	if _, err := a.db.Exec(ctx, `DELETE FROM users.attempt WHERE email = $1`, shopWaits+email); err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	return nil
}

// open starts a session and gives its token.
func (a *Accounts) open(ctx context.Context, customer uuid.UUID) (string, error) {
	token, now := secret.Token(), a.now()
	hash := secret.HashToken(token)
	_, err := a.db.Exec(ctx, `
		WITH old AS (DELETE FROM users.account_session WHERE customer_id = $2 AND expires_at <= $3),
			seen AS (UPDATE users.account SET signed_in_at = $3 WHERE customer_id = $2)
		INSERT INTO users.account_session (token_hash, customer_id, created_at, seen_at, expires_at)
		VALUES ($1, $2, $3, $3, $4)`, hash[:], customer, now, now.Add(accountLife))
	if err != nil {
		return "", fmt.Errorf("open session: %w", err)
	}
	return token, nil
}

// Session gives who a token belongs to, and keeps the session alive. retail.Forbidden says to sign in (again).
func (a *Accounts) Session(ctx context.Context, token string) (Account, error) {
	hash, now := secret.HashToken(token), a.now()
	var account Account
	var created, seen time.Time
	err := a.db.QueryRow(ctx, `
		SELECT a.customer_id, c.name, c.phone, a.email, a.lang, s.created_at, s.seen_at
		FROM users.account_session s JOIN users.account a USING (customer_id) JOIN users.customer c ON c.id = a.customer_id
		WHERE s.token_hash = $1 AND s.expires_at > $2`, hash[:], now).
		Scan(&account.Customer, &account.Name, &account.Phone, &account.Email, &account.Lang, &created, &seen)
	if errors.Is(err, pgx.ErrNoRows) {
		return Account{}, &retail.Error{Code: retail.Forbidden, Key: "session.none"}
	}
	if err != nil {
		return Account{}, fmt.Errorf("read session: %w", err)
	}
	if now.Sub(seen) < seenEvery {
		return account, nil
	}
	expires := now.Add(accountLife)
	if end := created.Add(longestAccount); expires.After(end) {
		expires = end
	}
	_, err = a.db.Exec(ctx, `UPDATE users.account_session SET seen_at = $2, expires_at = $3 WHERE token_hash = $1`, hash[:], now, expires)
	if err != nil {
		return Account{}, fmt.Errorf("keep session: %w", err)
	}
	return account, nil
}

// SignOut ends the session of a token, if there is one.
func (a *Accounts) SignOut(ctx context.Context, token string) error {
	hash := secret.HashToken(token)
	if _, err := a.db.Exec(ctx, `DELETE FROM users.account_session WHERE token_hash = $1`, hash[:]); err != nil {
		return fmt.Errorf("sign out: %w", err)
	}
	return nil
}

func (a *Accounts) byID(ctx context.Context, customer uuid.UUID) (account Account, err error) {
	err = a.db.QueryRow(ctx, `
		SELECT a.customer_id, c.name, c.phone, a.email, a.lang FROM users.account a JOIN users.customer c ON c.id = a.customer_id
		WHERE a.customer_id = $1`, customer).Scan(&account.Customer, &account.Name, &account.Phone, &account.Email, &account.Lang)
	if err != nil {
		return account, fmt.Errorf("read the account of customer %s: %w", customer, err)
	}
	return account, nil
}
