package e2e_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// window is the till's real window on a display of its own.
type window struct {
	t       *testing.T
	display string
	frame   []byte // the display's memory: what it shows, row by row
	till    *exec.Cmd
}

// The size of the smallest window, which fills the display.
const (
	width  = 1024
	height = 768
	// depth is how many bytes a pixel takes: blue, green, red, and one of nothing.
	depth = 4
)

// openDisplay begins a display with nothing on it.
func openDisplay(t *testing.T) *window {
	t.Helper()
	read, write, err := os.Pipe()
	require.NoError(t, err)
	memory := t.TempDir()
	xvfb := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", fmt.Sprintf("%dx%dx24", width, height), "-fbdir", memory, "-noreset", "-nolisten", "tcp")
	xvfb.ExtraFiles = []*os.File{write}
	require.NoError(t, xvfb.Start())
	require.NoError(t, write.Close())
	t.Cleanup(func() { _ = xvfb.Process.Kill(); _ = xvfb.Wait() })
	var number int
	_, err = fmt.Fscan(read, &number)
	require.NoError(t, err)
	return &window{t: t, display: fmt.Sprintf(":%d", number), frame: frame(t, filepath.Join(memory, "Xvfb_screen0"))}
}

// frame is the memory of a display that keeps it in a file, in the form of an X window dump: a header that tells its length, a
// table of colours, the pixels.
func frame(t *testing.T, path string) []byte {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	require.NoError(t, err)
	dump, err := syscall.Mmap(int(file.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_SHARED)
	require.NoError(t, err)
	t.Cleanup(func() { _ = syscall.Munmap(dump) })
	from := binary.BigEndian.Uint32(dump) + 12*binary.BigEndian.Uint32(dump[0x4c:])
	return dump[from:][:width*height*depth]
}

// run starts the till, and waits until its window shows the catalogue.
func (w *window) run(dir string, flags ...string) {
	w.t.Helper()
	ready := filepath.Join(w.t.TempDir(), "ready")
	till := exec.Command(buildTill(w.t), append([]string{"run", "--dir", dir, "--theme", "light", "--ready", ready}, flags...)...)
	till.Env = append(os.Environ(), "DISPLAY="+w.display, "LANG=C.UTF-8")
	till.Stderr = logWriter{w.t}
	require.NoError(w.t, till.Start())
	w.till = till
	w.t.Cleanup(func() {
		if w.t.Failed() && till.ProcessState == nil {
			stuck := filepath.Join(os.TempDir(), "comptant-stuck.png")
			w.picture(stuck)
			w.t.Log("the window when it failed: " + stuck)
		}
		_ = till.Process.Signal(os.Interrupt)
		_ = till.Wait()
	})
	require.Eventually(w.t, func() bool { _, err := os.Stat(ready); return err == nil }, patience, 20*time.Millisecond)
	w.settle()
}

// kill ends the till as a power cut would.
func (w *window) kill() {
	w.t.Helper()
	require.NoError(w.t, w.till.Process.Kill())
	_ = w.till.Wait()
}

// buildTill builds the window's program, once.
var tillProgram = sync.OnceValues(func() (string, error) {
	dir, err := programs()
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "till")
	cmd := exec.Command("go", "build", "-tags", "x11,no_animations,migrated_fynedo", "-o", bin, "comptant/terminal/cmd/till")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build till: %w\n%s", err, out)
	}
	return bin, nil
})

func buildTill(t *testing.T) string {
	t.Helper()
	bin, err := tillProgram()
	require.NoError(t, err)
	return bin
}

func (w *window) xdotool(args ...string) {
	w.t.Helper()
	cmd := exec.Command("xdotool", args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+w.display)
	out, err := cmd.CombinedOutput()
	require.NoError(w.t, err, string(out))
}

// settle waits until the window has shown the same for longer than it takes to follow a press, and shorter than its clock's
// minute.
func (w *window) settle() { w.t.Helper(); w.rests(500 * time.Millisecond) }

// rests waits until the window has shown the same for a while.
func (w *window) rests(d time.Duration) {
	w.t.Helper()
	last, since := w.pixels(), time.Now()
	for deadline := since.Add(patience); time.Since(since) < d; time.Sleep(10 * time.Millisecond) {
		if !w.shows(last) {
			last, since = w.pixels(), time.Now()
		}
		require.True(w.t, time.Now().Before(deadline), "the window does not come to rest")
	}
}

// pixels are what the display shows now.
func (w *window) pixels() []byte { return bytes.Clone(w.frame) }

// shows says whether it shows the same still.
func (w *window) shows(pixels []byte) bool { return bytes.Equal(w.frame, pixels) }

// pixel is blue, green and red of a place.
func (w *window) pixel(x, y int) []byte { return w.frame[(y*width+x)*depth:][:3] }

// picture keeps what the window shows, for a person to look at.
func (w *window) picture(path string) {
	w.t.Helper()
	pixels := w.pixels()
	shown := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := 0; i < len(pixels); i += depth {
		shown.Pix[i], shown.Pix[i+1], shown.Pix[i+2], shown.Pix[i+3] = pixels[i+2], pixels[i+1], pixels[i], 0xff
	}
	var file bytes.Buffer
	require.NoError(w.t, (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&file, shown))
	require.NoError(w.t, os.WriteFile(path, file.Bytes(), 0o644))
}
