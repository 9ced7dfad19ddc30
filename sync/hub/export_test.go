package hub

// Limit replaces a new hub's limits, before it takes tills.
func (h *Hub) Limit(live, greeting, stores, queue int) {
	h.limits = limits{live: live, greeting: greeting, stores: stores, queue: queue}
	h.gate = newGate(h.limits)
}
