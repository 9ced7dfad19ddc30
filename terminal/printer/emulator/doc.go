// Package emulator is a receipt printer without paper, for tests: it reads what a printer reads, over TCP or a device
// file, keeps what came out as text and pictures, and fails at whatever a printer might not understand.
//
// It shares no line with what writes ESC/POS, so that the two are checked against each other. What it does as printers do:
//
//   - Questions of status (DLE EOT) and the drawer's pulse (DLE DC4) are found anywhere in what arrives, pictures
//     included, and obeyed at once.
//   - Everything else waits in a buffer of 4 kB; when that is full, nothing more is taken.
//   - Without paper it stops where it is, and goes on there when it has paper again. Without power it forgets all but
//     the paper.
package emulator
