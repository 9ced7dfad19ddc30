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
