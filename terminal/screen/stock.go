package screen

func newStock(a *App) page { return newJournal(a) }
