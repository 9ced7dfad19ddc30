package escpos

import (
	"bytes"
	"fmt"
)

// Barcode prints a Code 128 with bars of two dots, in the middle. The error says that it cannot be: then nothing is
// printed of it.
func (w *Writer) Barcode(code string) error {
	data, symbols, err := code128(code)
	if err != nil {
		return err
	}
	if width := moduleDots * modules(symbols); width > w.dots {
		return fmt.Errorf("barcode %q: %d dots wide, the paper has %d", code, width, w.dots)
	}
	w.Align(Centre)
	w.write(gs, 'H', 0) // the number is printed already
	w.write(gs, 'w', moduleDots)
	w.write(gs, 'h', barcodeDots)
	w.write(gs, 'k', 73, byte(len(data)))
	w.out.Write(data)
	w.Align(Left)
	return nil
}

const (
	moduleDots  = 2
	barcodeDots = 80
)

// modules is the width of a Code 128: start, symbols, check of 11 modules each, and the stop of 13.
func modules(symbols int) int { return 11*(symbols+2) + 13 }

// code128 writes code in the form GS k wants: set B, and the digits at its end in pairs (set C), which takes half the
// room. It also counts the symbols on paper.
func code128(code string) (data []byte, symbols int, err error) {
	digits := 0
	for i := range len(code) {
		switch c := code[i]; {
		case c < 0x20 || c > 0x7e || c == '{':
			return nil, 0, fmt.Errorf("barcode %q: no such character", code)
		case c >= '0' && c <= '9':
			digits++
		default:
			digits = 0
		}
	}
	digits -= digits % 2
	if digits < 4 {
		digits = 0
	}
	data = append([]byte("{B"), code[:len(code)-digits]...)
	symbols = len(code) - digits
	if digits > 0 {
		pairs := []byte("{C")
		for i := len(code) - digits; i < len(code); i += 2 {
			pairs = append(pairs, (code[i]-'0')*10+code[i+1]-'0')
		}
		if whole := append(bytes.Clone(data), pairs...); !realTime(whole) {
			return fits(code, whole, symbols+1+digits/2)
		}
	}
	return fits(code, append([]byte("{B"), code...), len(code))
}

func fits(code string, data []byte, symbols int) ([]byte, int, error) {
	if code == "" || len(data) > 255 {
		return nil, 0, fmt.Errorf("barcode %q: %d bytes", code, len(data))
	}
	return data, symbols, nil
}

// realTime says that a printer would find a command in the data.
func realTime(data []byte) bool {
	for i := range len(data) - 1 {
		if data[i] == dle && (data[i+1] == 0x04 || data[i+1] == 0x05 || data[i+1] == 0x14) {
			return true
		}
	}
	return false
}
