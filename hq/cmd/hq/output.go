package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/mattn/go-isatty"
)

// output is of commands that print for people, or JSON for programs.
type output struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// say prints what came of a command: v for programs, words for people.
func (p output) say(v any, format string, args ...any) error {
	if p.JSON {
		return printJSON(v)
	}
	_, err := fmt.Printf(format+"\n", args...)
	return err
}

func printJSON(v any) error { return json.NewEncoder(os.Stdout).Encode(v) }

// progress says on a terminal how far long work is, in one line that goes away at its end. Elsewhere, as in a log or cron's mail, it
// says nothing.
type progress struct {
	out  io.Writer // nil where it says nothing
	last time.Time
}

func newProgress() *progress {
	if !isatty.IsTerminal(os.Stderr.Fd()) {
		return &progress{}
	}
	return &progress{out: os.Stderr}
}

// sayEvery is how often the line changes.
const sayEvery = 200 * time.Millisecond

func (p *progress) say(format string, args ...any) {
	if p.out == nil || time.Since(p.last) < sayEvery {
		return
	}
	p.last = time.Now()
	fmt.Fprintf(p.out, "\r"+format+eraseLine, args...)
}

// eraseLine takes away what is right of the cursor.
const eraseLine = "\x1b[K"

func (p *progress) end() {
	if p.out != nil && !p.last.IsZero() {
		fmt.Fprint(p.out, "\r"+eraseLine)
	}
}

// during says for how long work has gone on that does not tell how far it is.
func (p *progress) during(what string, work func() error) error {
	if p.out == nil {
		return work()
	}
	defer p.end()
	done, began := make(chan error, 1), time.Now()
	go func() { done <- work() }()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-tick.C:
			p.say("%s: %s", what, time.Since(began).Round(time.Second))
		}
	}
}
