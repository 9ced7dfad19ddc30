package bench

import (
	"fmt"
	"strings"
)

// Rows is the table, in its order.
func Rows() []Row {
	return []Row{Commit, Scan, Search, Start, Ingest, Backlog, Bootstrap, FanOut, Crowd, Latency, Read, Saga, Hot, Days, Sellers, Replay}
}

// Named finds a row.
func Named(name string) (Row, error) {
	var names []string
	for _, r := range Rows() {
		if r.Name == name {
			return r, nil
		}
		names = append(names, r.Name)
	}
	return Row{}, fmt.Errorf("there is no row %q; there are %s", name, strings.Join(names, ", "))
}
