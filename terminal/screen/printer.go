package screen

import "comptant/terminal/till"

// trouble is why the printer prints nothing, in words; "" when nothing is wrong.
func (w *Words) trouble(t till.PrinterTrouble) string {
	switch t {
	case "":
		return ""
	case till.PrinterOff:
		return w.T("printer.off")
	case till.PrinterPaper:
		return w.T("printer.paper")
	case till.PrinterCover:
		return w.T("printer.cover")
	}
	return w.T("printer.fault")
}

// printerNote is what somebody should know of the printer, in the chip's few words; "" when all is well.
func (w *Words) printerNote(s till.Status) string {
	switch {
	case s.Printer.Trouble != "":
		return w.T("printer.is", "Trouble", w.trouble(s.Printer.Trouble))
	case s.Missing > 0:
		return w.N("printer.missing", s.Missing)
	}
	return ""
}

// printer is its state for the panel.
func (a *App) printer(s till.Status) string {
	w := a.words
	text := w.trouble(s.Printer.Trouble)
	if text == "" {
		text = w.T("printer.ready")
		if s.Printer.PaperLow {
			text = w.T("printer.low")
		}
	}
	if s.Printer.Waiting > 0 {
		text += " · " + w.N("printer.waiting", s.Printer.Waiting, "Since", a.when(s.Printer.Since))
	}
	return text
}

// reprintMissing prints what could not be printed, as duplicates.
func (a *App) reprintMissing() {
	if err := a.Till.ReprintMissing(a.ctx); err != nil {
		a.fail(nil, err)
	}
}
