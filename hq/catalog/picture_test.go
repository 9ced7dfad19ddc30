package catalog_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/hq/db"
)

// A product has one picture at most; another takes its place under another name, and no till hears of any.
func TestPicturesOfProducts(t *testing.T) {
	d := open(t)
	syrup, soap := product(1, "Sirop"), product(2, "Savon")
	put(t, d, syrup, soap)
	before := head(t, d)
	draw := func(m []byte) catalog.Drawing {
		drawn, err := catalog.Draw(m)
		require.NoError(t, err)
		return drawn
	}
	first, second := draw(pngOf(t, quarters(20, 20, red))), draw(pngOf(t, quarters(20, 20, blue)))
	require.NotEqual(t, first.Name, second.Name)
	tx := func(fn func(tx *db.Tx) error) error { return d.InTx(ctx, fn) }
	give := func(p catalog.Product, drawn catalog.Drawing) error {
		return tx(func(tx *db.Tx) error { return catalog.PutPicture(ctx, tx, p.ID, drawn) })
	}
	remove := func() error {
		return tx(func(tx *db.Tx) error { return catalog.RemovePicture(ctx, tx, syrup.ID) })
	}
	picture := func(id uuid.UUID) catalog.Picture {
		p, err := catalog.Get(ctx, d, id)
		require.NoError(t, err)
		return p.Picture
	}
	shown := func(drawn catalog.Drawing) bool {
		content, err := catalog.ReadPicture(ctx, d, drawn.Name, catalog.SmallPicture)
		if err == nil {
			require.NotEmpty(t, content)
			return true
		}
		refused(t, err, "picture.none")
		return false
	}
	refused(t, remove(), "picture.none")
	require.Empty(t, picture(syrup.ID))
	require.NoError(t, give(syrup, first))
	require.NoError(t, give(syrup, first))
	require.Equal(t, first.Name, picture(syrup.ID))
	require.Empty(t, picture(soap.ID))
	require.NoError(t, give(syrup, second))
	require.Equal(t, second.Name, picture(syrup.ID))
	require.False(t, shown(first), "nobody has it any more")
	require.True(t, shown(second))
	_, err := catalog.ReadPicture(ctx, d, second.Name, "huge")
	refused(t, err, "picture.none")
	refused(t, give(product(9, "Nobody"), first), "product.unknown")

	put(t, d, syrup, soap)
	require.Equal(t, second.Name, picture(syrup.ID), "writing a product leaves its picture alone")
	require.Equal(t, before, head(t, d), "tills are told nothing")

	require.NoError(t, tx(func(tx *db.Tx) error { return catalog.Retire(ctx, tx, monday, syrup.ID) }))
	require.Empty(t, picture(syrup.ID))
	require.False(t, shown(second), "a retired product is shown to nobody")
	refused(t, give(syrup, first), "picture.retired")
	require.NoError(t, give(soap, second))
	require.True(t, shown(second), "the same picture of a product that is sold")
	put(t, d, syrup)
	require.Equal(t, second.Name, picture(syrup.ID), "it is sold again")

	require.NoError(t, remove())
	require.Empty(t, picture(syrup.ID))
	refused(t, remove(), "picture.none")
}
