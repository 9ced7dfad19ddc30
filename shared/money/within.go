package money

// Within returns the part of a that is tax when a already contains it: a*rate/(100000+rate), to the nearest cent. 12.00
// with a VAT of 20 % inside contains 2.00.
func (r Rate) Within(a Amount) Amount {
	m := magnitude(r)
	return signed(mulDiv(magnitude(a), m, uint64(Whole)+m), (a < 0) != (r < 0))
}
