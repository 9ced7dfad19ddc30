package emulator_test

import (
	"bytes"
	"io"
	"net"
	"testing"

	"comptant/terminal/printer/emulator"

	"github.com/stretchr/testify/require"
)

// Whatever a printer might not understand is a failure.
func TestStrict(t *testing.T) {
	for name, bytes := range map[string]string{
		"unknown command":     "\x1b@\x1bt\x10\x1b!\x00",
		"unknown group":       "\x1d\x07\x00",
		"unknown control":     "\x1bt\x10\x07",
		"text without a page": "a",
		"unknown page":        "\x1bt\x05",
		"no character":        "\x1bt\x10\x81",
		"too long":            "\x1bt\x10" + string(bytes.Repeat([]byte("a"), 33)),
		"too long when wide":  "\x1bt\x10\x1d!\x10" + string(bytes.Repeat([]byte("a"), 17)),
		"aligned in a line":   "\x1bt\x10a\x1ba\x01",
		"cut in a line":       "\x1bt\x10a\x1dV\x42\x00",
		"wide picture":        "\x1dv0\x00\x31\x00\x01\x00",
		"barcode without set": "\x1dkI\x01A",
		"pair above 99":       "\x1dkI\x03{C\x64",
		"wide barcode":        "\x1dw\x06\x1dkI\x09{BAAAAAAA",
		"real time":           "\x10\x04\x09",
	} {
		t.Run(name, func(t *testing.T) {
			p := emulator.New(32)
			defer p.Unplug()
			p.Attach(line{Reader: newReader(bytes)})
			require.Error(t, p.Until(t.Context(), func(emulator.Seen) bool { return false }))
			require.ErrorContains(t, p.Err(), "printer: ")
		})
	}
}

func newReader(s string) io.Reader { return bytes.NewReader([]byte(s)) }

// line is a computer that says one thing and listens to nothing.
type line struct{ io.Reader }

func (line) Write(b []byte) (int, error) { return len(b), nil }
func (line) Close() error                { return nil }

// It answers at once, whatever it is doing, and what was not printed is forgotten without power.
func TestStatusAndPower(t *testing.T) {
	p := emulator.New(32)
	defer p.Unplug()
	address, err := p.Listen()
	require.NoError(t, err)
	ask := func(c net.Conn, question byte) byte {
		_, err := c.Write([]byte{0x10, 0x04, question})
		require.NoError(t, err)
		answer := []byte{0}
		_, err = io.ReadFull(c, answer)
		require.NoError(t, err)
		return answer[0]
	}
	c, err := net.Dial("tcp", address)
	require.NoError(t, err)
	require.EqualValues(t, 0x12, ask(c, 4))
	p.Hold()
	_, err = c.Write([]byte("\x1bt\x10a\nb\nc\n"))
	require.NoError(t, err)
	require.EqualValues(t, 0x12, ask(c, 1))
	p.Paper(2)
	p.Release()
	require.NoError(t, p.Until(t.Context(), func(s emulator.Seen) bool { return s.Strips[0].Text() == "a\nb" }))
	require.EqualValues(t, 0x72, ask(c, 4))
	require.EqualValues(t, 0x1a, ask(c, 1))
	_, err = c.Write([]byte{0x10, 0x14, 1, 0, 1})
	require.NoError(t, err)
	p.Cover(true)
	require.EqualValues(t, 0x36, ask(c, 2))
	require.Zero(t, p.Seen().Drawer, "a printer that is not ready opens nothing")
	p.Cover(false)

	p.Unplug()
	_, err = c.Read([]byte{0})
	require.Error(t, err)
	_, err = net.Dial("tcp", address)
	require.Error(t, err)
	p.Paper(-1)
	p.Plug()
	c, err = net.Dial("tcp", address)
	require.NoError(t, err)
	_, err = c.Write([]byte("\x1bt\x10d\n\x1dV\x42\x00\x10\x14\x01\x00\x01"))
	require.NoError(t, err)
	require.NoError(t, p.Until(t.Context(), func(s emulator.Seen) bool { return len(s.Cut()) == 1 && s.Drawer == 1 }))
	require.Equal(t, "a\nb\nd", p.Seen().Cut()[0].Text(), "c went with the power")
}
