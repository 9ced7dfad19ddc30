package page

func pressed(yes bool) string {
	if yes {
		return "true"
	}
	return "false"
}

func current(yes bool) string {
	if yes {
		return "page"
	}
	return "false"
}
