package ui

import "strings"

// DrawingStyle is the part of the style sheet that colours a drawing, light and dark, for one that stands alone in a file.
func DrawingStyle() string {
	sheet, err := static.ReadFile("static/app.css")
	if err != nil {
		panic(err) // it is embedded
	}
	return between(string(sheet), ":root {", "}\n") + between(string(sheet), "/* Drawings */\n", ".drawing-frame")
}

// between is the text from begin, which is kept, to end; end is kept when it closes a block.
func between(text, begin, end string) string {
	_, text, _ = strings.Cut(text, begin)
	text, _, _ = strings.Cut(text, end)
	if strings.HasPrefix(end, "}") {
		return begin + text + end
	}
	return text
}
