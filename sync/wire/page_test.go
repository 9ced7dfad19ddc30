package wire

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"comptant/shared/journal"
	"comptant/shared/retail"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// page is the protocol for who writes another till. What the source says is not said again by hand: the sections between
// "<!-- made: NAME -->" and "<!-- end -->" are made of it.
const page = "../../docs/protocol.md"

var section = regexp.MustCompile(`(?s)(<!-- made: ([a-z]+)(?: ([A-Za-z ]+))? -->\n).*?(<!-- end -->)`)

// TestProtocolPage fails when the page is not what the source says; -update writes it.
func TestProtocolPage(t *testing.T) {
	src := source(t)
	text, err := os.ReadFile(page)
	require.NoError(t, err)
	said := map[string]bool{}
	made := section.ReplaceAllStringFunc(string(text), func(s string) string {
		m := section.FindStringSubmatch(s)
		var body string
		switch m[2] {
		case "keys":
			for i, name := range strings.Fields(m[3]) {
				if i > 0 {
					body += "\n"
				}
				body += src.keys(t, name)
				said[name] = true
			}
		case "values":
			body = src.values(t, m[3])
		case "types":
			body = src.types(t)
		case "codes":
			body = codes()
		case "kinds":
			body = kinds()
		case "limits":
			body = limits()
		case "example":
			body = example(t)
		default:
			t.Fatalf("no section %s", m[2])
		}
		return m[1] + body + m[4]
	})
	for _, m := range messages {
		require.True(t, said[name(m)], "keys of %s are not on the page", name(m))
	}
	for _, name := range []string{"Entry", "EpochOpen", "Sale", "Refund", "RefundHold", "ShiftOpen", "ShiftClose", "CashMove", "ChainHead", "RestockRequest", "Receive", "Count", "OrderAnswer", "OrderMissing", "Order", "SignIn"} {
		require.True(t, said[name], "keys of %s are not on the page", name)
	}
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(made), 0o644))
		return
	}
	require.Equal(t, made, string(text), "docs/protocol.md is not current: go test ./sync/wire -run TestProtocolPage -update")
}

// spoken is what the source declares: types by name, and the numbers of each type of number.
type spoken struct {
	structs map[string]*ast.GenDecl
	numbers map[string][][2]string
}

func source(t *testing.T) spoken {
	all := spoken{map[string]*ast.GenDecl{}, map[string][][2]string{}}
	for _, path := range []string{
		"message.go", "export.go", "../../shared/journal/entry.go", "../../shared/retail/document.go", "../../shared/retail/charge.go", "../../shared/retail/customer.go", "../../shared/retail/deed.go", "../../shared/retail/discount.go", "../../shared/retail/happened.go", "../../shared/retail/shift.go", "../../shared/retail/printed.go", "../../shared/retail/refund.go", "../../shared/retail/row.go", "../../shared/retail/tax.go", "../../shared/retail/currency.go", "../../shared/retail/transfer.go", "../../shared/retail/order.go", "../../shared/retail/control.go",
	} {
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		require.NoError(t, err)
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if ok && g.Tok == token.TYPE {
				all.structs[g.Specs[0].(*ast.TypeSpec).Name.Name] = g
			}
			if ok && g.Tok == token.CONST {
				all.number(g)
			}
		}
	}
	return all
}

// number takes the numbers of a declaration that have a type of their own.
func (s spoken) number(g *ast.GenDecl) {
	for _, spec := range g.Specs {
		v := spec.(*ast.ValueSpec)
		of, typed := v.Type.(*ast.Ident)
		if n, ok := v.Values[0].(*ast.BasicLit); typed && ok && n.Kind == token.INT {
			s.numbers[of.Name] = append(s.numbers[of.Name], [2]string{n.Value, words(v.Names[0].Name)})
		}
	}
}

// values is a line for each type of number: what each number means.
func (s spoken) values(t *testing.T, names string) string {
	var b strings.Builder
	for _, name := range strings.Fields(names) {
		require.NotEmpty(t, s.numbers[name], name)
		var all []string
		for _, n := range s.numbers[name] {
			all = append(all, n[0]+" "+n[1])
		}
		fmt.Fprintf(&b, "- **%s**: %s\n", name, strings.Join(all, ", "))
	}
	return b.String()
}

// keys is the table of one map.
func (s spoken) keys(t *testing.T, name string) string {
	require.Contains(t, s.structs, name)
	var b strings.Builder
	fmt.Fprintf(&b, "**%s** %s\n\n| key | | type | |\n|---|---|---|---|\n", name, prose(s.structs[name].Doc, name))
	for _, f := range s.structs[name].Specs[0].(*ast.TypeSpec).Type.(*ast.StructType).Fields.List {
		if f.Tag == nil {
			continue
		}
		tag, _ := strconv.Unquote(f.Tag.Value)
		key, _, _ := strings.Cut(strings.TrimPrefix(tag, `cbor:"`), ",")
		note := prose(f.Doc, "")
		if strings.Contains(tag, "omit") {
			note = strings.TrimSpace("*(left out when zero)* " + note)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", key, f.Names[0].Name, kind(f.Type), note)
	}
	return b.String()
}

// prose is a comment as one line.
func prose(doc *ast.CommentGroup, name string) string {
	text := strings.Join(strings.Fields(doc.Text()), " ")
	text = strings.TrimPrefix(text, name+" ")
	return strings.ReplaceAll(text, "|", `\|`)
}

// words is a name of the source in small letters: MinEpoch is min epoch, ID is id.
func words(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) && unicode.IsLower(rune(name[i-1])) {
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// kind is how a type of the source is written in CBOR.
func kind(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.ArrayType:
		if id, ok := e.Elt.(*ast.Ident); ok && id.Name == "byte" {
			return "bytes"
		}
		return "list of " + kind(e.Elt)
	case *ast.StarExpr:
		return kind(e.X)
	case *ast.SelectorExpr:
		switch e.Sel.Name {
		case "UUID":
			return "bytes, 16"
		case "Hash":
			return "bytes, 32"
		case "Amount":
			return "integer, cents"
		case "Quantity":
			return "integer, thousandths"
		case "Rate":
			return "integer, per 100,000"
		case "RawMessage":
			return "a map"
		}
		return "integer"
	case *ast.Ident:
		switch e.Name {
		case "string", "Role", "Deed", "OrderState":
			return "text"
		case "bool":
			return "bool"
		case "int", "int64", "uint64", "uint8", "uint16", "Kind":
			return "integer"
		case "Code", "TenderKind", "EpochReason", "TaxClass", "RowType", "LocationKind", "RestockState", "HoldState", "Label":
			return "integer: " + e.Name
		case "Date":
			return "integer, yyyymmdd"
		}
		return e.Name
	}
	return "?"
}

func (s spoken) types(t *testing.T) string {
	var b strings.Builder
	b.WriteString("| type | | |\n|---|---|---|\n")
	for _, m := range messages {
		require.Contains(t, s.structs, name(m))
		about, _, _ := strings.Cut(prose(s.structs[name(m)].Doc, name(m)), ". ")
		fmt.Fprintf(&b, "| %d | %s | %s |\n", m.Type(), name(m), strings.TrimSuffix(about, "."))
	}
	return b.String()
}

func codes() string {
	var b strings.Builder
	b.WriteString("| code | |\n|---|---|\n")
	var all []Code
	for c := range codeNames {
		all = append(all, c)
	}
	slices.Sort(all)
	for _, c := range all {
		fmt.Fprintf(&b, "| %d | %s |\n", uint16(c), codeNames[c])
	}
	return b.String()
}

func kinds() string {
	var b strings.Builder
	b.WriteString("| kind | |\n|---|---|\n")
	for k := journal.Kind(1); k.String() != fmt.Sprintf("kind-%d", k); k++ {
		fmt.Fprintf(&b, "| %d | %s |\n", k, k)
	}
	return b.String()
}

func limits() string {
	var b strings.Builder
	b.WriteString("| | |\n|---|---|\n")
	for _, l := range []struct {
		what string
		n    int
	}{
		{"bytes of an entry", journal.MaxEntry},
		{"entries in one `Entries`", BatchEntries},
		{"bytes of the entries in one `Entries`, unless it has one only", BatchBytes},
		{"`Entries` messages not acknowledged", Window},
		{"rows in one `Changes`", PageRows},
		{"bytes of the rows in one `Changes`", PageBytes},
		{"points in one `Prove`", ProvePoints},
		{"bytes of a frame", MaxFrame},
		{"bytes of a message once decompressed", MaxMessage},
		{"pairs of a message's map, key 0 included", maxPairs + 1},
	} {
		fmt.Fprintf(&b, "| %s | %d |\n", l.what, l.n)
	}
	return b.String()
}

// example chains two entries.
func example(t *testing.T) string {
	var b strings.Builder
	till := uuid.MustParse("01930000-0000-7000-8000-000000000001")
	head := journal.Genesis(till, 1)
	fmt.Fprintf(&b, "```\ntill    %x\nepoch   1\nh(0)    %s\n", till[:], head)
	for i, name := range []string{"Alice", "Bob"} {
		entry, err := journal.Encode(journal.Entry{Kind: journal.KindSignIn, Time: 1_763_800_000_000, User: till}, retail.SignIn{Name: name})
		require.NoError(t, err)
		head = journal.Next(head, till, 1, uint64(i+1), entry)
		fmt.Fprintf(&b, "entry %d %x\nh(%d)    %s\n", i+1, entry, i+1, head)
	}
	b.WriteString("```\n")
	return b.String()
}
