// Command blank is a window with nothing in it, which says when it is there and runs until it is interrupted: what a till's
// memory is measured against.
package main

import (
	"fmt"
	"os"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/widget"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "blank: name the file to write once the window is there")
		os.Exit(2)
	}
	a := app.NewWithID("comptant.blank")
	w := a.NewWindow("blank")
	w.SetContent(widget.NewLabel(""))
	w.Resize(fyne.NewSize(1024, 768))
	a.Lifecycle().SetOnStarted(func() {
		if err := os.WriteFile(os.Args[1], []byte("ready\n"), 0o644); err != nil {
			fmt.Fprintln(os.Stderr, "blank:", err)
			os.Exit(1)
		}
	})
	w.ShowAndRun()
}
