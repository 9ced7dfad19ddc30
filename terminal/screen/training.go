package screen

import "comptant/terminal/till"

// training begins to practise once a supervisor has allowed it, or ends it by signing out.
func (s *shiftPage) training() {
	a := s.app
	if a.Till.Training() {
		a.lock()
		return
	}
	a.approved("training", func(by till.Approval) error { return a.Till.StartTraining(a.ctx, by) }, func(err error) {
		if err != nil {
			s.refuse(err)
			return
		}
		a.sell()
	})
}
