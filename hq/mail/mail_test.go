package mail_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"comptant/hq/mail"
	"comptant/hq/mail/mailtest"
)

// A message arrives through a server that asks for TLS and a sign-in, and the password goes to no other.
func TestMessagesArrive(t *testing.T) {
	cert, key := mailtest.Certificate(t)
	t.Setenv("SSL_CERT_FILE", cert) // crypto/x509 reads it once, when the first certificate is checked: only this test does
	address, arrived := mailtest.Start(t, cert, key)
	s, err := mail.New("smtp://"+mailtest.User+":"+mailtest.Password+"@"+address, "Siège <hq@comptant.example>")
	require.NoError(t, err)
	require.NoError(t, s.Send(t.Context(), "emma@comptant.example", "Réinitialiser", "Bonjour Éric,\n\nhttps://hq.example/x\n"))
	m := <-arrived
	require.Equal(t, "hq@comptant.example", m.From)
	require.Equal(t, "emma@comptant.example", m.To)
	require.Contains(t, m.Text, "https://hq.example/x")
	require.Contains(t, m.Text, "charset=UTF-8")

	err = s.Send(t.Context(), mailtest.Nobody, "x", "y")
	require.ErrorIs(t, err, mail.ErrAddress)
	require.ErrorIs(t, s.Send(t.Context(), "no address", "x", "y"), mail.ErrAddress)
	require.NotErrorIs(t, s.Send(t.Context(), mailtest.Busy, "x", "y"), mail.ErrAddress, "it may be reached later")

	s, err = mail.New("smtp://"+mailtest.User+":other@"+address, "hq@comptant.example")
	require.NoError(t, err)
	err = s.Send(t.Context(), "emma@comptant.example", "x", "y")
	require.Error(t, err)
	require.NotContains(t, err.Error(), "other")

	strange, strangeKey := mailtest.Certificate(t)
	address, _ = mailtest.Start(t, strange, strangeKey)
	s, err = mail.New("smtp://"+mailtest.User+":"+mailtest.Password+"@"+address, "hq@comptant.example")
	require.NoError(t, err)
	require.ErrorContains(t, s.Send(t.Context(), "emma@comptant.example", "x", "y"), "certificate")
}

func TestWrongSettingsAreRefused(t *testing.T) {
	for address, from := range map[string]string{
		"http://hq:phrase@mail.example": "hq@comptant.example", "smtp://hq:phrase@mail.example:587": "nobody", "smtp://hq:phrase@": "hq@comptant.example",
		"smtp://hq:phr%ase@mail.example": "hq@comptant.example", "smtp://hq:phrase@mail.example:0": "hq@comptant.example",
	} {
		_, err := mail.New(address, from)
		require.Error(t, err, address)
		require.NotContains(t, err.Error(), "phr", address)
	}
}
