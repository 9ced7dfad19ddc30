package till

import (
	"context"
	"fmt"
	"slices"
	"unicode"

	"comptant/shared/retail"
)

// Settings are what a person may change about one till. What a flag, the environment or a file of the machine says counts more.
type Settings struct {
	// Printer is where receipts go, as docs/printing.md says it; empty for PDF files in the till's folder.
	Printer string `json:"printer,omitempty"`
	// ScanGap is the longest average time between two keys of a scan, in milliseconds; ScanPrefix and ScanSuffix are what the
	// scanner adds to a code.
	ScanGap    int    `json:"scan_gap_ms"`
	ScanPrefix string `json:"scan_prefix,omitempty"`
	ScanSuffix string `json:"scan_suffix,omitempty"`
	// Lang is the language before anybody signs in: "fr" or "en".
	Lang string `json:"lang"`
	// Theme is "light", "dark" or "system".
	Theme string `json:"theme"`
	// Scale is the size of everything on screen, in percent.
	Scale int `json:"scale_percent"`
	// LockAfter is after how many minutes without a touch the till locks; 0 for never.
	LockAfter int `json:"lock_after_minutes"`
}

// DefaultSettings are those of a till nobody has changed.
func DefaultSettings() Settings {
	return Settings{ScanGap: 35, Lang: "fr", Theme: "light", Scale: 100, LockAfter: 5}
}

// What a setting may be.
var (
	Themes = []string{"light", "dark", "system"}
	// Scales are the sizes that are offered; the window fits 1024 by 768 at the first.
	Scales = []int{100, 115, 130, 150}
)

const longestAffix = 8

// Check refuses what no till should be set to. Where a printer is only the printer knows.
func (s Settings) Check() error {
	affix := func(text string) bool {
		n := 0
		for _, r := range text {
			if n++; !unicode.IsPrint(r) {
				return false
			}
		}
		return n <= longestAffix
	}
	for _, c := range []struct {
		name string
		ok   bool
	}{
		{"scan_gap_ms", s.ScanGap >= 5 && s.ScanGap <= 200},
		{"scan_prefix", affix(s.ScanPrefix)},
		{"scan_suffix", affix(s.ScanSuffix)},
		{"lang", s.Lang == "fr" || s.Lang == "en"},
		{"theme", slices.Contains(Themes, s.Theme)},
		{"scale_percent", s.Scale >= 75 && s.Scale <= 200},
		{"lock_after_minutes", s.LockAfter >= 0 && s.LockAfter <= 24*60},
	} {
		if !c.ok {
			return fmt.Errorf("setting %s of a till: %w", c.name, fail(retail.Invalid, KeySetting, "name", c.name))
		}
	}
	return nil
}

// Registration is the retailer's number for a tax, as receipts print it.
type Registration struct {
	Name   retail.Text
	Number string
}

// Registrations are those of the taxes that are charged today.
func (t *Till) Registrations(ctx context.Context) ([]Registration, error) {
	rates, err := t.catalogue.Rates(ctx)
	if err != nil {
		return nil, fmt.Errorf("read tax rates: %w", err)
	}
	var all []Registration
	for _, r := range rates.On(t.today()) {
		if r.Registration != "" {
			all = append(all, Registration{r.Name, r.Registration})
		}
	}
	return all, nil
}

// OpenSettings is asked before the settings are shown to be changed: they are a supervisor's.
func (t *Till) OpenSettings(a Approval) error {
	if err := t.signedIn(); err != nil {
		return err
	}
	by, err := t.allow(retail.Need{Deed: retail.DeedSettings}, a)
	if err == nil {
		t.log.Info("settings opened", "user", t.user.ID, "approver", by)
	}
	return err
}
