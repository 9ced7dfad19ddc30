package secret

import "strings"

// badgeSalt is the same for everybody: a till must find the person without trying each.
const badgeSalt = "comptant badge"

// badgeCost makes a scan wait 20 ms and who has a stolen till a day for a badge of seven digits. A badge only says who somebody is; the
// PIN proves it.
var badgeCost = Params{Memory: 16 << 10, Time: 1, Threads: 1}

// Badge is what headquarters and the tills know a badge by: the same for the same code, and not the code. Spaces around it do
// not count.
func Badge(code string) []byte {
	code = strings.TrimSpace(code)
	if code == "" {
		return nil
	}
	return badgeCost.key(code, []byte(badgeSalt), keyLen)
}
