package printer

// words are the receipt's own words in one language. What is sold and the names of taxes come from the document.
type words struct {
	receipt, till, cashier, customer              string
	duplicate, training                           string
	discount, zeroRated, exempt                   string
	subtotal, included, registration, total       string
	online, order                                 string
	card, approval, cash, rounding, change, proof string
	thanks, again                                 string
	refund, void, of, ofOther, reason, totalBack  string
	ofNone                                        string
	// reasons are the wordings of the codes of why something is refunded.
	reasons map[string]string
}

var (
	french = words{
		receipt: "Reçu", till: "Caisse", cashier: "Servi par", customer: "Client", duplicate: "DUPLICATA", training: "FORMATION - NON VALABLE",
		discount: "Remise", zeroRated: "détaxé", exempt: "exonéré",
		subtotal: "Sous-total", included: "dont", registration: "No", total: "TOTAL",
		online: "Payé en ligne", order: "Commande en ligne",
		card: "Carte", approval: "aut.", cash: "Comptant", rounding: "Arrondi", change: "Monnaie rendue",
		proof: "Écriture", thanks: "Merci et à bientôt", again: "Imprimé de nouveau : ce qui précède est incomplet",
		refund: "REMBOURSEMENT", void: "VENTE ANNULÉE", of: "Du reçu", ofOther: "D’une autre caisse, reçu", reason: "Motif :",
		totalBack: "TOTAL RENDU", ofNone: "Sans reçu",
		reasons: map[string]string{"defect": "défectueux", "returned": "retour", "mistake": "erreur", "refused": "refus", "unpaid": "impayé"},
	}
	english = words{
		receipt: "Receipt", till: "Till", cashier: "Served by", customer: "Customer", duplicate: "DUPLICATE", training: "TRAINING - NOT VALID",
		discount: "Discount", zeroRated: "zero-rated", exempt: "exempt",
		subtotal: "Subtotal", included: "including", registration: "No.", total: "TOTAL",
		online: "Paid online", order: "Online order",
		card: "Card", approval: "appr.", cash: "Cash", rounding: "Rounding", change: "Change",
		proof: "Entry", thanks: "Thank you, see you soon", again: "Printed again: what came before is not complete",
		refund: "REFUND", void: "SALE VOIDED", of: "Of receipt", ofOther: "Of another till, receipt", reason: "Reason:",
		totalBack: "TOTAL REFUNDED", ofNone: "Without a receipt",
		reasons: map[string]string{"defect": "defective", "returned": "returned", "mistake": "mistake", "refused": "declined", "unpaid": "not paid"},
	}
)

func wordsIn(lang string) words {
	if lang == "en" {
		return english
	}
	return french
}
