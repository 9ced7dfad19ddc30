package retail

import (
	"regexp"
	"strconv"
	"strings"
)

// Printed is what stands on a receipt: STORE-TILL-EPOCH-NUMBER, taken apart.
type Printed struct {
	Store  string `cbor:"1,keyasint"`
	Till   int    `cbor:"2,keyasint"`
	Epoch  uint64 `cbor:"3,keyasint"`
	Number uint64 `cbor:"4,keyasint"`
}

// Code is the number as it is printed.
func (p Printed) Code() string { return ReceiptCode(p.Store, p.Till, p.Epoch, p.Number) }

// storeCode is the short form of a store.
var storeCode = regexp.MustCompile(`^[A-Z0-9]{2,4}$`)

// ParseReceiptCode reads the number of a receipt as a scanner or a person gives it; ok is false for anything else.
func ParseReceiptCode(text string) (p Printed, ok bool) {
	parts := strings.Split(strings.ToUpper(strings.TrimSpace(text)), "-")
	if len(parts) != 4 || !storeCode.MatchString(parts[0]) {
		return Printed{}, false
	}
	p.Store = parts[0]
	numbers := [3]uint64{}
	for i, s := range parts[1:] {
		n, err := strconv.ParseUint(s, 10, 31)
		if err != nil || n == 0 {
			return Printed{}, false
		}
		numbers[i] = n
	}
	p.Till, p.Epoch, p.Number = int(numbers[0]), numbers[1], numbers[2]
	return p, true
}
