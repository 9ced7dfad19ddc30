package screen

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// The kit as pictures, to be looked at: SCREENS=/tmp/screens go test -run TestGallery ./screen

func TestGallery(t *testing.T) {
	for _, look := range []struct {
		name     string
		mode     Mode
		language Language
	}{{"light-fr", Light, French}, {"dark-en", Dark, English}} {
		t.Run(look.name, func(t *testing.T) {
			for name, build := range map[string]func(*Shell, Language) (left, right fyne.CanvasObject){
				"sell": gallerySell, "search": gallerySearch, "pay": galleryPay,
			} {
				w := show1024(t, look.mode, func() *Stage {
					shell := galleryShell(look.language)
					shell.Sides(build(shell, look.language))
					stage := NewStage(DefaultScanner, newHandClock())
					stage.Present(shell, nil)
					return stage
				})
				picture(t, w, "kit-"+name+"-"+look.name)
			}
			w := show1024(t, look.mode, func() *Stage { return galleryDialog(look.language) })
			picture(t, w, "kit-dialog-"+look.name)
		})
	}
}

// in picks the sentence of a language for these pictures; screens have theirs in the language files.
func in(l Language, french, english string) string {
	if l == French {
		return french
	}
	return english
}

func galleryShell(l Language) *Shell {
	rail := NewRail(NewWords(l), RailActions{Go: func(Place) {}})
	top := NewTopBar(l, TopActions{})
	top.SetPlace("Magasin Centre-Ville", in(l, "Caisse 1", "Till 1"))
	top.SetClock("14:32")
	top.SetCashier(in(l, "Alice", "Catherine"))
	if l == French {
		top.SetStatus(true, "En ligne", false)
	} else {
		top.SetStatus(false, "Offline since 10:42 · 37 waiting", true)
	}
	return NewShell(rail, top)
}

func galleryTicket(l Language) fyne.CanvasObject {
	lines := []TicketLine{
		{Quantity: "2", Name: in(l, "Café filtre, moyen", "Regular coffee, medium"), Detail: "1,99 $ l’unité", Amount: "3,98", Tax: "TPS TVQ"},
		{Quantity: "10", Name: "Timbits assortis", Detail: "0,25 $ l’unité", Amount: "2,50", Tax: "TPS TVQ"},
		{Quantity: "1", Name: "Muffin aux bleuets", Detail: "2,00 $ l’unité", Amount: "2,00", Tax: "TPS TVQ"},
		{Quantity: "1", Name: "Sirop d’érable ambré, grande bouteille de verre, 540 ml", Detail: "11,49 $ l’unité", Amount: "11 111,49", Tax: "détaxé"},
		{Quantity: "1", Name: "Pommes Cortland", Detail: "1,240 kg × 4,39 $/kg", Amount: "5,44", Tax: "détaxé"},
		{Quantity: "1", Name: "Carnet ligné A5", Detail: "8,99 $ · remise −10 %", Amount: "8,09", Tax: "TPS TVQ"},
		{Quantity: "−1", Name: "Savon à mains, lavande", Detail: "5,99 $ l’unité", Amount: "−5,99", Tax: "TPS TVQ", Selected: true},
	}
	rows := NewRows(func() int { return len(lines) }, NewTicketRow, func(i int, r *TicketRow) { r.Set(lines[i]) })
	feedback := NewFeedbackRow()
	if l == French {
		feedback.Added("Savon à mains, lavande", "7 lignes · 17 articles")
	} else {
		feedback.Refused("Unknown code 4 00100 99104 6 · not added")
	}
	minus := NewButton(ButtonSpec{Icon: IconMinus})
	plus := NewButton(ButtonSpec{Icon: IconPlus})
	remove := NewButton(ButtonSpec{Icon: IconDelete, Text: in(l, "Retirer", "Remove"), Key: in(l, "Suppr", "Del")})
	total := NewLabel(in(l, "42,87 $", "$42.87"), SizeTotal, Foreground, fyne.TextAlignTrailing).Bold()
	word := NewLabel("Total", SizeHeading, Foreground, fyne.TextAlignLeading).Bold()
	pay := NewButton(ButtonSpec{Text: in(l, "Payer", "Pay"), Key: "F9", Style: Filled, Size: 22, Height: HeightPay})
	return placed(fyne.NewSize(TicketWidth, 0), []fyne.CanvasObject{feedback, rows, minus, plus, remove, total, word, pay},
		func(size fyne.Size) {
			put(feedback, 0, 0, size.Width, feedbackHeight)
			put(rows, 0, 40, size.Width, 396)
			put(minus, 12, 445, 56, 56)
			put(plus, 156, 445, 56, 56)
			put(remove, 220, 445, 168, 56)
			put(word, 18, 580, 100, 40)
			put(total, 118, 572, 264, 56)
			put(pay, 12, 646, 376, 64)
		})
}

func gallerySell(_ *Shell, l Language) (fyne.CanvasObject, fyne.CanvasObject) {
	names := []string{
		"Café filtre, moyen", "Café filtre, grand", "Thé vert, moyen", "Chocolat chaud", "Timbits assortis",
		"Beigne érable", "Bagel sésame", "Muffin aux bleuets", "Croissant au beurre", "Sandwich jambon-gruyère",
	}
	groups := []string{"Boissons", "Boulangerie", "Épicerie", "Maison", "Papeterie"}
	search := NewSearchField(in(l, "Scanner ou chercher : nom, code, SKU", "Scan or search: name, code, SKU"), "F2", nil)
	tiles := NewTiles(func() int { return 40 }, func(i int, tile *Tile) {
		tile.Set(names[i%len(names)], groups[i%len(groups)], fmt.Sprintf("%d,99", i+1), nil)
	})
	var categories []fyne.CanvasObject
	for i, c := range []string{"Favoris", "Boissons", "Boulangerie", "Épicerie", "Maison"} {
		style := Quiet
		if i == 0 {
			style = Filled
		}
		categories = append(categories, NewButton(ButtonSpec{Text: c, Style: style, Size: 14, Height: HeightInRow}))
	}
	bar := NewGrid(5, gap, categories...)
	var keys []fyne.CanvasObject
	for i, k := range []string{
		in(l, "Client", "Customer"), in(l, "Attente", "Hold"), in(l, "Rappel", "Recall"),
		in(l, "Prix", "Price"), in(l, "Tiroir", "No sale"), in(l, "Remise", "Discount"),
	} {
		keys = append(keys, NewButton(ButtonSpec{Text: k, Size: 14, Key: fmt.Sprintf("F%d", i+3), Under: true}))
	}
	foot := NewGrid(6, gap, keys...)
	left := placed(fyne.NewSize(512, 0), []fyne.CanvasObject{search, bar, tiles, foot}, func(size fyne.Size) {
		put(search, 0, 0, size.Width, HeightMain)
		put(bar, 0, 64, size.Width, 48)
		tiles.Put(0, 120, size.Width, size.Height-120-HeightMain-gap)
		put(foot, 0, size.Height-HeightMain, size.Width, HeightMain)
	})
	return left, galleryTicket(l)
}

func gallerySearch(_ *Shell, l Language) (fyne.CanvasObject, fyne.CanvasObject) {
	search := NewSearchField("", "F2", nil)
	search.SetText("cof érab")
	search.Note(in(l, "8 sur 41", "8 of 41"))
	found := []Result{
		{Name: "Coffee, regular, medium", Stock: "made here", Price: "$1.99", Selected: true, Group: "a"},
		{Name: "Coffee beans, medium roast from the mountains of Peru, 454 g", Stock: "23 here", Price: "$13.99", Group: "b"},
		{Name: "Coffee beans, decaf, 454 g", Stock: "3 left", Mark: MarkLow, Price: "$14.99", Group: "c"},
		{Name: "Ground coffee, dark, 300 g", Stock: "41 here", Price: "$9.99", Group: "d"},
		{Name: "Beurre d’Érable, 310 g", Stock: "surstock", Mark: MarkOver, Price: "$1,003.29", Group: "e"},
		{Name: "Coffee filters no. 4, 100 pack", Stock: "0 left", Mark: MarkLow, Price: "$4.49", Group: "f"},
		{Name: "Coffee mug, stoneware, blue", Stock: "−1", Mark: MarkNegative, Price: "$12.99", Group: "g"},
		{Name: "Reçu", Stock: "reçu", Mark: MarkOK, Price: "$12.99", Group: "h"},
		{Name: "Expédié", Stock: "il y a 2 h 14", Mark: MarkStale, Price: "$12.99", Group: "i"},
	}
	rows := NewRows(func() int { return len(found) }, NewResultRow, func(i int, r *ResultRow) {
		f := found[i]
		f.Found, f.Code = search.Text(), "204118 · 4 00100 20411 5"
		r.Set(f)
	})
	left := placed(fyne.NewSize(512, 0), []fyne.CanvasObject{search, rows}, func(size fyne.Size) {
		put(search, 0, 0, size.Width, HeightMain)
		put(rows, 0, 64, size.Width, size.Height-64)
	})
	return left, galleryTicket(l)
}

func galleryPay(shell *Shell, l Language) (fyne.CanvasObject, fyne.CanvasObject) {
	shell.Rail.At(PlaceJournal)
	back := NewButton(ButtonSpec{Icon: IconBack, Text: in(l, "Retour à la vente", "Back to the sale"), Key: in(l, "Échap", "Esc"), Height: 48})
	title := NewLabel(in(l, "Paiement", "Payment"), SizeHeading, Foreground, fyne.TextAlignLeading).Bold()
	quick := NewGrid(5, gap,
		NewButton(ButtonSpec{Text: "22,85", Sub: "exact", Size: SizeHeading, Strong: true, Height: HeightPay}),
		NewButton(ButtonSpec{Text: "23,00", Sub: "au dollar", Size: SizeHeading, Strong: true, Height: HeightPay}),
		NewButton(ButtonSpec{Text: "25,00", Sub: "aux 5 $", Size: SizeHeading, Strong: true, Height: HeightPay, Off: true}),
		NewButton(ButtonSpec{Text: "30,00", Sub: "aux 10 $", Size: SizeHeading, Strong: true, Height: HeightPay, Style: Danger}),
		NewButton(ButtonSpec{Text: "40,00", Sub: "aux 20 $", Size: SizeHeading, Strong: true, Height: HeightPay, Style: Chosen}))
	spec := KeypadSpec{Height: 64}
	spec.Left = NewButton(ButtonSpec{Text: "00", Size: SizeKey, Strong: true})
	spec.Right = NewBackspace(spec, Outlined)
	pad := NewKeypad(spec)
	cash := NewNumberBox(in(l, "Comptant", "Cash"), 28, 64, nil)
	cash.Set("40,00", true)
	change := NewNumberBox(in(l, "À rendre", "Change"), 28, 64, nil)
	change.Set("17,15", false)
	take := NewButton(ButtonSpec{Text: in(l, "Encaisser 40,00 $", "Take $40.00"), Key: in(l, "Entrée", "Enter"), Under: true, Style: Filled, Size: 20})
	dots := NewPINDots(6)
	dots.Set(3, 4)
	tags := container.NewHBox(NewTag(MarkLow, "3"), NewTag(MarkOver, "surstock"), NewTag(MarkNegative, "−2"),
		NewTag(MarkOK, "reçu"), NewTag(MarkMoving, "expédié"), NewTag(MarkStale, "il y a 2 h"), NewAvatar("Emma", 44))
	left := placed(fyne.NewSize(512, 0), []fyne.CanvasObject{title, back, tags, dots, quick, pad, cash, change, take}, func(size fyne.Size) {
		put(title, 0, 0, 200, 48)
		put(back, size.Width-235, 0, 235, 48)
		put(tags, 0, 120, size.Width, 44)
		put(dots, 0, 220, size.Width, 20)
		put(quick, 0, 314, size.Width, 64)
		put(pad, 0, 416, 280, 280)
		put(cash, 292, 416, 220, 64)
		put(change, 292, 488, 220, 64)
		put(take, 292, 560, 220, 136)
	})
	return left, galleryTicket(l)
}

func galleryDialog(l Language) *Stage {
	shell := galleryShell(l)
	shell.Sides(gallerySell(shell, l))
	stage := NewStage(DefaultScanner, newHandClock())
	stage.Present(shell, nil)
	d := NewDialog(DialogSpec{
		Icon: IconWarning, Colour: Warn,
		Title:  in(l, "Annuler la vente ?", "Void the sale?"),
		Text:   in(l, "Les 7 lignes du ticket disparaissent. L’annulation est inscrite au journal avec votre nom.", "The 7 lines of the ticket will be gone. The void goes into the journal with your name."),
		Cancel: in(l, "Garder la vente", "Keep the sale"), KeyEsc: in(l, "Échap", "Esc"),
		Accept: in(l, "Annuler", "Void"), Danger: true, Done: func(bool) {},
	})
	stage.Open(d, d)
	return stage
}
