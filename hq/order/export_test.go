package order

// Waiting is how many orders wait to be placed with others.
func (d *Desk) Waiting() int {
	d.placing.mu.Lock()
	defer d.placing.mu.Unlock()
	return len(d.placing.waiting)
}
