package fleet

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// HQ is a headquarters run as its own process.
type HQ struct {
	// Bin is the built program, Home its folder, Listen its address.
	Bin, Home, Listen string
	// DatabaseURL is a Postgres to use; empty for its own private one.
	DatabaseURL string
	// Log takes what the process writes to stderr; nil for nowhere.
	Log io.Writer

	cmd  *exec.Cmd
	done chan error
}

// Start starts serving and waits until headquarters answers.
func (h *HQ) Start(ctx context.Context) error {
	if h.Listen == "" {
		addr, err := FreeAddress(ctx)
		if err != nil {
			return err
		}
		h.Listen = addr
	}
	cmd := exec.Command(h.Bin, "serve")
	cmd.Env = h.env()
	var early bytes.Buffer
	cmd.Stderr = &early
	if h.Log != nil {
		cmd.Stderr = h.Log
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start headquarters: %w", err)
	}
	h.cmd, h.done = cmd, make(chan error, 1)
	go func() { h.done <- cmd.Wait() }()
	return h.ready(ctx, &early)
}

func (h *HQ) ready(ctx context.Context, early *bytes.Buffer) error {
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for {
		select {
		case err := <-h.done:
			h.done <- err
			return fmt.Errorf("headquarters did not start: %w\n%s", errors.Join(err), early)
		case <-ctx.Done():
			return fmt.Errorf("wait for headquarters: %w", ctx.Err())
		case <-poll.C:
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.URL()+"/healthz", nil)
		if err != nil {
			return err
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
	}
}

// URL is where it answers.
func (h *HQ) URL() string { return "http://" + h.Listen }

// PID is the process's number.
func (h *HQ) PID() int { return h.cmd.Process.Pid }

// Kill ends the process as a power cut would: SIGKILL. Its private Postgres lives on and is adopted by the next Start.
func (h *HQ) Kill() error { return h.end(syscall.SIGKILL) }

// Ended says whether the process has ended by itself.
func (h *HQ) Ended() bool {
	if h.cmd == nil {
		return false
	}
	select {
	case err := <-h.done:
		h.done <- err
		return true
	default:
		return false
	}
}

// Stop asks the process to stop and waits for it.
func (h *HQ) Stop() error { return h.end(syscall.SIGTERM) }

func (h *HQ) end(sig syscall.Signal) error {
	if h.cmd == nil {
		return nil
	}
	if err := h.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("signal headquarters: %w", err)
	}
	err := <-h.done
	h.cmd = nil
	if sig == syscall.SIGKILL {
		return nil
	}
	return err
}

// Command runs another command of the same program beside the server, for example "till", "code", and gives what it printed.
func (h *HQ) Command(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, h.Bin, args...)
	cmd.Env = h.env()
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("hq %s: %w\n%s%s", strings.Join(args, " "), err, out.String(), stderr.String())
	}
	return out.String(), nil
}

// Query runs a command that prints JSON.
func (h *HQ) Query(ctx context.Context, into any, args ...string) error {
	out, err := h.Command(ctx, args...)
	if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(out), into); err != nil {
		return fmt.Errorf("hq %s: %w", strings.Join(args, " "), err)
	}
	return nil
}

func (h *HQ) env() []string {
	return append(os.Environ(), "COMPTANT_HOME="+h.Home, "COMPTANT_LISTEN="+h.Listen, "DATABASE_URL="+h.DatabaseURL)
}

// FreeAddress is one on this machine that nobody listens on.
func FreeAddress(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().String(), nil
}
