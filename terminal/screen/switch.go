package screen

import (
	"github.com/google/uuid"
)

// left is who was at the till, and at which screen, when it was locked.
type left struct {
	user uuid.UUID
	name string
	page page
	at   Place
}

// lock signs the cashier out; the ticket stays, and who comes back finds the screen as it was.
func (a *App) lock() { a.lockFor(uuid.Nil, "") }

// lockFor locks the till for a person who is about to sign in, and says why, if it must.
func (a *App) lockFor(next uuid.UUID, why string) {
	a.remember()
	a.leave()
	a.Till.Lock()
	s := newSignIn(a)
	if s.chosen, s.wrong = a.left.user, why; next != uuid.Nil {
		s.chosen = next
	}
	a.open(s)
}

// remember keeps who is at the till and where, if anybody is.
func (a *App) remember() {
	user, ok := a.Till.User()
	if !ok {
		return
	}
	a.left = left{user: user.ID, name: user.Name, page: a.page, at: a.shell.Rail.place}
	if _, ends := a.page.(leaver); ends {
		a.left.page = nil // it puts away what it is about
	}
}

// resume goes to where the cashier was, or else to the sale.
func (a *App) resume() {
	user, _ := a.Till.User()
	was := a.left
	a.left = left{}
	if was.page == nil || was.user != user.ID || was.at == PlaceSell || was.at == PlaceSettings {
		a.sell()
		return
	}
	a.shell.Rail.At(was.at)
	a.open(was.page)
}

// switchTo asks for the PIN of the person whose badge was scanned at another's sale. It says whether the code is a badge.
func (a *App) switchTo(code string) bool {
	if !a.Till.Badges(a.ctx) {
		return false
	}
	person, err := a.Till.ByBadge(a.ctx, code)
	if err != nil {
		return false
	}
	if user, ok := a.Till.User(); !ok || user.ID != person.ID {
		a.lockFor(person.ID, "")
	}
	return true
}

// recheck follows what headquarters says of who is signed in: somebody who may not work here any more is signed out, and whoever
// it is when the till is locked; the sign-in then says why.
func (a *App) recheck() {
	control, err := a.Till.Control(a.ctx)
	if err != nil {
		a.Log.Error("ask whether the till is locked", "err", err)
	}
	why := a.words.T("error.signin.unknown")
	if control.Locked() {
		why = ""
		a.remember() // who comes back finds the screen as it was
	}
	here, err := a.Till.Recheck(a.ctx)
	if err != nil {
		a.Log.Error("ask again who is signed in", "err", err)
	}
	if !here {
		a.lockFor(uuid.Nil, why)
	}
}

// badge chooses whose badge was scanned.
func (s *signIn) badge(code string) {
	a := s.app
	if a.busy || s.control.Locked() {
		return
	}
	person, err := a.Till.ByBadge(a.ctx, code)
	s.pin.Set("")
	if err != nil {
		s.wrong = a.words.Error(err)
		s.show()
		return
	}
	s.choose(person.ID)
	for i, p := range s.staff {
		if p.ID == person.ID {
			s.people.Reveal(i)
		}
	}
}

// toHold says whether the ticket that is kept may be put away for its customer: nothing of it was paid yet, and somebody may come.
func (s *signIn) toHold() bool {
	_, paying := s.app.Till.Payment()
	return !paying && !s.control.Locked() && len(s.app.Till.Ticket().Lines) > 0 && s.app.left.user != uuid.Nil
}

// askHold says that whoever signs in finds the ticket among those that wait, or takes that back.
func (s *signIn) askHold() {
	if s.toHold() && !s.app.busy {
		s.holds = !s.holds
		s.show()
	}
}

// putAway holds the ticket under the name of who left it.
func (s *signIn) putAway() error {
	if !s.holds || !s.toHold() {
		return nil
	}
	return s.app.Till.Hold(s.app.ctx, s.app.left.name)
}
