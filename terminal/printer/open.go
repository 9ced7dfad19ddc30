package printer

import (
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"

	"comptant/terminal/printer/escpos"
)

// Open begins to print where target says:
//
//	tcp://192.168.1.50:9100   a printer on the network
//	usb:/dev/usb/lp0          a printer behind a device file
//	folder:/var/receipts      PDF files
//
// A printer takes ?paper=80 or 58 (mm), &page=wpc1252, cp858 or cp850, and &logo=FILE, a PNG printed above each document.
func Open(target string, log *slog.Logger) (*Queue, error) {
	p, err := pressAt(target)
	if err != nil {
		return nil, fmt.Errorf("printer %s: %w", target, err)
	}
	return newQueue(p, log), nil
}

func pressAt(target string) (press, error) {
	kind, rest, _ := strings.Cut(target, ":")
	place, query, _ := strings.Cut(rest, "?")
	options, err := url.ParseQuery(query)
	if err != nil {
		return nil, err
	}
	if kind == "folder" {
		// A folder may have any name.
		return NewFolder(rest)
	}
	m := &machine{silence: silentFor}
	switch address := strings.TrimPrefix(place, "//"); {
	case kind == "tcp" && address != place:
		if _, port, err := net.SplitHostPort(address); err != nil || port == "" {
			address = net.JoinHostPort(strings.Trim(address, "[]"), "9100")
		}
		m.dial = dialTCP(address)
	case kind == "usb" && strings.HasPrefix(place, "/"):
		m.dial = dialFile(place)
	default:
		return nil, fmt.Errorf("want tcp://HOST:9100, usb:/dev/usb/lp0 or folder:PATH")
	}
	return m, m.configure(options)
}

func (m *machine) configure(options url.Values) (err error) {
	m.sheet = Sheet
	for name := range options {
		value := options.Get(name)
		switch name {
		case "paper":
			if m.sheet.Columns = map[string]int{"80": wide, "58": narrow}[value]; m.sheet.Columns == 0 {
				return fmt.Errorf("paper of %s mm: want 80 or 58", value)
			}
		case "page":
			if m.sheet.Page, err = escpos.PageNamed(value); err != nil {
				return err
			}
		case "logo":
		default:
			return fmt.Errorf("unknown option %q", name)
		}
	}
	if !options.Has("logo") {
		return nil
	}
	f, err := os.Open(options.Get("logo"))
	if err != nil {
		return fmt.Errorf("logo: %w", err)
	}
	defer f.Close()
	m.logo, err = escpos.Logo(f, m.sheet.Columns)
	return err
}
