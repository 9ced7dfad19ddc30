package users

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"comptant/hq/db"
)

// Actor is who changes something at headquarters, and from where.
type Actor struct {
	// Staff is the person; uuid.Nil for who runs the hq command.
	Staff uuid.UUID
	Name  string
	// Origin is the address of the browser, or the user and the machine of the command.
	Origin string
}

// ChangeKind is what was done. The words are written to disk and never get another meaning.
type ChangeKind string

// The kinds of change.
const (
	DidAddStaff       ChangeKind = "staff.add"
	DidEditStaff      ChangeKind = "staff.edit"
	DidSetPassword    ChangeKind = "staff.password"
	DidSetPIN         ChangeKind = "staff.pin"
	DidSetBadge       ChangeKind = "staff.badge"
	DidBlock          ChangeKind = "staff.block"
	DidUnblock        ChangeKind = "staff.unblock"
	DidEndSessions    ChangeKind = "staff.sessions"
	DidSetRights      ChangeKind = "rights.set"
	DidEraseCustomer  ChangeKind = "customer.erase"
	DidForgetGuest    ChangeKind = "order.forget"
	DidAddProduct     ChangeKind = "product.add"
	DidEditProduct    ChangeKind = "product.edit"
	DidRetireProduct  ChangeKind = "product.retire"
	DidRestoreProduct ChangeKind = "product.restore"
	DidAddCategory    ChangeKind = "category.add"
	DidEditCategory   ChangeKind = "category.edit"
	DidRemoveCategory ChangeKind = "category.remove"
	DidAddCharge      ChangeKind = "charge.add"
	DidEditCharge     ChangeKind = "charge.edit"
	DidAddLocation    ChangeKind = "location.add"
	DidEditLocation   ChangeKind = "location.edit"
	DidPutPicture     ChangeKind = "picture.put"
	DidRemovePicture  ChangeKind = "picture.remove"
	DidPlanPrices     ChangeKind = "prices.plan"
	DidCancelPrices   ChangeKind = "prices.cancel"
	DidMakeCode       ChangeKind = "till.code"
	DidRevokeTill     ChangeKind = "till.revoke"
	DidLockTill       ChangeKind = "till.lock"
	DidUnlockTill     ChangeKind = "till.unlock"
	DidAskLog         ChangeKind = "till.log"
	DidMakeToken      ChangeKind = "token.make"
	DidRevokeToken    ChangeKind = "token.revoke"
	DidResolveFlag    ChangeKind = "flag.resolve"
	DidSetThresholds  ChangeKind = "stock.thresholds"
	DidAdjustStock    ChangeKind = "stock.adjust"
	DidRequestRestock ChangeKind = "restock.request"
	DidDecideRestock  ChangeKind = "restock.decide"
	DidShipRestock    ChangeKind = "restock.ship"
	DidSetAutomatic   ChangeKind = "restock.automatic"
	DidExpectGoods    ChangeKind = "purchase.expect"
	DidReceiveGoods   ChangeKind = "purchase.receive"
	DidCorrectGoods   ChangeKind = "purchase.correct"
	DidClosePurchase  ChangeKind = "purchase.close"
	DidCancelOrder    ChangeKind = "order.cancel"
	DidRetryOrder     ChangeKind = "order.retry"
	DidAcceptOrder    ChangeKind = "order.accept"
	DidLackOrder      ChangeKind = "order.short"
	DidShipOrder      ChangeKind = "order.ship"
	DidDeliverOrder   ChangeKind = "order.deliver"
	DidReturnOrder    ChangeKind = "order.return"
	DidRepayOrder     ChangeKind = "order.repay"
	DidSettleOrder    ChangeKind = "order.settle"
	DidImport         ChangeKind = "import"
	DidTakeJournal    ChangeKind = "journal.take"
	DidExportJournal  ChangeKind = "journal.export"
	DidByProgram      ChangeKind = "program" // by the API: the title is the operation
)

// Change is what became of one thing. Before and After are written as JSON; nil is what was not there, or is not any more.
// They hold no PIN, password or token, nor what is made of one.
type Change struct {
	Kind ChangeKind
	// Subject is the id of what was changed, and Title what people call it.
	Subject, Title string
	Before, After  any
}

// Record writes a change down, by the last statements of the transaction that makes it.
func Record(_ context.Context, tx *db.Tx, by Actor, at time.Time, c Change) error {
	before, err := asJSON(c.Before)
	if err != nil {
		return fmt.Errorf("record %s: %w", c.Kind, err)
	}
	after, err := asJSON(c.After)
	if err != nil {
		return fmt.Errorf("record %s: %w", c.Kind, err)
	}
	tx.BeforeCommit("changes", record{by, at, c, before, after}, writeRecords)
	return nil
}

// record is a change to be written down.
type record struct {
	by            Actor
	at            time.Time
	change        Change
	before, after []byte
}

// writeRecords writes the changes of a transaction down.
func writeRecords(_ context.Context, tx *db.Tx, all []any) error {
	n := len(all)
	at, staff, actors, origins := make([]time.Time, n), make([]*uuid.UUID, n), make([]string, n), make([]string, n)
	kinds, subjects, titles := make([]string, n), make([]string, n), make([]string, n)
	before, after := make([][]byte, n), make([][]byte, n)
	for i, one := range all {
		r := one.(record)
		if r.by.Staff != uuid.Nil {
			staff[i] = &r.by.Staff
		}
		at[i], actors[i], origins[i] = r.at, r.by.Name, r.by.Origin
		kinds[i], subjects[i], titles[i] = string(r.change.Kind), r.change.Subject, r.change.Title
		before[i], after[i] = r.before, r.after
	}
	tx.Later("record changes", `
		INSERT INTO users.audit (at, staff_id, actor, origin, kind, subject, title, before, after)
		SELECT * FROM unnest($1::timestamptz[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::jsonb[], $9::jsonb[])`,
		at, staff, actors, origins, kinds, subjects, titles, before, after)
	return nil
}

// asJSON is nil for nothing, which becomes NULL.
func asJSON(value any) ([]byte, error) {
	if value == nil {
		return nil, nil
	}
	return json.Marshal(value)
}

// Recorded is a change as it was written down.
type Recorded struct {
	ID            int64
	At            time.Time
	Staff         *uuid.UUID // nil: the hq command
	Actor, Origin string
	Kind          ChangeKind
	Subject       string
	Title         string
	Before, After json.RawMessage // nil when there is none
}

// AuditFilter chooses changes; a zero field chooses all.
type AuditFilter struct {
	Staff    uuid.UUID
	Commands bool // those of the hq command
	Kind     ChangeKind
	From, To time.Time // To is not included
	// Before is the id of the last one seen.
	Before int64
	Limit  int
}

// Audit gives what was changed, the newest first.
func Audit(ctx context.Context, q Querier, f AuditFilter) ([]Recorded, error) {
	where, args := "true", pgx.NamedArgs{"limit": f.Limit}
	if f.Staff != uuid.Nil {
		where, args["staff"] = where+" AND staff_id = @staff", f.Staff
	}
	if f.Commands {
		where += " AND staff_id IS NULL"
	}
	if f.Kind != "" {
		where, args["kind"] = where+" AND kind = @kind", f.Kind
	}
	if !f.From.IsZero() {
		where, args["from"] = where+" AND at >= @from", f.From
	}
	if !f.To.IsZero() {
		where, args["to"] = where+" AND at < @to", f.To
	}
	if f.Before != 0 {
		where, args["before"] = where+" AND id < @before", f.Before
	}
	rows, err := q.Query(ctx, `
		SELECT id, at, staff_id, actor, origin, kind, subject, title, before, after FROM users.audit
		WHERE `+where+` ORDER BY id DESC LIMIT @limit`, args)
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Recorded])
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	return found, nil
}

// AuditKinds are the kinds of change there are.
func AuditKinds(ctx context.Context, q Querier) ([]ChangeKind, error) {
	rows, err := q.Query(ctx, `SELECT DISTINCT kind FROM users.audit ORDER BY kind`)
	if err != nil {
		return nil, fmt.Errorf("read the audit log: %w", err)
	}
	return pgx.CollectRows(rows, pgx.RowTo[ChangeKind])
}
