package importer

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/pgtest"
	"comptant/hq/users"
	"comptant/shared/retail"
)

// settled is an upload once the work on it is done.
func settled(t *testing.T, d *Desk, id uuid.UUID) Upload {
	t.Helper()
	d.work.Wait()
	u, err := d.Upload(t.Context(), id)
	require.NoError(t, err)
	return u
}

func TestWhatWasPreviewedIsComparedOnceMore(t *testing.T) {
	db := pgtest.New(t)
	at := now
	d := NewDesk(db, slog.New(slog.DiscardHandler), func() time.Time { return at })
	defer d.Close()
	emma := users.Actor{Name: "Emma", Origin: "192.0.2.1"}
	recorded := func() int64 {
		return count(t, db, `SELECT count(*) FROM users.audit WHERE actor = 'Emma' AND title = 'p.csv'`)
	}
	take := func(text string) uuid.UUID {
		id, err := d.Take(t.Context(), Products, "p.csv", strings.NewReader(text), uuid.New())
		require.NoError(t, err)
		return id
	}
	refused := func(id uuid.UUID, key string) {
		t.Helper()
		var known *retail.Error
		require.ErrorAs(t, d.Confirm(t.Context(), id, emma), &known)
		require.Equal(t, key, known.Key)
	}
	id := take("sku,name,price,barcode\nA,Tea,2,4006381333931\nB,Coffee,3,\n")
	u := settled(t, d, id)
	require.Equal(t, Checked, u.State)
	require.Equal(t, 2, u.Plan.New)
	require.Zero(t, count(t, db, `SELECT count(*) FROM catalog.product`))

	// Somebody else takes the barcode before it is confirmed.
	apply(t, db, Products, "sku,name,price,barcode\nZ,Cocoa,2,4006381333931\n")
	require.NoError(t, d.Confirm(t.Context(), id, emma))
	u = settled(t, d, id)
	require.Equal(t, Checked, u.State)
	require.Equal(t, []string{`line 2: barcode 4006381333931 is that of the product with SKU Z`}, reasons(u.Plan.Bad))
	require.EqualValues(t, 1, count(t, db, `SELECT count(*) FROM catalog.product`), "nothing of it")
	require.Zero(t, recorded())
	refused(id, "import.not_ready")

	id = take("sku,name,price\nA,Tea,2\n")
	settled(t, d, id)
	// Headquarters stops in the middle: nothing is heard of the work any more, and it may be asked for again.
	_, err := db.Exec(t.Context(), `UPDATE importer.upload SET state = 'importing', beat_at = now() WHERE id = $1`, id)
	require.NoError(t, err)
	refused(id, "import.not_ready")
	_, err = db.Exec(t.Context(), `UPDATE importer.upload SET beat_at = now() - interval '1 hour' WHERE id = $1`, id)
	require.NoError(t, err)
	require.Equal(t, Failed, settled(t, d, id).State)
	require.NoError(t, d.Confirm(t.Context(), id, emma))
	require.Equal(t, Imported, settled(t, d, id).State)
	require.EqualValues(t, 2, count(t, db, `SELECT count(*) FROM catalog.product`))
	require.EqualValues(t, 1, recorded())
	require.Zero(t, count(t, db, `SELECT length(bytes) FROM importer.upload WHERE id = $1`, id), "it is not kept longer than it is needed")
	refused(id, "import.not_ready")

	id = take("sku,name\n")
	require.Equal(t, Unreadable, settled(t, d, id).State)
	id = take("sku,name,price\nC,Soup,2\n")
	settled(t, d, id)
	at = at.Add(25 * time.Hour)
	refused(id, "import.not_ready")
	_, err = d.Upload(t.Context(), id)
	require.Error(t, err)
	take("sku,name,price\nC,Soup,2\n")
	require.EqualValues(t, 1, count(t, db, `SELECT count(*) FROM importer.upload`), "older ones are forgotten")
}
