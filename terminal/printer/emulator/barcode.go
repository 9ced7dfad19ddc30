package emulator

import (
	"errors"
	"fmt"
)

// barcode reads n bytes of Code 128 as GS k has them: {A, {B or {C chooses a set, {{ is a brace, and set C has pairs of
// digits as numbers below 100.
func (m *machine) barcode(n int) error {
	data, err := m.take(n)
	if err != nil {
		return err
	}
	code, symbols, err := read128(data)
	if err != nil {
		return fmt.Errorf("barcode % x: %w", data, err)
	}
	if dots := m.module * (11*(symbols+2) + 13); dots > m.p.columns*12 {
		return fmt.Errorf("barcode %q is %d dots wide", code, dots)
	}
	return m.put(Item{Barcode: &Barcode{Code: code, Module: m.module, Height: m.height}, Align: m.align})
}

func read128(data []byte) (code string, symbols int, err error) {
	set := byte(0)
	for i := 0; i < len(data); i++ {
		b := data[i]
		if b == '{' {
			if i++; i == len(data) {
				return "", 0, errors.New("ends in a brace")
			}
			switch b = data[i]; {
			case (b == 'B' || b == 'C') && set == 0:
				set = b
				continue
			case (b == 'B' || b == 'C') && set != b:
				set = b
				symbols++
				continue
			case b == '{' && set == 'B':
			default:
				return "", 0, fmt.Errorf("{%c", b)
			}
		}
		switch {
		case set == 'B' && b >= 0x20 && b < 0x7f:
			code += string(rune(b))
		case set == 'C' && b < 100:
			code += fmt.Sprintf("%02d", b)
		default:
			return "", 0, fmt.Errorf("%02x is not in set %q", b, set)
		}
		symbols++
	}
	if code == "" {
		return "", 0, errors.New("empty")
	}
	return code, symbols, nil
}
