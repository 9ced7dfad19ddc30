package payments

// Waiting is how many charges wait to be made with others.
func (s *Sandbox) Waiting() int { return s.made.Waiting() }
