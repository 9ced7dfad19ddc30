package users

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"comptant/hq/db"
	"comptant/hq/feed"
	"comptant/shared/retail"
)

// Querier is what reading needs: the pool or a transaction.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Staff is a person who works here. Its JSON is what the audit log keeps.
type Staff struct {
	ID   uuid.UUID `json:"-"`
	Name string    `json:"name"`
	// Email signs in at headquarters; empty for who only works at tills.
	Email string      `json:"email,omitempty"`
	Role  retail.Role `json:"role"`
	Lang  string      `json:"lang"` // "fr" or "en"
	// Stores are where the PIN works, and what the person sees at headquarters; see Sees.
	Stores []uuid.UUID `json:"stores"`
	// HasPassword, HasPIN, HasBadge and SignedInAt are told by reading and not written.
	HasPassword bool       `json:"has_password"`
	HasPIN      bool       `json:"has_pin"`
	DisabledAt  *time.Time `json:"disabled_at,omitempty"`
	HasBadge    bool       `json:"has_badge"`
	// SignedInAt is when they last signed in at headquarters.
	SignedInAt *time.Time `json:"-"`
}

// Roles are all there are, those with the most to do first.
var Roles = []retail.Role{
	retail.RoleAdministrator, retail.RoleManager, retail.RoleSupervisor, retail.RoleEmployee, retail.RoleCashier, retail.RoleWarehouse,
}

var langs = []string{"fr", "en"}

// uniqueViolation is Postgres' code for what somebody else has already.
const uniqueViolation = "23505"

// Put writes a person by id, with all their stores, and tells the tills. A zero password or PIN leaves the one they have.
// A new password ends their sessions. An e-mail address that somebody else has is refused, and so is to leave nobody who administers.
func Put(ctx context.Context, tx *db.Tx, s Staff, password Password, pin PIN) error {
	if err := s.normalize(); err != nil {
		return err
	}
	if s.Role != retail.RoleAdministrator || s.DisabledAt != nil || s.Email == "" {
		if err := keepAdministrator(ctx, tx, s.ID); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO users.staff AS s (id, name, email, role, lang, password, pin, disabled_at)
		VALUES ($1, $2, NULLIF($3, ''), $4, $5, NULLIF($6, ''), NULLIF($7, ''), $8)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, email = excluded.email, role = excluded.role, lang = excluded.lang,
			password = coalesce(excluded.password, s.password), pin = coalesce(excluded.pin, s.pin), disabled_at = excluded.disabled_at`,
		s.ID, s.Name, s.Email, s.Role, s.Lang, password.phc, pin.phc, s.DisabledAt)
	var said *pgconn.PgError
	if errors.As(err, &said) && said.Code == uniqueViolation {
		return &retail.Error{Code: retail.Conflict, Key: "staff.email_taken", Args: map[string]any{"email": s.Email}, Err: err}
	}
	if err != nil {
		return fmt.Errorf("write staff %s: %w", s.ID, err)
	}
	left, err := setStores(ctx, tx, s)
	if err != nil {
		return fmt.Errorf("write stores of staff %s: %w", s.ID, err)
	}
	for _, store := range left {
		feed.Remove(ctx, tx, feed.Store(store), retail.RowStaff, s.ID)
	}
	if s.DisabledAt != nil || password != (Password{}) {
		if err := RevokeAll(ctx, tx, s.ID, ""); err != nil {
			return err
		}
	}
	return publish(ctx, tx, s.ID)
}

// SetPassword gives a person a new password for headquarters and ends their sessions but the one of the token keep, if any.
// Links to set another are worth nothing any more.
func SetPassword(ctx context.Context, tx *db.Tx, id uuid.UUID, password Password, keep string) error {
	done, err := tx.Exec(ctx, `UPDATE users.staff SET password = $2 WHERE id = $1`, id, password.phc)
	if err != nil {
		return fmt.Errorf("password of staff %s: %w", id, err)
	}
	if done.RowsAffected() == 0 {
		return unknown(id)
	}
	if _, err := tx.Exec(ctx, `DELETE FROM users.reset WHERE staff_id = $1`, id); err != nil {
		return fmt.Errorf("password of staff %s: %w", id, err)
	}
	return RevokeAll(ctx, tx, id, keep)
}

// SetPIN gives a person a new PIN, and tells the tills of their stores.
func SetPIN(ctx context.Context, tx *db.Tx, id uuid.UUID, pin PIN) error {
	done, err := tx.Exec(ctx, `UPDATE users.staff SET pin = $2 WHERE id = $1`, id, pin.phc)
	if err != nil {
		return fmt.Errorf("PIN of staff %s: %w", id, err)
	}
	if done.RowsAffected() == 0 {
		return unknown(id)
	}
	return publish(ctx, tx, id)
}

// ResetPINs takes the PIN of everybody who works at a store away, wherever else they work, and tells the tills: they sign in at none
// until they are given another. It gives their names.
func ResetPINs(ctx context.Context, tx *db.Tx, store uuid.UUID) ([]string, error) {
	rows, err := tx.Query(ctx, `
		UPDATE users.staff SET pin = NULL WHERE id IN (
			SELECT id FROM users.staff WHERE pin IS NOT NULL AND id IN (SELECT staff_id FROM users.staff_store WHERE store_id = $1)
			ORDER BY id FOR UPDATE
		) RETURNING id, name`, store)
	if err != nil {
		return nil, fmt.Errorf("reset the PINs of store %s: %w", store, err)
	}
	type person struct {
		ID   uuid.UUID
		Name string
	}
	people, err := pgx.CollectRows(rows, pgx.RowToStructByPos[person])
	if err != nil {
		return nil, fmt.Errorf("reset the PINs of store %s: %w", store, err)
	}
	names := make([]string, len(people))
	for i, p := range people {
		names[i] = p.Name
		if err := publish(ctx, tx, p.ID); err != nil {
			return nil, err
		}
	}
	slices.Sort(names)
	return names, nil
}

// SetBadge gives a person a badge, or takes it away (the zero Badge), and tells the tills. One that somebody else has is refused.
func SetBadge(ctx context.Context, tx *db.Tx, id uuid.UUID, badge Badge) error {
	done, err := tx.Exec(ctx, `UPDATE users.staff SET badge = $2 WHERE id = $1`, id, badge.hash)
	if said, ok := errors.AsType[*pgconn.PgError](err); ok && said.Code == uniqueViolation {
		return &retail.Error{Code: retail.Conflict, Key: "staff.badge_taken", Err: err}
	}
	if err != nil {
		return fmt.Errorf("badge of staff %s: %w", id, err)
	}
	if done.RowsAffected() == 0 {
		return unknown(id)
	}
	return publish(ctx, tx, id)
}

// Disable keeps a person out of headquarters and of every till from now on.
func Disable(ctx context.Context, tx *db.Tx, id uuid.UUID, at time.Time) error {
	return setDisabled(ctx, tx, id, &at)
}

// Enable takes Disable back.
func Enable(ctx context.Context, tx *db.Tx, id uuid.UUID) error { return setDisabled(ctx, tx, id, nil) }

func setDisabled(ctx context.Context, tx *db.Tx, id uuid.UUID, at *time.Time) error {
	if at != nil {
		if err := keepAdministrator(ctx, tx, id); err != nil {
			return err
		}
	}
	done, err := tx.Exec(ctx, `UPDATE users.staff SET disabled_at = $2 WHERE id = $1`, id, at)
	if err != nil {
		return fmt.Errorf("disable staff %s: %w", id, err)
	}
	if done.RowsAffected() == 0 {
		return unknown(id)
	}
	if at != nil {
		if err := RevokeAll(ctx, tx, id, ""); err != nil {
			return err
		}
	}
	return publish(ctx, tx, id)
}

// keepAdministrator refuses to take away the last administrator who can sign in. It locks them all, so that two do not take away
// each other.
func keepAdministrator(ctx context.Context, tx *db.Tx, leaves uuid.UUID) error {
	rows, err := tx.Query(ctx, `
		SELECT id FROM users.staff
		WHERE role = 'administrator' AND disabled_at IS NULL AND password IS NOT NULL AND email IS NOT NULL ORDER BY id FOR UPDATE`)
	if err != nil {
		return fmt.Errorf("read administrators: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return fmt.Errorf("read administrators: %w", err)
	}
	if len(found) == 1 && found[0] == leaves {
		return &retail.Error{Code: retail.Conflict, Key: "staff.last_administrator"}
	}
	return nil
}

// Sees tells whether headquarters shows a person what happens at a store. It shows every store to an administrator, and to who
// has none of their own.
func (s Staff) Sees(store uuid.UUID) bool { return s.Everywhere() || slices.Contains(s.Stores, store) }

// Everywhere tells whether headquarters shows a person every store.
func (s Staff) Everywhere() bool { return s.Role == retail.RoleAdministrator || len(s.Stores) == 0 }

func (s *Staff) normalize() error {
	s.Name, s.Email = strings.TrimSpace(s.Name), canonical(s.Email)
	wrong := func(key, value string) error {
		return &retail.Error{Code: retail.Invalid, Key: key, Args: map[string]any{"value": value}}
	}
	switch {
	case s.ID == uuid.Nil:
		return errors.New("write staff: no id")
	case s.Name == "":
		return wrong("staff.name", "")
	case !slices.Contains(Roles, s.Role):
		return wrong("staff.role", string(s.Role))
	case !slices.Contains(langs, s.Lang):
		return wrong("staff.lang", s.Lang)
	}
	if s.Email != "" {
		if parsed, err := mail.ParseAddress(s.Email); err != nil || parsed.Address != s.Email {
			return wrong("staff.email", s.Email)
		}
	}
	return nil
}

// canonical is the one way in which an address is stored and looked up.
func canonical(email string) string { return strings.ToLower(strings.TrimSpace(email)) }

// setStores gives the stores the person no longer belongs to.
func setStores(ctx context.Context, tx *db.Tx, s Staff) (left []uuid.UUID, err error) {
	stores := s.Stores
	if stores == nil {
		stores = []uuid.UUID{} // and not NULL, to which nothing compares
	}
	rows, err := tx.Query(ctx, `
		DELETE FROM users.staff_store WHERE staff_id = $1 AND store_id <> ALL($2) RETURNING store_id`, s.ID, stores)
	if err != nil {
		return nil, err
	}
	if left, err = pgx.CollectRows(rows, pgx.RowTo[uuid.UUID]); err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO users.staff_store (store_id, staff_id) SELECT unnest($2::uuid[]), $1 ON CONFLICT DO NOTHING`, s.ID, stores)
	return left, err
}

// publish tells the tills of the person's stores.
func publish(ctx context.Context, tx *db.Tx, id uuid.UUID) error {
	s, err := Get(ctx, tx, id)
	if err != nil {
		return err
	}
	var pin string
	var badge []byte
	if err := tx.QueryRow(ctx, `SELECT coalesce(pin, ''), badge FROM users.staff WHERE id = $1`, id).Scan(&pin, &badge); err != nil {
		return fmt.Errorf("publish staff %s: %w", id, err)
	}
	row := feed.Row{Type: retail.RowStaff, ID: id}
	if pin != "" && s.DisabledAt == nil && s.Role != retail.RoleWarehouse {
		row, err = feed.NewRow(retail.RowStaff, id, retail.Staff{ID: id, Name: s.Name, Role: s.Role, PIN: pin, Lang: s.Lang, Badge: badge})
		if err != nil {
			return err
		}
	}
	for _, store := range s.Stores {
		feed.Publish(ctx, tx, feed.Store(store), row)
	}
	return nil
}

// Get gives one person.
func Get(ctx context.Context, q Querier, id uuid.UUID) (Staff, error) {
	found, err := list(ctx, q, "s.id = $1", id)
	if err != nil {
		return Staff{}, fmt.Errorf("read staff %s: %w", id, err)
	}
	if len(found) == 0 {
		return Staff{}, unknown(id)
	}
	return found[0], nil
}

// Lock gives one person whom nobody else may change until the transaction ends.
func Lock(ctx context.Context, tx *db.Tx, id uuid.UUID) (Staff, error) {
	if _, err := tx.Exec(ctx, `SELECT FROM users.staff WHERE id = $1 FOR UPDATE`, id); err != nil {
		return Staff{}, fmt.Errorf("lock staff %s: %w", id, err)
	}
	return Get(ctx, tx, id)
}

// List gives everybody by name, the disabled too.
func List(ctx context.Context, q Querier) ([]Staff, error) {
	found, err := list(ctx, q, "true")
	if err != nil {
		return nil, fmt.Errorf("list staff: %w", err)
	}
	return found, nil
}

// Names gives the names of people, and of the tokens of programs; one that does not exist is left out.
func Names(ctx context.Context, q Querier, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	rows, err := q.Query(ctx, `
		SELECT id, name FROM users.staff WHERE id = ANY($1) UNION ALL SELECT id, name FROM users.token WHERE id = ANY($1)`, ids)
	if err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	names := make(map[uuid.UUID]string, len(ids))
	var id uuid.UUID
	var name string
	if _, err := pgx.ForEachRow(rows, []any{&id, &name}, func() error { names[id] = name; return nil }); err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	return names, nil
}

func list(ctx context.Context, q Querier, where string, args ...any) ([]Staff, error) {
	rows, err := q.Query(ctx, `
		SELECT s.id, s.name, coalesce(s.email, ''), s.role, s.lang,
			ARRAY(SELECT store_id FROM users.staff_store WHERE staff_id = s.id ORDER BY store_id),
			s.password IS NOT NULL, s.pin IS NOT NULL, s.disabled_at, s.badge IS NOT NULL, s.signed_in_at
		FROM users.staff s WHERE `+where+` ORDER BY s.name, s.id`, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Staff])
}

func unknown(id uuid.UUID) error {
	return &retail.Error{Code: retail.NotFound, Key: "staff.unknown", Args: map[string]any{"id": id}}
}

// Knows tells whether somebody works at a store, or bought there.
func Knows(ctx context.Context, tx *db.Tx, store uuid.UUID) (known bool, err error) {
	err = tx.QueryRow(ctx, `
		SELECT EXISTS (SELECT FROM users.staff_store WHERE store_id = $1) OR EXISTS (SELECT FROM users.customer_store WHERE store_id = $1)`, store).
		Scan(&known)
	if err != nil {
		return false, fmt.Errorf("look for people of %s: %w", store, err)
	}
	return known, nil
}
