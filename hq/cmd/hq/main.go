// Command hq is headquarters: it serves tills and the dashboard, and is the administrator's tool.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	_ "time/tzdata" // the stores' time zones, on machines that have none

	"comptant/hq/server"

	"github.com/alecthomas/kong"
)

// version is stamped by the build.
var version = "1.0"

const description = `Headquarters: central stock, consolidated reports, the managers' dashboard, and the place every till's journal arrives.

Data is kept in a private Postgres in the home folder, or in the Postgres that DATABASE_URL names.

What has a variable of the environment may also stand in /etc/comptant/hq.json or ~/.config/comptant/hq.json, as {"listen": ":8440"}.`

type cli struct {
	Config kong.ConfigFlag `placeholder:"FILE" type:"existingfile" help:"File of settings. It counts more than those that are read anyway; the environment and flags count more."`

	Home        string `env:"COMPTANT_HOME" type:"path" help:"Folder of this headquarters. Default: /var/lib/comptant for root, else $$XDG_DATA_HOME/comptant."`
	DatabaseURL string `env:"DATABASE_URL" help:"Postgres to use instead of a private one."`
	Listen      string `env:"COMPTANT_LISTEN" default:"127.0.0.1:8440" help:"Address to serve on."`
	TLSCert     string `name:"tls-cert" env:"COMPTANT_TLS_CERT" type:"path" help:"Certificate file (PEM, with its chain) to serve HTTPS with. A renewed file is read by itself."`
	Verbose     bool   `short:"v" help:"Log every step."`

	Serve   serveCmd   `cmd:"" help:"Serve tills and the dashboard until interrupted."`
	Doctor  doctorCmd  `cmd:"" help:"Say what is wrong with this headquarters, and what to do."`
	Ready   readyCmd   `cmd:"" help:"Exit 0 when headquarters answers at the address."`
	Migrate migrateCmd `cmd:"" help:"Bring the database up to date."`
	Demo    demoCmd    `cmd:"" help:"Fill an empty headquarters with a demo chain of five stores."`

	Import  importCmd  `cmd:"" help:"Import stores, taxes, products, prices, stock, customers or sales of before from a CSV file, or pictures from a folder."`
	Prices  pricesCmd  `cmd:"" help:"Plan, list and cancel prices."`
	Report  reportCmd  `cmd:"" help:"Print sales and stock."`
	User    userCmd    `cmd:"" help:"Manage who signs in."`
	Token   tokenCmd   `cmd:"" help:"Make and revoke the tokens that programs use the API with."`
	Till    tillCmd    `cmd:"" help:"Enrol and revoke tills."`
	Journal journalCmd `cmd:"" help:"Verify the tills' journals, and take in what was carried here."`

	Docs docsCmd `cmd:"" help:"Draw the domain models of this headquarters into a folder."`

	Backup  backupCmd  `cmd:"" help:"Copy everything headquarters has to one file, while it serves."`
	Restore restoreCmd `cmd:"" help:"Put a backup in place of what headquarters has. The tills send again what is not in it."`

	Version kong.VersionFlag `help:"Print the version."`
}

func main() {
	os.Exit(run(os.Args[1:]))
}

// Exit codes: 0 done, 1 failed, 2 wrong usage, 3 something was found that a person must look at, 4 that a person should.
const (
	failed = 1
	usage  = 2
	found  = 3
	soon   = 4
)

// errFound ends a command that worked and found a fault.
var errFound = errors.New("found faults")

func run(args []string) int {
	var c cli
	parser, err := kong.New(&c, kong.Name("hq"), kong.Description(description), kong.UsageOnError(),
		kong.Configuration(readSettings, settingsFiles...), kong.Vars{"version": version}, kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil { // a file of settings cannot be read
		fmt.Fprintf(os.Stderr, "hq: %v\n", err)
		return usage
	}
	k, err := parser.Parse(args)
	if err != nil {
		parser.Errorf("%s", err)
		return usage
	}
	if c.Home == "" {
		if c.Home, err = home(); err != nil {
			parser.Errorf("%s", err)
			return usage
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	k.BindTo(ctx, (*context.Context)(nil))
	switch err := k.Run(&c); {
	case err == nil:
		return 0
	case errors.Is(err, errFound):
		return found
	case errors.Is(err, errSoon):
		return soon
	default:
		fmt.Fprintf(os.Stderr, "hq: %v\n", err)
		return failed
	}
}

// home is where a headquarters lives when nobody says otherwise.
func home() (string, error) {
	if os.Geteuid() == 0 {
		return "/var/lib/comptant", nil
	}
	if data := os.Getenv("XDG_DATA_HOME"); data != "" {
		return filepath.Join(data, "comptant"), nil
	}
	user, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find the home folder (or give --home): %w", err)
	}
	return filepath.Join(user, ".local", "share", "comptant"), nil
}

func (c *cli) log() *slog.Logger {
	level := slog.LevelInfo
	if c.Verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
}

// quiet is the log of commands that print their own results: only what goes wrong.
func (c *cli) quiet() *slog.Logger {
	if c.Verbose {
		return c.log()
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// open connects to the database for one command.
func (c *cli) open(ctx context.Context) (*server.Store, error) {
	return c.database().Visit(ctx)
}
