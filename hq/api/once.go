package api

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
	"comptant/shared/retail"
)

// keptFor is how long an answer is given again.
const keptFor = 24 * time.Hour

// Once makes a request that is sent again answer again, and make nothing more.
type Once struct {
	Key string `header:"Idempotency-Key" json:"-" minLength:"1" maxLength:"200" doc:"Your own name for this request. Sent again within 24 hours it is answered as it was; with another request under the same name the answer is 422"`
}

func (o Once) key() string { return o.Key }

// Made is something new, or what was done.
type Made[T any] struct {
	Location string `header:"Location" doc:"Where it is"`
	Body     T
}

// once does something in a transaction, and keeps the answer in it: a request with the same key within a day gets that answer
// and does nothing. What fails is not kept.
func once[I interface{ key() string }, T any](
	ctx context.Context, s *site, in I, do func(tx *db.Tx) (*Made[T], error),
) (made *Made[T], err error) {
	deed := func(tx *db.Tx) (*Made[T], error) {
		made, err := do(tx)
		if err == nil {
			err = s.record(ctx, tx, in)
		}
		return made, err
	}
	err = s.DB.InTx(ctx, func(tx *db.Tx) error {
		if in.key() == "" {
			made, err = deed(tx)
			return err
		}
		asked, err := json.Marshal(in)
		if err != nil {
			return err
		}
		request := sha256.Sum256(append([]byte(operationOf(ctx)+"\n"), asked...))
		made, err = answer(ctx, s, tx, in.key(), request, deed)
		return err
	})
	return made, err
}

// answer gives the one that is kept, or keeps that of do.
func answer[T any](
	ctx context.Context, s *site, tx *db.Tx, key string, request [32]byte, do func(tx *db.Tx) (*Made[T], error),
) (*Made[T], error) {
	now, token := s.Now(), tokenOf(ctx).ID
	if _, err := tx.Exec(ctx, `
		DELETE FROM api.answer WHERE (token_id, key) IN (
			SELECT token_id, key FROM api.answer WHERE at <= $1 LIMIT 100 FOR UPDATE SKIP LOCKED)`, now.Add(-keptFor)); err != nil {
		return nil, fmt.Errorf("forget old answers: %w", err)
	}
	// Another request with the key, which is still being answered, is waited for here.
	added, err := tx.Exec(ctx, `
		INSERT INTO api.answer (token_id, key, request, answer, at) VALUES ($1, $2, $3, '', $4) ON CONFLICT DO NOTHING`,
		token, key, request[:], now)
	if err != nil {
		return nil, fmt.Errorf("keep an answer: %w", err)
	}
	if added.RowsAffected() == 0 {
		return kept[T](ctx, tx, key, request)
	}
	made, err := do(tx)
	if err != nil {
		return nil, err
	}
	plain, err := json.Marshal(made)
	if err != nil {
		return nil, fmt.Errorf("keep an answer: %w", err)
	}
	seal, err := sealOf(ctx)
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, `UPDATE api.answer SET answer = $3 WHERE token_id = $1 AND key = $2`, token, key, seal.Seal(nil, nil, plain, nil))
	if err != nil {
		return nil, fmt.Errorf("keep an answer: %w", err)
	}
	return made, nil
}

// kept is the answer that was given before.
func kept[T any](ctx context.Context, tx *db.Tx, key string, request [32]byte) (*Made[T], error) {
	var was, sealed []byte
	err := tx.QueryRow(ctx, `SELECT request, answer FROM api.answer WHERE token_id = $1 AND key = $2`, tokenOf(ctx).ID, key).Scan(&was, &sealed)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, &retail.Error{Code: retail.Conflict, Key: "once.gone"} // a day old, and forgotten just now
	}
	if err != nil {
		return nil, fmt.Errorf("read an answer: %w", err)
	}
	if [32]byte(was) != request {
		return nil, invalid("once.other")
	}
	seal, err := sealOf(ctx)
	if err != nil {
		return nil, err
	}
	plain, err := seal.Open(nil, nil, sealed, nil)
	if err != nil {
		return nil, fmt.Errorf("read an answer: %w", err)
	}
	made := new(Made[T])
	return made, json.Unmarshal(plain, made)
}

// sealOf closes answers so that only the token, which the database has not, opens them.
func sealOf(ctx context.Context) (cipher.AEAD, error) {
	plain, _ := ctx.Value(secretKey{}).(string)
	key := sha256.Sum256([]byte("answer " + plain))
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
