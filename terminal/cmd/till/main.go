// Command till is one checkout lane: it enrols a device and opens the cashier's window.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	_ "time/tzdata" // the stores' time zones, on machines that have none

	"github.com/alecthomas/kong"

	"comptant/shared/retail"
)

// version is stamped by the build.
var version = "1.0"

const description = `One checkout lane: it sells whether headquarters can be reached or not, and sends what was sold when it can.

Flags may also stand in /etc/comptant/till.json or ~/.config/comptant/till.json, as {"printer": "tcp://192.168.1.50:9100"}.

A device becomes a till once, with a code of headquarters: till enrol --url https://hq.example --code CODE`

type cli struct {
	Enrol    enrolCmd    `cmd:"" help:"Make this device a till of a store."`
	Enrolled enrolledCmd `cmd:"" help:"Exit 0 when the folder belongs to a till, else 1."`
	Run      runCmd      `cmd:"" help:"Open the cashier's window."`
	Doctor   doctorCmd   `cmd:"" help:"Say what is wrong with this till, and what to do."`
	Export   exportCmd   `cmd:"" help:"Write what headquarters does not have to a file, to be carried there."`
	Restored restoredCmd `cmd:"" help:"Say that an image of the disk was put back, or put a backup back: begin new receipt numbers."`

	Version kong.VersionFlag `help:"Print the version."`
}

// folder is the flag every command has.
type folder struct {
	Dir string `env:"COMPTANT_TILL_DIR" type:"path" help:"Folder of the till. Default: /var/lib/comptant/till-1 for root, else $$XDG_DATA_HOME/comptant/till-1."`
}

// AfterApply fills in the default.
func (f *folder) AfterApply() error {
	if f.Dir != "" {
		return nil
	}
	if os.Getuid() == 0 {
		f.Dir = "/var/lib/comptant/till-1"
		return nil
	}
	data := os.Getenv("XDG_DATA_HOME")
	if data == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return fmt.Errorf("no folder for the till; give one with --dir: %w", err)
		}
		data = filepath.Join(home, ".local", "share")
	}
	f.Dir = filepath.Join(data, "comptant", "till-1")
	return nil
}

// settingsFiles hold flags as JSON: {"printer": "tcp://192.168.1.50:9100"}. The later counts more, the environment more than
// both, and a flag on the command line most.
var settingsFiles = []string{"/etc/comptant/till.json", "~/.config/comptant/till.json"}

// settings reads such a file.
func settings(r io.Reader) (kong.Resolver, error) {
	file, err := kong.JSON(r)
	if err != nil {
		return nil, err
	}
	return kong.ResolverFunc(func(k *kong.Context, parent *kong.Path, flag *kong.Flag) (any, error) {
		for _, env := range flag.Envs {
			if os.Getenv(env) != "" {
				return nil, nil
			}
		}
		return file.Resolve(k, parent, flag)
	}), nil
}

func main() {
	os.Exit(run(os.Args[1:]))
}

// Exit codes: 0 done, 1 failed, 2 wrong usage, 3 something is wrong, 4 somebody should look at something.
const (
	failed = 1
	usage  = 2
	wrong  = 3
	soon   = 4
)

// What till doctor found ends in these.
var (
	errWrong = errors.New("something is wrong")
	errSoon  = errors.New("something needs a look")
)

// errNo ends a command whose answer is no, and which says nothing about it.
var errNo = errors.New("no")

func run(args []string) int {
	var c cli
	parser, err := kong.New(&c, kong.Name("till"), kong.Description(description), kong.UsageOnError(),
		kong.Configuration(settings, settingsFiles...),
		kong.Vars{"version": version}, kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		panic(err) // the structure above is wrong
	}
	k, err := parser.Parse(args)
	if err != nil {
		parser.Errorf("%s", err)
		return usage
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	k.BindTo(ctx, (*context.Context)(nil))
	k.Bind(slog.New(slog.NewTextHandler(os.Stderr, nil)))
	switch err := k.Run(); {
	case err == nil:
		return 0
	case errors.Is(err, errNo):
		return failed
	case errors.Is(err, errWrong):
		return wrong
	case errors.Is(err, errSoon):
		return soon
	default:
		fmt.Fprintf(os.Stderr, "till: %s\n", explain(err))
		return failed
	}
}

// explain says what a person at a shell can do about an error.
func explain(err error) string {
	var seen *retail.Error
	if !errors.As(err, &seen) {
		return err.Error()
	}
	if text, ok := explanations[seen.Key]; ok {
		return text
	}
	return err.Error()
}

// size is a window's, written 1024x768.
type size struct{ width, height float32 }

// UnmarshalText reads it.
func (s *size) UnmarshalText(text []byte) error {
	w, h, ok := strings.Cut(string(text), "x")
	width, err1 := strconv.Atoi(w)
	height, err2 := strconv.Atoi(h)
	if !ok || err1 != nil || err2 != nil || width < 1024 || height < 768 {
		return fmt.Errorf("want a size of at least 1024x768, not %q", text)
	}
	s.width, s.height = float32(width), float32(height)
	return nil
}
