// Package money holds the three integers every price is made of: an Amount in cents, a Quantity in thousandths and a
// Rate per 100,000. There is no float anywhere, so a figure at a till, at headquarters and in a report is the same figure.
//
// Every division rounds half up on the magnitude and then puts the sign back, so that a refund is the exact mirror of
// its sale.
//
// Arithmetic never wraps and never panics: a product that does not fit saturates at ±math.MaxInt64 cents, which no
// screen can mistake for a price. math.MinInt64 is read as -math.MaxInt64, so that every amount has an opposite. Text
// comes from people and files, so Parse refuses what does not fit instead of saturating.
package money
