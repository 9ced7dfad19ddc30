package web_test

import (
	"net/http"
	"regexp"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"comptant/hq/stock"
	"comptant/hq/web"
	"comptant/shared/money"
	"comptant/shared/retail"
)

func (w *world) onHand(c chain) (money.Quantity, money.Amount) {
	rows, err := stock.Matrix(w.t.Context(), w.db, []uuid.UUID{c.syrup.ID})
	require.NoError(w.t, err)
	at := rows[0].At[c.depot.ID]
	return at.OnHand, at.UnitCost
}

var hiddenID = regexp.MustCompile(`name="id" value="([^"]+)"`)

// A clerk writes down what came, without JavaScript: adds codes, is told what is wrong and loses nothing, receives once, and takes back.
func TestGoodsAreReceivedAndTakenBack(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	v := w.as(retail.RoleWarehouse)
	_, page, _ := v.get("/purchases")
	require.Contains(t, page, "Aucun achat")
	_, page, _ = v.get("/purchases/new")
	id := hiddenID.FindStringSubmatch(page)[1]
	form := []string{"id", id, "warehouse", c.depot.ID.String(), "supplier", "Érablière Roy", "reference", "BL-881"}

	status, page, _ := v.post("/purchases", append(form, "do", "add", "codes", "204310;20;6,00\r\n204310\r\n2*310412\r\nXYZ;3")...)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, "ne nomment aucun produit")
	require.Contains(t, page, ">XYZ;3</textarea>", "what is wrong stays")
	require.Contains(t, page, `value="21"`, "the same code again adds one")
	require.Contains(t, page, "Savon à mains")
	require.Contains(t, page, `value="2,49"`, "the catalogue's cost is proposed")
	require.Contains(t, page, `value="Érablière Roy"`)

	syrup, soap := c.syrup.ID.String(), c.soap.ID.String()
	lines := []string{"line", syrup, "quantity-" + syrup, "21", "cost-" + syrup, "6,00", "line", soap, "quantity-" + soap, "2", "cost-" + soap, "beaucoup"}
	_, page, _ = v.post("/purchases", append(append(form, "do", "receive"), lines...)...)
	require.Contains(t, page, "Ce n’est pas un coût")
	require.Contains(t, page, `value="beaucoup"`)
	onHand, _ := w.onHand(c)
	require.Equal(t, 640*money.One, onHand)
	_, page, _ = v.post("/purchases", append([]string{"id", id, "warehouse", c.depot.ID.String(), "do", "receive"}, lines...)...)
	require.Contains(t, page, "Dites quel fournisseur")

	lines[len(lines)-1] = "2,49"
	var location string
	for range 2 { // pressed twice
		status, _, location = v.post("/purchases", append(append(form, "do", "receive"), lines...)...)
		require.Equal(t, http.StatusSeeOther, status)
	}
	onHand, cost := w.onHand(c)
	require.Equal(t, 661*money.One, onHand)
	require.EqualValues(t, 575, cost, "640 at 5.74 and 21 at 6.00")
	_, page, _ = v.get(location)
	for _, shown := range []string{"ACH-0001", "REC-0001", "BL-881", "Érablière Roy", "130,98"} {
		require.Contains(t, page, shown)
	}
	correct := regexp.MustCompile(`action="([^"]+/correct)"`).FindStringSubmatch(page)[1]
	back := hiddenID.FindAllStringSubmatch(page, -1)
	status, _, _ = v.post(correct, "id", back[len(back)-1][1], "quantity-"+syrup, "21", "quantity-"+soap, "0", "note", "compté deux fois")
	require.Equal(t, http.StatusSeeOther, status)
	onHand, cost = w.onHand(c)
	require.Equal(t, 640*money.One, onHand)
	require.EqualValues(t, 574, cost)
	_, page, _ = v.get(location)
	require.Contains(t, page, "reprend REC-0001")
	require.Contains(t, page, "compté deux fois")
	_, page, _ = v.get("/stock?product=" + syrup + "&at=" + c.depot.ID.String())
	require.Contains(t, page, "REC-0002")
}

func TestAnnouncedGoodsComeInParts(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	v := w.as(retail.RoleManager)
	syrup := c.syrup.ID.String()
	_, _, location := v.post("/purchases", "id", uuid.NewString(), "warehouse", c.depot.ID.String(), "supplier", "Roy", "do", "expect", "codes", "204310\t40\t6,00")
	_, page, _ := v.get(location)
	require.Contains(t, page, "attendu")
	require.Contains(t, page, `value="40"`, "all of it is proposed")
	_, page, _ = v.get(location + "?count=1")
	require.NotContains(t, page, `name="quantity-`+syrup+`" value="40"`)
	_, page, _ = v.post(location+"/receive", "id", uuid.NewString(), "do", "add", "line", syrup, "left-"+syrup, "40", "quantity-"+syrup, "", "cost-"+syrup, "6,00", "codes", "12*204310")
	require.Contains(t, page, `value="12"`)
	v.post(location+"/receive", "id", uuid.NewString(), "do", "receive", "line", syrup, "quantity-"+syrup, "12", "cost-"+syrup, "6,00")
	_, page, _ = v.get(location)
	require.Contains(t, page, "reçu en partie")
	_, page, _ = v.get("/purchases?only=open")
	require.Contains(t, page, "ACH-0001")
	v.post(location + "/close")
	v.get("/purchases") // which says that it is closed
	_, page, _ = v.get("/purchases?only=open")
	require.NotContains(t, page, "ACH-0001")
}

// A scanner types as fast as it likes into the field, and Enter is only the end of a line.
func TestScanningInTheBrowser(t *testing.T) {
	w := newWorld(t)
	c := w.open()
	ctx := openBrowser(t)
	w.browse(ctx, "warehouse@comptant.example", password)
	require.NoError(t, chromedp.Do(ctx, chromedp.Navigate(w.server.URL+"/purchases/new?supplier=Roy"), chromedp.WaitVisible("#field-codes"),
		chromedp.SendKeys("#field-codes", "204310\r204310\r310412\r"), chromedp.Click(".goods-file .button"), chromedp.WaitVisible(".goods li:nth-child(2)"),
		chromedp.Click(".actions .main"), chromedp.WaitVisible(".flash.ok")))
	onHand, _ := w.onHand(c)
	require.Equal(t, 642*money.One, onHand)
}

func TestCodesAreReadAsPeopleWriteThem(t *testing.T) {
	for text, want := range map[string][3]string{
		"204310": {"204310", "1", ""}, " 12*204310 ": {"204310", "12", ""}, "A-1;2;3,50": {"A-1", "2", "3,50"}, "A-1\t2\t3,50 $": {"A-1", "2", "3,50 $"},
		`"A-1","2","3.50"`: {"A-1", "2", "3.50"}, "A-1;0,5": {"A-1", "0,5", ""}, "A*B": {"A*B", "1", ""},
	} {
		require.Equal(t, want, web.ReadCode(text), text)
	}
}
