package bench

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// node is a program run by Node.js.
type node struct {
	cmd    *exec.Cmd
	stderr bytes.Buffer
	in     io.WriteCloser
	out    *bufio.Reader
}

// startNode starts one in a folder. It ends with ctx at the latest.
func startNode(ctx context.Context, dir string, args ...string) (*node, error) {
	n := newNode(ctx, dir, args)
	return n, n.cmd.Start()
}

// startTalking starts one that is asked on standard input and answers on standard output, a line each.
func startTalking(ctx context.Context, dir string, args ...string) (n *node, err error) {
	n = newNode(ctx, dir, args)
	if n.in, err = n.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := n.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	n.out = bufio.NewReader(out)
	return n, n.cmd.Start()
}

func newNode(ctx context.Context, dir string, args []string) *node {
	n := &node{cmd: exec.CommandContext(ctx, "node", args...)}
	n.cmd.Dir, n.cmd.Stderr = dir, &n.stderr
	return n
}

// ask says a line and waits for the answer that is expected.
func (n *node) ask(line, answer string) error {
	_, err := fmt.Fprintln(n.in, line)
	if err == nil {
		var said string
		if said, err = n.out.ReadString('\n'); err == nil && said != answer+"\n" {
			err = fmt.Errorf("it says %q", said)
		}
	}
	if err != nil {
		return n.failed(fmt.Errorf("wait for %q: %w", answer, err))
	}
	return nil
}

// failed ends the program and adds what it complained of.
func (n *node) failed(err error) error {
	n.kill()
	return complaint(err, n.stderr.String())
}

// kill ends the program, if it has not ended.
func (n *node) kill() {
	_ = n.cmd.Process.Kill()
	_ = n.cmd.Wait() // it was killed: that is no error
}

// complaint adds to an error the one line of a program's output that says what is wrong.
func complaint(err error, output string) error {
	for line := range strings.Lines(output) {
		if strings.Contains(strings.ToLower(line), "error") {
			return fmt.Errorf("%w: %s", err, strings.TrimSpace(line))
		}
	}
	return err
}
