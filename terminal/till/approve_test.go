package till_test

import (
	"testing"
	"time"

	"comptant/shared/journal"
	"comptant/shared/retail"
	"comptant/terminal/till"

	"github.com/stretchr/testify/require"
)

var drawer = retail.Need{Deed: retail.DeedDrawer}

func TestADeedThatNeedsMoreIsDoneWithBothNames(t *testing.T) {
	w := signedIn(t)
	before := len(w.journal.Drafts)
	err := w.OpenDrawer(t.Context(), "change", till.Approval{})
	refused(t, till.KeyApproval, err)
	need, ok := till.NeedOf(err)
	require.True(t, ok)
	require.Equal(t, drawer, need)
	require.Len(t, w.journal.Drafts, before, "nothing was opened")

	who, err := w.Approvers(t.Context(), need)
	require.NoError(t, err)
	require.Len(t, who, 1)
	require.Equal(t, sophie, who[0].ID)
	_, err = w.Approve(t.Context(), need, alice, "1234", "change")
	refused(t, till.KeyApprovalRole, err)
	_, err = w.Approve(t.Context(), need, sophie, "777777", "")
	refused(t, till.KeyReason, err)

	require.NoError(t, w.OpenDrawer(t.Context(), "", w.approval(need)))
	last := w.journal.Drafts[before]
	require.Equal(t, journal.KindDrawerOpen, last.Kind)
	require.Equal(t, alice, last.User)
	require.Equal(t, retail.DrawerOpen{BusinessDate: 20261122, Reason: "mistake", Approver: sophie}, last.Body)
	u, _ := w.User()
	require.Equal(t, alice, u.ID, "the cashier is still who works here")
}

func TestASupervisorNeedsNobody(t *testing.T) {
	w := newWorld(t)
	require.NoError(t, w.SignIn(t.Context(), sophie, "777777"))
	refused(t, till.KeyNoShift, w.OpenDrawer(t.Context(), "change", till.Approval{}))
	require.NoError(t, w.OpenShift(t.Context(), 20000))
	refused(t, till.KeyReason, w.OpenDrawer(t.Context(), "", till.Approval{}))
	require.NoError(t, w.OpenDrawer(t.Context(), "change", till.Approval{}))
	require.Equal(t, retail.DrawerOpen{BusinessDate: 20261122, Reason: "change"}, w.journal.Drafts[2].Body)
}

func TestWrongPINsDelayAnApprovalAsASignIn(t *testing.T) {
	w := signedIn(t)
	for range 3 {
		_, err := w.Approve(t.Context(), drawer, sophie, "1111", "change")
		refused(t, till.KeySignInWrong, err)
	}
	_, err := w.Approve(t.Context(), drawer, sophie, "777777", "change")
	refused(t, till.KeySignInWait, err)
	refused(t, till.KeySignInWait, w.SignIn(t.Context(), sophie, "777777"))
	w.clock = w.clock.Add(6 * time.Second)
	_, err = w.Approve(t.Context(), drawer, sophie, "777777", "change")
	require.NoError(t, err)
	w.Lock()
	_, err = w.Approve(t.Context(), drawer, sophie, "777777", "change")
	refused(t, till.KeySignInNeeded, err)
}

func TestARefundAboveTheLimitNeedsAnApproval(t *testing.T) {
	w := signedIn(t)
	w.scan("9*" + syrup.SKU)
	_, err := w.TenderCash(t.Context(), w.pay().Turn, 20000)
	require.NoError(t, err)
	r, err := w.Refundable(t.Context(), 1, 1)
	require.NoError(t, err)
	all := []retail.RefundPart{{Of: 0, Quantity: 9000}}
	_, err = w.Refund(t.Context(), r, all, inCash, "defect", till.Approval{})
	refused(t, till.KeyApproval, err)
	need, _ := till.NeedOf(err)
	require.EqualValues(t, 9*1149, need.Amount)
	back, err := w.Refund(t.Context(), r, all, inCash, "defect", w.approval(need))
	require.NoError(t, err)
	require.Equal(t, sophie, back.Refund.Approver)
	require.Equal(t, "defect", back.Refund.Reason)
}

func TestHeadquartersDecidesWhoMayDoWhat(t *testing.T) {
	w := newWorld(t)
	w.goods.Rights = []retail.Rights{{Role: retail.RoleCashier, Alone: []retail.Deed{retail.DeedDrawer}, Discount: 50_000}}
	require.NoError(t, w.SignIn(t.Context(), alice, "1234"))
	require.NoError(t, w.OpenShift(t.Context(), 20000))
	require.NoError(t, w.OpenDrawer(t.Context(), "change", till.Approval{}))
	w.scan(syrup.SKU)
	refused(t, till.KeyApproval, w.Accuracy(t.Context(), 0, till.Approval{}))
	require.NoError(t, w.DiscountLine(t.Context(), 0, retail.Discount{Rate: 50_000, Reason: "damaged"}, till.Approval{}))
	refused(t, till.KeyApproval, w.DiscountLine(t.Context(), 0, retail.Discount{Rate: 51_000, Reason: "damaged"}, till.Approval{}))
}
