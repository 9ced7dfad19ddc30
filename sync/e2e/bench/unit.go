package bench

import "fmt"

// Unit is how a figure is written.
type Unit string

// The units. Times are given in seconds and written in what reads best.
const (
	Time Unit = ""
	// TimeP50 is a median time, SalesRate sales a second, FrameCPU processor time of a frame.
	TimeP50   Unit = " p50"
	FrameCPU  Unit = " CPU a frame"
	SalesRate Unit = " sales/s"
	// OrderRate is orders of the shop a second.
	OrderRate Unit = " orders/s"
	// ReadRate is requests a second.
	ReadRate Unit = " requests/s"
	// ProductRate is products a second.
	ProductRate Unit = " products/s"
	Bytes       Unit = " KB"
	// Number is how many there are.
	Number Unit = " in number"
)

func (u Unit) format(v float64) string {
	switch u {
	case SalesRate, OrderRate, ReadRate, ProductRate:
		return fmt.Sprintf("%.0f%s", v, string(u))
	case Number:
		return fmt.Sprintf("%.0f", v)
	case Bytes:
		return fmt.Sprintf("%.1f%s", v/1000, string(u))
	}
	return duration(v) + string(u)
}

// duration writes seconds with three digits.
func duration(s float64) string {
	switch {
	case s < 1e-3:
		return digits(s*1e6) + " µs"
	case s < 1:
		return digits(s*1e3) + " ms"
	}
	return digits(s) + " s"
}

func digits(v float64) string {
	switch {
	case v < 10:
		return fmt.Sprintf("%.2f", v)
	case v < 100:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}
