package users

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/shared/retail"
	"comptant/shared/secret"
)

// Rename corrects a customer's name and phone number, here and at the tills that know them.
func (a *Accounts) Rename(ctx context.Context, customer uuid.UUID, name, phone string) error {
	c, err := retail.Customer{ID: customer, Name: name, Phone: phone}.Tidy()
	if err != nil {
		return err
	}
	return a.db.InTx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `
			UPDATE users.customer SET name = $2, phone = $3, written_at = greatest($4, written_at)
			WHERE id = $1 AND erased_at IS NULL`, customer, c.Name, c.Phone, a.now())
		if err != nil {
			return fmt.Errorf("rename customer %s: %w", customer, err)
		}
		return publishCustomer(ctx, tx, customer)
	})
}

// ChangePassword sets a new password for who knows the old one, and ends their sessions but the one of the token keep.
func (a *Accounts) ChangePassword(ctx context.Context, account Account, old, password, keep string) error {
	if err := a.staff.admit(ctx, shopWaits+account.Email); err != nil {
		return err
	}
	var phc string
	if err := a.db.QueryRow(ctx, `SELECT password FROM users.account WHERE customer_id = $1`, account.Customer).Scan(&phc); err != nil {
		return fmt.Errorf("read password: %w", err)
	}
	ok, err := a.staff.verify(ctx, phc, old)
	if err != nil {
		return fmt.Errorf("check password: %w", err)
	}
	if !ok {
		return &retail.Error{Code: retail.Forbidden, Key: "account.old_wrong"}
	}
	hashed, err := a.hash(ctx, password)
	if err != nil {
		return err
	}
	return a.db.InTx(ctx, func(tx *db.Tx) error { return setAccountPassword(ctx, tx, account.Customer, hashed, keep) })
}

// Forgot makes the token of a link for a customer who has forgotten their password, as Sessions.Forgot does for who works here: who
// asks is told the same whether or not there is an account.
func (a *Accounts) Forgot(ctx context.Context, email string) (token string, account Account, err error) {
	email = canonical(email)
	if err := a.staff.admit(ctx, shopWaits+"forgot "+email); err != nil {
		return "", account, err
	}
	var id uuid.UUID
	err = a.db.QueryRow(ctx, `SELECT customer_id FROM users.account WHERE email = $1`, email).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", account, nil
	}
	if err != nil {
		return "", account, fmt.Errorf("find %s: %w", email, err)
	}
	if account, err = a.byID(ctx, id); err != nil {
		return "", account, err
	}
	token = secret.Token()
	hash := secret.HashToken(token)
	_, err = a.db.Exec(ctx, `
		INSERT INTO users.account_reset (token_hash, customer_id, expires_at) VALUES ($1, $2, $3)
		ON CONFLICT (customer_id) DO UPDATE SET token_hash = excluded.token_hash, expires_at = excluded.expires_at`,
		hash[:], id, a.now().Add(ResetLife))
	if err != nil {
		return "", account, fmt.Errorf("write a link for customer %s: %w", id, err)
	}
	return token, account, nil
}

// ResetOf gives who may set a new password with a token. The error is reset.gone when it is nobody's, was used, or is too old.
func (a *Accounts) ResetOf(ctx context.Context, token string) (Account, error) {
	hash := secret.HashToken(token)
	var id uuid.UUID
	err := a.db.QueryRow(ctx, `SELECT customer_id FROM users.account_reset WHERE token_hash = $1 AND expires_at > $2`, hash[:], a.now()).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Account{}, gone()
	}
	if err != nil {
		return Account{}, fmt.Errorf("read a link: %w", err)
	}
	return a.byID(ctx, id)
}

// Reset uses a token up and sets the new password. Every session ends, and so do the waits of who guessed at the old one.
func (a *Accounts) Reset(ctx context.Context, token, password string) error {
	hashed, err := a.hash(ctx, password)
	if err != nil {
		return err
	}
	hash := secret.HashToken(token)
	return a.db.InTx(ctx, func(tx *db.Tx) error {
		var id uuid.UUID
		err := tx.QueryRow(ctx, `
			DELETE FROM users.account_reset WHERE token_hash = $1 AND expires_at > $2 RETURNING customer_id`, hash[:], a.now()).Scan(&id)
		if errors.Is(err, pgx.ErrNoRows) {
			return gone()
		}
		if err != nil {
			return fmt.Errorf("use a link: %w", err)
		}
		return setAccountPassword(ctx, tx, id, hashed, "")
	})
}

// setAccountPassword ends every session but the one of the token keep, and what was sent or counted about the old password.
func setAccountPassword(ctx context.Context, tx *db.Tx, customer uuid.UUID, password Password, keep string) error {
	hash := secret.HashToken(keep)
	var batch pgx.Batch
	batch.Queue(`UPDATE users.account SET password = $2 WHERE customer_id = $1`, customer, password.phc)
	batch.Queue(`DELETE FROM users.account_session WHERE customer_id = $1 AND token_hash <> $2`, customer, hash[:])
	batch.Queue(`DELETE FROM users.account_reset WHERE customer_id = $1`, customer)
	batch.Queue(`
		DELETE FROM users.attempt a USING users.account c
		WHERE c.customer_id = $1 AND a.email IN ($2 || c.email, $2 || 'forgot ' || c.email)`, customer, shopWaits)
	if err := tx.Send(ctx, &batch); err != nil {
		return fmt.Errorf("password of customer %s: %w", customer, err)
	}
	return nil
}
