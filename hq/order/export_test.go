package order

// Waiting is how many orders wait to be placed with others.
func (d *Desk) Waiting() int {
	return d.placing.Waiting()
}
