package importer

import (
	"regexp"
	"slices"
	"strings"
)

// Remedy is the kind of thing that is wrong with a row, by which a page says in its language what to do.
type Remedy string

// remedies tells them by a part of the reason; the first that fits counts.
var remedies = []struct {
	part   string
	remedy Remedy
}{
	{"quotes are not closed", "quotes"},
	{" headings", "fields"},
	{" already", "twice"},
	{"thousands or decimals", "ambiguous"},
	{"day or month first", "day_order"},
	{"is not an EAN", "barcode"},
	{"is that of", "taken"},
	{"there is no store", "store"},
	{"there is no product", "product"},
	{"there is no ", "charge"},
	{"is not a day", "day"},
	{"is not a time", "day"},
	{"is to come", "day"},
	{"characters", "long"},
	{"with other figures", "receipt"},
	{"not a number", "number"},
	{"too many decimals", "number"},
	{"number too large", "number"},
	{"below zero", "number"},
	{"cannot be right", "number"},
	{"not a percentage", "number"},
	{"to know the customer by", "missing"},
}

// Remedy is what kind of thing is wrong.
func (b Bad) Remedy() Remedy {
	for _, r := range remedies {
		if strings.Contains(b.Reason, r.part) {
			return r.remedy
		}
	}
	if strings.HasPrefix(b.Reason, "no ") {
		return "missing"
	}
	return "value"
}

// Remedies are all kinds, each once.
func Remedies() []Remedy {
	all := []Remedy{"missing", "value"}
	for _, r := range remedies {
		if !slices.Contains(all, r.remedy) {
			all = append(all, r.remedy)
		}
	}
	return all
}

var quoted = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"`)

// Value is what the row has that is wrong, where the reason quotes it.
func (b Bad) Value() string {
	if found := quoted.FindStringSubmatch(b.Reason); found != nil {
		return strings.ReplaceAll(strings.ReplaceAll(found[1], `\"`, `"`), `\\`, `\`)
	}
	return ""
}

// Column is the column that is wrong, in the words of this package; empty where it is the whole row.
func (b Bad) Column() string {
	longest := "" // "time zone" begins like "time"
	for _, names := range spellings {
		for c := range names {
			name := string(c)
			fits := strings.HasPrefix(b.Reason, name+": ") || strings.HasPrefix(b.Reason, name+" ") || b.Reason == "no "+name ||
				strings.HasPrefix(b.Reason, "no "+name+":") || strings.HasPrefix(b.Reason, "the "+name+" has")
			if fits && len(name) > len(longest) {
				longest = name
			}
		}
	}
	if longest != "" {
		return longest
	}
	switch b.Remedy() {
	case "store":
		return string(colStore)
	case "product":
		return string(colSKU)
	}
	return ""
}
