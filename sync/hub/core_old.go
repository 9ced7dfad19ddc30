package hub

import (
	"slices"
	"strconv"
	"strings"

	"comptant/sync/wire"
)

// old is UpgradeRequired for a till that must not be sent feeds, because it could misread them. What it sold is taken all
// the same: an entry says its own version.
func (c *Core) old() wire.Code {
	if c.hello.Proto < c.least || older(c.hello.App, c.leastApp) {
		return wire.UpgradeRequired
	}
	return 0
}

// older compares two versions of the program, numbers between dots. One that is not of that form is a developer's, and is
// never too old.
func older(app, least string) bool {
	a, aOK := numbers(app)
	l, lOK := numbers(least)
	return aOK && lOK && slices.Compare(a, l) < 0
}

func numbers(version string) ([]int, bool) {
	var all []int
	for part := range strings.SplitSeq(version, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			return nil, false
		}
		all = append(all, n)
	}
	return all, true
}
