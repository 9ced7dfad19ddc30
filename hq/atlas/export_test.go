package atlas

// Undeclared gives the columns and the tables that the lists of references name.
func Undeclared() (columns, tables map[string]bool) {
	columns, tables = map[string]bool{}, map[string]bool{}
	for column, to := range named {
		columns[column] = true
		tables[to[0]+"."+to[1]] = true
	}
	for _, p := range parts {
		tables[p.from], tables[p.to[0]+"."+p.to[1]] = true, true
	}
	return columns, tables
}

// Words are the keys of what drawings say of machines.
func Words() map[string]bool {
	words := map[string]bool{}
	for _, m := range machines {
		words[m.word()] = true
		for _, s := range m.Steps {
			words[m.deedWord(s.Deed)], words[m.stateWord(s.To)] = true, true
		}
	}
	return words
}
