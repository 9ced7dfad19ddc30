package screen

import (
	"os"
	"runtime/debug"
	"testing"
)

// Fyne's test driver keeps every widget there has been. To go through them all again and again was a third of what these tests
// cost.
func TestMain(m *testing.M) {
	debug.SetGCPercent(200)
	os.Exit(m.Run())
}
