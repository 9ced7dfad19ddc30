package retail

import (
	"strings"
	"unicode"

	"github.com/google/uuid"
)

// The keys of what a customer refuses.
const (
	KeyCustomerName  = "customer.name"
	KeyCustomerPhone = "customer.phone"
	KeyCustomerEmail = "customer.email"
)

// What fits, in characters.
const (
	longestCustomer = 60
	longestPhone    = 25
	longestEmail    = 120
)

// Customer is a person who buys here. It is personal data: it travels beside the journal, whose entries hold the id alone, and
// is erased when the person asks for it.
type Customer struct {
	ID    uuid.UUID `cbor:"1,keyasint"`
	Name  string    `cbor:"2,keyasint,omitempty"`
	Phone string    `cbor:"3,keyasint,omitempty"`
	Email string    `cbor:"4,keyasint,omitempty"`
	// At is when it was written, in milliseconds since 1970, UTC.
	At int64 `cbor:"5,keyasint"`
	// Erased says that nothing but the id is left, for ever.
	Erased bool `cbor:"6,keyasint,omitempty"`
}

// Tidy is the customer as it is kept, or why it is not.
func (c Customer) Tidy() (Customer, error) {
	c.Name, c.Phone = strings.Join(strings.Fields(c.Name), " "), strings.Join(strings.Fields(c.Phone), " ")
	c.Email = strings.ToLower(strings.TrimSpace(c.Email))
	wrong := func(key string) (Customer, error) { return c, &Error{Code: Invalid, Key: key} }
	switch {
	case c.Name == "" || len([]rune(c.Name)) > longestCustomer:
		return wrong(KeyCustomerName)
	case c.Phone != "" && (len(Digits(c.Phone)) < 7 || len(c.Phone) > longestPhone):
		return wrong(KeyCustomerPhone)
	case c.Email != "" && !address(c.Email):
		return wrong(KeyCustomerEmail)
	}
	return c, nil
}

// address says that a text looks like an e-mail address: who is asked for one mistypes it, and does not lie about its form.
func address(s string) bool {
	at := strings.LastIndexByte(s, '@')
	return at > 0 && at < len(s)-1 && len(s) <= longestEmail && !strings.ContainsAny(s, " ,;<>\"()")
}

// Follows says that c is what is known of a person since o: somebody corrected it, and they were not erased.
func (c Customer) Follows(o Customer) bool { return !o.Erased && c.At > o.At }

// Erase leaves the id alone.
func (c Customer) Erase() Customer { return Customer{ID: c.ID, At: c.At, Erased: true} }

// Digits are those of a text: what a phone number is compared by.
func Digits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}
