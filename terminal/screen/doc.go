// Package screen is what a cashier sees and touches: the kit (theme, buttons, rows, keypad, dialogs) and one file per
// screen built from it.
//
// Invariants:
//   - One focusable, Stage, stands around everything and receives every key in every screen; no other widget of the
//     package takes the focus. Fields are drawn, and fed by Stage.
//   - What a scanner sends is never text in a field, an amount, a PIN or a quantity; what a person types is never a scan.
//   - Fixed things stay where they are: rail, status chip, clock, feedback row, total and Pay have one place in Shell,
//     whatever the language or the width of the window.
//   - Colours, sizes and words come from here only. Light, dark, French and English change without a restart.
//   - Names are cut when they are too long, amounts never.
//
// Everything runs on Fyne's goroutine; Stage brings its timers back to it.
package screen
