package retail

import "fmt"

// Code sorts errors a person must see by what can be done about them.
type Code string

// The codes. Each is mapped once to an HTTP status, once to a dashboard message and once to a message of the till.
const (
	Invalid   Code = "invalid"   // what was given is wrong; change it
	NotFound  Code = "not_found" // there is no such thing
	Conflict  Code = "conflict"  // someone or something was faster; look again
	Forbidden Code = "forbidden" // this person may not
	Failed    Code = "failed"    // the machine could not; try again or call for help
)

// Error is an error a person must see. Key names its wording in the language files, Args fill it.
type Error struct {
	Code Code
	Key  string
	Args map[string]any
	// Err is the cause, for the log.
	Err error
}

func (e *Error) Error() string {
	s := fmt.Sprintf("%s: %s", e.Code, e.Key)
	if len(e.Args) > 0 {
		s += fmt.Sprintf(" %v", e.Args)
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }
