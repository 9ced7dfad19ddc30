package till_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"comptant/terminal/till"

	"github.com/stretchr/testify/require"
)

// A key that is missing from the list would be a sentence missing from the screen.
func TestKeysListsEveryKey(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "errors.go", nil, 0)
	require.NoError(t, err)
	listed := map[string]bool{}
	for _, k := range till.Keys {
		require.False(t, listed[k], "%s twice", k)
		listed[k] = true
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if c, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(c.Names[0].Name, "Key") && len(c.Values) == 1 {
			if v, ok := c.Values[0].(*ast.BasicLit); ok {
				require.True(t, listed[strings.Trim(v.Value, `"`)], c.Names[0].Name)
			}
		}
		return true
	})
}
