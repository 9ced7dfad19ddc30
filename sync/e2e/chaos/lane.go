package chaos

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// lane is a till run as its own process, told what to do line by line.
type lane struct {
	*line
	hunter
	name, bin, dir, receipts, store string
	// It is the number-th of the store's tills.
	number, tills int

	plan *rand.Rand
	log  io.Writer

	// lasts is how long each deed takes.
	lasts map[string]time.Duration
	// names is how many tickets were named, held those that the till said it holds, and waiting those it holds in the end.
	names         int
	held, waiting []string

	mu      sync.Mutex
	process *process
	kills   int
}

// process is one life of a lane.
type process struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *bufio.Reader
	pipe   *os.File // what out reads
	gone   chan struct{}
	killed bool
}

// errGone says that the process has ended.
var errGone = errors.New("the till's process has ended")

// start makes the process run and signs the cashier in. It does nothing when it runs.
func (l *lane) start() error {
	l.mu.Lock()
	if p := l.process; p != nil {
		if !p.killed {
			l.mu.Unlock()
			return nil
		}
		<-p.gone // it holds the folder until then
	}
	p, err := l.launch()
	l.process = p
	l.mu.Unlock()
	if err != nil {
		return err
	}
	if _, err := l.ask("", "open"); err != nil {
		return err
	}
	_, err = l.ask("sign-in "+cashier+" "+pin, "signed in")
	return err
}

func (l *lane) launch() (*process, error) {
	cmd := exec.Command(l.bin, "--dir", l.dir, "--receipts", l.receipts)
	cmd.Stderr = l.log
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdout = write
	if err := errors.Join(cmd.Start(), write.Close()); err != nil {
		return nil, fmt.Errorf("start till %s: %w", l.name, err)
	}
	p := &process{cmd: cmd, in: in, out: bufio.NewReader(read), pipe: read, gone: make(chan struct{})}
	go func() {
		_ = cmd.Wait()
		close(p.gone)
	}()
	return p, nil
}

// ask says a line (none when it is empty) and gives what follows the word of the reply. The error is errGone when the
// process was killed meanwhile, and names the till when it ended by itself or answered something else.
func (l *lane) ask(text, word string) (string, error) {
	l.mu.Lock()
	p := l.process
	l.mu.Unlock()
	if p == nil {
		return "", errGone
	}
	if text != "" {
		_, _ = io.WriteString(p.in, text+"\n") // a process that has gone answers nothing
	}
	reply, err := p.out.ReadString('\n')
	if err != nil {
		<-p.gone
		_ = p.pipe.Close() // all was read
		l.mu.Lock()
		defer l.mu.Unlock()
		if p.killed {
			return "", errGone
		}
		return "", fmt.Errorf("till %s ended by itself: %s", l.name, p.cmd.ProcessState)
	}
	rest, ok := strings.CutPrefix(strings.TrimSuffix(reply, "\n"), word)
	if !ok {
		return "", fmt.Errorf("till %s says %q to %q", l.name, reply, text)
	}
	return strings.TrimSpace(rest), nil
}

// kill ends the process with SIGKILL and waits for its end; it is false when none ran.
func (l *lane) kill() bool {
	l.mu.Lock()
	p := l.process
	if p == nil || p.killed {
		l.mu.Unlock()
		return false
	}
	p.killed = true
	l.kills++
	_ = p.cmd.Process.Kill() // it may have ended: then it was not killed, which its end shows
	l.mu.Unlock()
	<-p.gone
	return true
}

// quit ends the process as closing its window would.
func (l *lane) quit() error {
	l.mu.Lock()
	p := l.process
	l.process = nil
	l.mu.Unlock()
	if p == nil {
		return nil
	}
	err := p.in.Close()
	<-p.gone
	if !p.killed && !p.cmd.ProcessState.Success() {
		err = errors.Join(err, fmt.Errorf("till %s ended with %s", l.name, p.cmd.ProcessState))
	}
	return err
}

// alive tries again while the process is killed under what is tried.
func (l *lane) alive(do func() error) error {
	for {
		err := l.start()
		if err == nil {
			err = do()
		}
		if !errors.Is(err, errGone) {
			return err
		}
	}
}

// trade does what cashiers do until ctx is done.
func (l *lane) trade(ctx context.Context) error {
	for ctx.Err() == nil {
		d, think := l.step()
		err := l.start()
		if err == nil {
			err = l.perform(d)
		}
		if err != nil && !errors.Is(err, errGone) {
			return err
		}
		if err == nil {
			pause(ctx, think)
		}
	}
	return nil
}
