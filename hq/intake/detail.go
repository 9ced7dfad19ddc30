package intake

import (
	"fmt"
	"strings"

	"github.com/google/uuid"
)

// details are how the details of flags with numbers are written, and read again.
var details = map[string]string{
	FlagHole:           "entries %d to %d are missing",
	FlagFork:           "two entries come after entry %d",
	FlagPrintedTwice:   "receipt number %d of epoch %d",
	FlagNeverReceived:  "the till wrote up to entry %d of epoch %d; %d is the last here",
	FlagRolledBack:     "session %d of the till, %d here; %d acknowledged entries are missing here",
	FlagDiskImage:      "the disk knows of session %d, %d was used",
	FlagTwoMachines:    "the disk knows of session %d, %d was used",
	FlagUnknownReceipt: "receipt %d of epoch %d",
	FlagOverRefunded:   "receipt %d of epoch %d",
	FlagSignature:      "of entry %d of epoch %d",
	FlagClock:          "entries %d to %d of epoch %d",
}

// detail is that of a flag with numbers.
func detail(code string, numbers ...any) string { return fmt.Sprintf(details[code], numbers...) }

// Numbers are those of the flag's detail, in the order of its words; nil where it has none, or was written otherwise.
func (f Flag) Numbers() []uint64 {
	format := details[f.Code]
	numbers := make([]uint64, strings.Count(format, "%d"))
	into := make([]any, len(numbers))
	for i := range numbers {
		into[i] = &numbers[i]
	}
	if _, err := fmt.Sscanf(f.Detail, format, into...); err != nil || len(into) == 0 {
		return nil
	}
	return numbers
}

// Subject is the product, store, hold or order that the flag's detail names; the zero UUID where it names none.
func (f Flag) Subject() uuid.UUID {
	for _, word := range strings.Fields(f.Detail) {
		if id, err := uuid.Parse(word); err == nil {
			return id
		}
	}
	return uuid.Nil
}
