package importer

import (
	"testing"

	"github.com/stretchr/testify/require"

	"comptant/hq/catalog"
	"comptant/shared/retail"
)

func TestHowAProductIsSoldAtTheTill(t *testing.T) {
	f := read(t, Products, "sku,nom,prix,prix ouvert,au poids,étiquette\n1,Jambon,21.99,non,oui,poids\n2,Carte-cadeau,0,oui,,\n3,Pain,4.00,,,prix contrôlé\n")
	require.Empty(t, f.Bad)
	p := make([]catalog.Product, 3)
	p[1].Label, p[1].Weighed = retail.LabelPrice, true
	for i, r := range f.products {
		r.change(&p[i])
	}
	require.Equal(t, []any{false, true, retail.LabelWeight}, []any{p[0].OpenPrice, p[0].Weighed, p[0].Label})
	require.Equal(t, []any{true, true, retail.LabelPrice}, []any{p[1].OpenPrice, p[1].Weighed, p[1].Label}, "what is empty stays")
	require.Equal(t, []any{false, false, retail.LabelChecked}, []any{p[2].OpenPrice, p[2].Weighed, p[2].Label})

	f = read(t, Products, "sku,nom,prix,openprice,label\n1,Jambon,21.99,maybe,\n2,Pain,4.00,,grams\n")
	require.Equal(t, []string{
		`line 2: open price: "maybe" is neither yes nor no`, `line 3: label: "grams" is none of weight, price, checked price, none`,
	}, reasons(f.Bad))
}
