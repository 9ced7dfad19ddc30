package barcode

import "strings"

// Kind is the symbology a code was written for, as far as its digits tell.
type Kind int

// The kinds of codes. InStore is any code whose meaning ends at the shop's door: GS1 prefix 2 (02 and 20 to 29 in 13
// digits), whether or not it carries a weight or a price.
const (
	Unknown Kind = iota
	EAN8
	EAN13
	UPCA
	UPCE
	GTIN14
	InStore
)

func (k Kind) String() string {
	return [...]string{"unknown", "EAN-8", "EAN-13", "UPC-A", "UPC-E", "GTIN-14", "in-store"}[k]
}

// KindOf tells what kind of code this is, Unknown when Normalize would refuse it. A 13-digit code with a leading 0 is a
// UPC-A.
func KindOf(code string) Kind {
	gtin, ok := Normalize(code)
	switch {
	case !ok:
		return Unknown
	case len(code) == 8 && len(gtin) == 8 && gtin[0] == '2', len(gtin) == 13 && inStore(gtin):
		return InStore
	case len(code) == 8 && isUPCE(code):
		return UPCE
	case len(gtin) == 8:
		return EAN8
	case len(gtin) == 14:
		return GTIN14
	case gtin[0] == '0':
		return UPCA
	}
	return EAN13
}

// inStore tells whether a 13-digit code is restricted to one company: prefixes 020 to 029 and 200 to 299.
func inStore(gtin string) bool {
	return gtin[0] == '2' || strings.HasPrefix(gtin, "02")
}

// CheckDigit returns the digit ('0' to '9') that completes the given ones: weights 3 and 1 alternate from the right. It
// returns 0 when digits holds anything else.
func CheckDigit(digits string) byte {
	if !isDigits(digits) {
		return 0
	}
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			d *= 3
		}
		sum += d
	}
	return '0' + byte((10-sum%10)%10)
}

// Valid tells whether code is a GTIN written in full: 8, 12, 13 or 14 digits, the last of which checks the others. A UPC-E
// is not written in full: its check digit is that of the UPC-A it stands for.
func Valid(code string) bool {
	switch len(code) {
	case 8, 12, 13, 14:
		last := len(code) - 1
		return isDigits(code) && CheckDigit(code[:last]) == code[last]
	}
	return false
}

// Normalize returns the one form in which a product is stored and looked up, and false when the check digit is wrong or
// the code is none of the known ones:
//
//   - UPC-A (12 digits) becomes EAN-13 with a leading 0;
//   - UPC-E (8 digits from 0, with its check digit) becomes the UPC-A it stands for, then EAN-13;
//   - EAN-8 stays 8 digits, also when a scanner sent it with zeros in front;
//   - GTIN-14 loses a leading 0 and else (a case of a product) stays 14 digits.
//
// An 8-digit code from 0 can be right both as UPC-E and as an EAN-8 private to a company. UPC-E wins: those are on the
// shelves of every shop, and some scanners expand them on their own. The private code is still found, because it is
// stored by the same rule.
func Normalize(code string) (gtin string, ok bool) {
	if len(code) == 8 && isUPCE(code) {
		code, _ = ExpandUPCE(code)
	} else if !Valid(code) {
		return "", false
	} else if len(code) == 8 {
		return code, true
	}
	gtin = strings.Repeat("0", 14-len(code)) + code
	switch {
	case strings.HasPrefix(gtin, "000000") && gtin[6] != '0':
		return gtin[6:], true
	case gtin[0] == '0':
		return gtin[1:], true
	}
	return gtin, true
}

// ExpandUPCE returns the UPC-A that an 8-digit UPC-E (0, six digits, check digit) abbreviates. The last of the six says
// where the zeros were taken out. It is false when the check digit is not that of the UPC-A.
func ExpandUPCE(code string) (upca string, ok bool) {
	if len(code) != 8 || code[0] != '0' || !isDigits(code) {
		return "", false
	}
	d := code[1:7]
	switch d[5] {
	case '0', '1', '2':
		upca = "0" + d[:2] + d[5:] + "0000" + d[2:5]
	case '3':
		upca = "0" + d[:3] + "00000" + d[3:5]
	case '4':
		upca = "0" + d[:4] + "00000" + d[4:5]
	default:
		upca = "0" + d[:5] + "0000" + d[5:]
	}
	if upca += code[7:]; !Valid(upca) {
		return "", false
	}
	return upca, true
}

func isUPCE(code string) bool {
	_, ok := ExpandUPCE(code)
	return ok
}

// Display parts the digits as they are printed under the bars: "4 006381 333931", "9638 5074", and "4 00100 20431 3" for a
// UPC-A with or without its leading 0. What is not a code of 8, 12, 13 or 14 digits comes back as it is; the check digit
// is not looked at.
func Display(code string) string {
	if !isDigits(code) {
		return code
	}
	switch len(code) {
	case 8:
		return code[:4] + " " + code[4:]
	case 12:
		return code[:1] + " " + code[1:6] + " " + code[6:11] + " " + code[11:]
	case 13:
		if code[0] == '0' {
			return Display(code[1:])
		}
		return code[:1] + " " + code[1:7] + " " + code[7:]
	case 14:
		return code[:1] + " " + code[1:3] + " " + code[3:8] + " " + code[8:13] + " " + code[13:]
	}
	return code
}

// Make returns a valid EAN-13 from a prefix of at most 12 digits and the n-th number under it, for data that is invented.
// It returns "" when the prefix is not digits or n does not fit in what the prefix leaves. Codes under 20 to 29 can never
// be mistaken for a manufacturer's.
func Make(prefix string, n int) string {
	number, ok := pad(int64(n), 12-len(prefix))
	if !ok || !isDigits(prefix) {
		return ""
	}
	body := prefix + number
	return body + string(CheckDigit(body))
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
