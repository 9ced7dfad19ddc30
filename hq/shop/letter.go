package shop

import (
	"fmt"
	"strings"

	"comptant/hq/order"
	"comptant/shared/money"
	"comptant/shared/retail"
)

// words of letters, in French and English.
type words struct{ fr, en string }

func (w words) in(lang string) string {
	if lang == "en" {
		return w.en
	}
	return w.fr
}

// letters say how an order stands; subject and first sentence. %s is the order's code.
var letters = map[retail.OrderState]struct{ subject, text words }{
	retail.OrderConfirmed: {
		words{"Commande %s confirmée", "Order %s confirmed"},
		words{"Nous avons reçu votre commande %s et la préparons.", "We have your order %s and are preparing it."},
	},
	retail.OrderReady: {
		words{"Commande %s prête à ramasser", "Order %s is ready to collect"},
		words{"Votre commande %s vous attend au magasin. Apportez ce numéro.", "Your order %s is waiting for you at the store. Bring this number."},
	},
	retail.OrderShipped: {
		words{"Commande %s expédiée", "Order %s is on its way"},
		words{"Votre commande %s est en route.", "Your order %s is on its way."},
	},
	retail.OrderCancelled: {
		words{"Commande %s annulée", "Order %s cancelled"},
		words{"Votre commande %s est annulée.", "Your order %s is cancelled."},
	},
}

// reasons say why an order was cancelled, by the key of its failure.
var reasons = map[string]words{
	order.FailedPayment:       {"Le paiement a été refusé.", "The payment was declined."},
	order.FailedStock:         {"Un article n’est plus disponible.", "An item is no longer available."},
	order.FailedNobody:        {"Personne n’a pu la préparer.", "Nobody could prepare it."},
	order.FailedUnpaid:        {"La banque n’a pas répondu à temps.", "The bank did not answer in time."},
	order.FailedCapture:       {"Le paiement n’a pas pu être encaissé.", "The payment could not be taken."},
	order.FailedCollected:     {"Elle n’a pas été ramassée à temps.", "It was not collected in time."},
	order.CancelledByCustomer: {"Vous l’avez demandé.", "You asked for it."},
	order.CancelledByStaff:    {"Le magasin l’a annulée.", "The store cancelled it."},
}

// Letter is what a customer is written about their order, in their language, with the address of its page. Both are empty in a state
// of which nobody is written.
func Letter(o order.Order, url string) (subject, text string) {
	letter, ok := letters[o.State]
	if !ok {
		return "", ""
	}
	var b strings.Builder
	say := func(w words, args ...any) { fmt.Fprintf(&b, w.in(o.Lang)+"\n", args...) }
	if o.Name != "" {
		say(words{"Bonjour %s,\n", "Hello %s,\n"}, o.Name)
	}
	say(letter.text, o.Code)
	if o.State == retail.OrderCancelled {
		sayWhy(o, say)
	} else {
		b.WriteString("\n")
		for _, l := range o.Lines {
			fmt.Fprintf(&b, "%s × %s  %s\n", l.Quantity.Format(o.Lang), l.Name, amount(o, l.Amount))
		}
		say(words{"Total, taxes comprises : %s", "Total with taxes: %s"}, amount(o, o.Total))
	}
	if o.State == retail.OrderShipped && o.Address != "" {
		say(words{"\nAdresse :\n%s", "\nAddress:\n%s"}, o.Address)
	}
	say(words{"\nVotre commande : %s", "\nYour order: %s"}, url)
	return fmt.Sprintf(letter.subject.in(o.Lang), o.Code), b.String()
}

// sayWhy says why it was cancelled, and what became of the money.
func sayWhy(o order.Order, say func(words, ...any)) {
	if why, ok := reasons[o.Failure]; ok {
		say(why)
	}
	if o.Captured == nil {
		say(words{"Rien n’a été débité.", "Nothing was charged."})
	} else {
		say(words{"%s vous sont remboursés sur votre carte.", "%s is refunded to your card."}, amount(o, o.Total))
	}
}

func amount(o order.Order, a money.Amount) string {
	c, _ := retail.CurrencyOf(o.Currency)
	return a.FormatIn(o.Lang, c.Symbol)
}
