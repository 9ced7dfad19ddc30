package till

import "comptant/shared/retail"

// The keys of every error a person at the till can see. The screen's language files have one wording for each.
const (
	KeySignInNeeded  = "signin.needed"
	KeySignInUnknown = "signin.unknown"
	KeySignInWrong   = "signin.wrong"
	KeySignInWait    = "signin.wait" // seconds, until
	KeySignInBadge   = "signin.badge"
	KeySignInLocked  = "signin.locked" // reason

	KeyApproval     = "approval.needed" // need
	KeyApprovalRole = "approval.role"   // name
	KeyReason       = "approval.reason"

	KeyDate      = "date.confirm" // date
	KeyDateWrong = "date.wrong"

	KeyNoShift       = "shift.none"
	KeyShiftOpen     = "shift.open"
	KeyShiftTicket   = "shift.ticket"
	KeyShiftCounting = "shift.counting"
	KeyShiftCount    = "shift.count"
	KeyShiftChanged  = "shift.changed"
	KeyCashAmount    = "cash.amount"
	KeyCashNote      = "cash.note"

	KeyQuantity  = "sell.quantity" // most
	KeyWhole     = "sell.whole"    // name
	KeyWeight    = "sell.weight"   // name
	KeyFrozen    = "sell.frozen"
	KeyNoLine    = "sell.no_line"
	KeyEmpty     = "sell.empty"
	KeyTooLong   = "sell.too_long" // most
	KeyNoProduct = "sell.no_product"
	KeyDiscount  = "sell.discount"  // most
	KeyPrice     = "sell.price"     // most
	KeyAskPrice  = "sell.ask_price" // name, product, quantity

	KeyHold       = "hold.failed"
	KeyHoldEmpty  = "hold.empty"
	KeyRecallOpen = "hold.open"
	KeyRecallNone = "hold.none"

	KeyVoidLast = "void.last"
	KeyVoidGone = "void.gone"
	KeyVoidNone = "void.none"
	// KeyVoidOrder: what was paid online cannot be given back the way it came.
	KeyVoidOrder = "void.order"

	KeyReceiptLike = "receipt.like"

	KeyCustomer   = "customer.failed"
	KeyNoCustomer = "customer.none"

	KeyTrainingTicket = "training.ticket"
	KeyTrainingOnly   = "training.only"

	KeyPayNone  = "pay.none"
	KeyPayTaken = "pay.taken" // amount

	KeyNoReceipt       = "receipt.none" // number
	KeyReceiptUnknown  = "receipt.unknown"
	KeyRefundReason    = "refund.reason"
	KeyRefundHold      = "refund.hold"
	KeyRefundDoubt     = "refund.doubt"
	KeyRefundNoReceipt = "refund.no_receipt"
	KeyRefundOffline   = "refund.offline"
	KeyRefundRefused   = "refund.refused"
	KeyRefundSpent     = "refund.spent"
	KeyRefundChanged   = "refund.changed"

	KeyRestockEmpty = "restock.empty"
	KeyMadeHere     = "restock.made_here" // name

	KeyNoStore   = "send.none"
	KeySent      = "send.done"
	KeySendEmpty = "send.empty"

	KeyCountNone  = "shelf.none"
	KeyCountOpen  = "shelf.open"  // name
	KeyCountMoved = "shelf.moved" // name
	KeyCountEmpty = "shelf.empty"

	// Why the journal took nothing: the till cannot sell until that is mended.
	KeyJournal  = "journal.commit"
	KeyDamaged  = "journal.damaged"
	KeyDiskFull = "journal.disk_full"
	KeySentinel = "journal.sentinel"
	// KeyNoRoom keeps what has not begun from beginning while the disk is full.
	KeyNoRoom = "journal.no_room"

	KeySetting        = "settings.value" // name
	KeySettingPrinter = "settings.printer"
	KeySettingDisk    = "settings.disk"

	KeyNoOrder       = "order.none"
	KeyOrderRights   = "order.rights"
	KeyOrderState    = "order.state" // code
	KeyOrderDone     = "order.done"  // code, receipt
	KeyOrderMissing  = "order.missing"
	KeyOrderOther    = "order.other"     // name
	KeyOrderEnough   = "order.enough"    // name
	KeyOrderUnpicked = "order.unpicked"  // quantity
	KeyOrderNotReady = "order.not_ready" // code
	KeyOrderTicket   = "order.ticket"

	KeyNoShipment = "receive.none"
	KeyReceived   = "receive.done"  // code
	KeyNothing    = "receive.empty" // code
)

// Keys is the list of keys, of this package and of the rules it uses.
var Keys = []string{
	KeySignInNeeded, KeySignInUnknown, KeySignInWrong, KeySignInWait, KeySignInBadge, KeySignInLocked, KeyApproval, KeyApprovalRole, KeyReason, KeyDate, KeyDateWrong,
	KeyNoShift, KeyShiftOpen, KeyShiftTicket, KeyShiftCounting, KeyShiftCount, KeyShiftChanged, KeyCashAmount, KeyCashNote,
	KeyQuantity, KeyWhole, KeyWeight, KeyFrozen, KeyNoLine, KeyEmpty, KeyTooLong, KeyNoProduct, KeyDiscount, KeyPrice, KeyAskPrice,
	KeyHold, KeyHoldEmpty, KeyRecallOpen, KeyRecallNone,
	KeyVoidLast, KeyVoidGone, KeyVoidNone, KeyVoidOrder, KeyReceiptLike,
	KeyTrainingTicket, KeyTrainingOnly,
	KeyCustomer, KeyNoCustomer, retail.KeyCustomerName, retail.KeyCustomerPhone, retail.KeyCustomerEmail,
	KeyPayNone, KeyPayTaken,
	retail.KeyPayDone, retail.KeyPayAmount, retail.KeyPayCoins, retail.KeyPayMoreThanLeft,

	retail.KeyRefundQuantity, retail.KeyRefundEmpty,
	KeyNoReceipt, KeyReceiptUnknown, KeyRefundReason, KeyRefundHold, KeyRefundDoubt, KeyRefundNoReceipt, KeyRefundOffline, KeyRefundRefused, KeyRefundSpent, KeyRefundChanged,
	KeyRestockEmpty, KeyMadeHere,
	KeyNoStore, KeySent, KeySendEmpty,
	KeyCountNone, KeyCountOpen, KeyCountMoved, KeyCountEmpty,
	KeyJournal, KeyDamaged, KeyDiskFull, KeySentinel, KeyNoRoom,
	KeySetting, KeySettingPrinter, KeySettingDisk,
	KeyNoOrder, KeyOrderRights, KeyOrderState, KeyOrderDone, KeyOrderMissing, KeyOrderOther, KeyOrderEnough, KeyOrderUnpicked, KeyOrderNotReady, KeyOrderTicket,
	KeyNoShipment, KeyReceived, KeyNothing,
}

func fail(code retail.Code, key string, args ...any) *retail.Error {
	e := &retail.Error{Code: code, Key: key}
	for i := 0; i+1 < len(args); i += 2 {
		if e.Args == nil {
			e.Args = map[string]any{}
		}
		e.Args[args[i].(string)] = args[i+1]
	}
	return e
}
