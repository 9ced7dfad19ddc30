package secret_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"comptant/shared/secret"
)

// cheap is the smallest cost argon2 takes, for tests that are not about cost.
var cheap = secret.Params{Memory: 8, Time: 1, Threads: 1}

func TestHashVerifies(t *testing.T) {
	for _, p := range []secret.Params{cheap, secret.PIN, secret.Password} {
		phc, err := secret.Hash("4821", p)
		require.NoError(t, err)
		ok, err := secret.Verify(phc, "4821")
		require.NoError(t, err)
		require.True(t, ok)
		ok, err = secret.Verify(phc, "4822")
		require.NoError(t, err)
		require.False(t, ok)
	}
}

func TestSaltMakesEqualPINsDiffer(t *testing.T) {
	a, err := secret.Hash("4821", cheap)
	require.NoError(t, err)
	b, err := secret.Hash("4821", cheap)
	require.NoError(t, err)
	require.NotEqual(t, a, b)
}

// A vector of the reference implementation (P-H-C/phc-winner-argon2, src/test.c).
func TestVerifiesForeignHash(t *testing.T) {
	const phc = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
	ok, err := secret.Verify(phc, "password")
	require.NoError(t, err)
	require.True(t, ok)
}

func TestHashRefuses(t *testing.T) {
	_, err := secret.Hash("", cheap)
	require.ErrorIs(t, err, secret.ErrEmpty)
	for _, p := range []secret.Params{
		{},
		{Memory: 1 << 20, Time: 1, Threads: 1},
		{Memory: 64, Time: 17, Threads: 1},
		{Memory: 1024, Time: 1, Threads: 9},
		{Memory: 8, Time: 1, Threads: 2},
	} {
		_, err := secret.Hash("4821", p)
		require.ErrorIs(t, err, secret.ErrCost, "%+v", p)
	}
}

func TestVerifyRefuses(t *testing.T) {
	good, err := secret.Hash("4821", cheap)
	require.NoError(t, err)
	swap := func(old, with string) string {
		require.Contains(t, good, old)
		return strings.Replace(good, old, with, 1)
	}
	for name, c := range map[string]struct {
		phc  string
		want error
	}{
		"empty":           {"", secret.ErrMalformed},
		"plain text":      {"4821", secret.ErrMalformed},
		"other algorithm": {swap("argon2id", "argon2i"), secret.ErrMalformed},
		"other version":   {swap("v=19", "v=16"), secret.ErrMalformed},
		"plus sign":       {swap("m=8", "m=+8"), secret.ErrMalformed},
		"leading zero":    {swap("m=8", "m=08"), secret.ErrMalformed},
		"more parameters": {swap("p=1", "p=1,data=x"), secret.ErrMalformed},
		"padding":         {good + "=", secret.ErrMalformed},
		"one field more":  {good + "$", secret.ErrMalformed},
		"no key":          {good[:strings.LastIndex(good, "$")+1], secret.ErrMalformed},
		"text in front":   {"x" + good, secret.ErrMalformed},
		"4 GiB":           {swap("m=8", "m=4194304"), secret.ErrCost},
		"overflow":        {swap("m=8", "m=99999999999"), secret.ErrMalformed},
		"for hours":       {swap("t=1", "t=100000"), secret.ErrCost},
		"no pass":         {swap("t=1", "t=0"), secret.ErrCost},
		"200 threads":     {swap("p=1", "p=200"), secret.ErrCost},
	} {
		ok, err := secret.Verify(c.phc, "4821")
		require.ErrorIs(t, err, c.want, name)
		require.False(t, ok, name)
	}
	ok, err := secret.Verify(good, "")
	require.NoError(t, err)
	require.False(t, ok)
}

func TestBadge(t *testing.T) {
	require.Equal(t, secret.Badge("00417733"), secret.Badge(" 00417733\n"), "the same at headquarters and at every till")
	require.NotEqual(t, secret.Badge("00417733"), secret.Badge("0417733"))
	require.Len(t, secret.Badge("00417733"), 32)
	require.NotContains(t, string(secret.Badge("00417733")), "417733")
	require.Nil(t, secret.Badge(" "))
}

func TestToken(t *testing.T) {
	a, b := secret.Token(), secret.Token()
	require.NotEqual(t, a, b)
	require.Regexp(t, `^[A-Za-z0-9_-]{43}$`, a)
	require.Equal(t, secret.HashToken(a), secret.HashToken(a))
	require.NotEqual(t, secret.HashToken(a), secret.HashToken(b))
}

func TestCode(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		code := secret.Code()
		require.Regexp(t, `^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$`, code)
		require.False(t, seen[code])
		seen[code] = true
		same, ok := secret.NormalizeCode(code)
		require.True(t, ok)
		require.Equal(t, code, same)
	}
}

func TestNormalizeCode(t *testing.T) {
	for typed, want := range map[string]string{
		"abcde-fghjk": "ABCDE-FGHJK", " ABCDE FGHJK ": "ABCDE-FGHJK", "oilOIL0123": "01101-10123", "ABC-DEF-GHJ-K": "ABCDE-FGHJK",
	} {
		got, ok := secret.NormalizeCode(typed)
		require.True(t, ok, typed)
		require.Equal(t, want, got)
	}
	for _, typed := range []string{"", "ABCDE-FGHJ", "ABCDE-FGHJKM", "UBCDE-FGHJK", "ABCDE_FGHJK", "ÀBCDE-FGHJK"} {
		_, ok := secret.NormalizeCode(typed)
		require.False(t, ok, typed)
	}
	rapid.Check(t, func(t *rapid.T) {
		code, ok := secret.NormalizeCode(rapid.String().Draw(t, "typed"))
		if ok {
			again, ok := secret.NormalizeCode(strings.ToLower(code))
			require.True(t, ok)
			require.Equal(t, code, again)
		}
	})
}

func TestEqual(t *testing.T) {
	require.True(t, secret.Equal("a", "a"))
	require.False(t, secret.Equal("a", "b"))
	require.False(t, secret.Equal("a", "aa"))
	require.True(t, secret.Equal("", ""))
}

// Verify never panics and never works long on what it reads.
func FuzzVerify(f *testing.F) {
	f.Add("$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA")
	f.Add("$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA")
	f.Fuzz(func(t *testing.T, phc string) {
		if ok, err := secret.Verify(phc, "4821"); ok && err != nil {
			t.Fatal("true with an error")
		}
	})
}

func BenchmarkVerifyPIN(b *testing.B) {
	phc, err := secret.Hash("4821", secret.PIN)
	require.NoError(b, err)
	for b.Loop() {
		ok, err := secret.Verify(phc, "4821")
		require.NoError(b, err)
		require.True(b, ok)
	}
}
