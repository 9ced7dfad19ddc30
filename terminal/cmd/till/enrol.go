package main

import (
	"context"
	"fmt"

	"comptant/terminal/lane"
)

// explanations say what to do about the errors that enrolling and opening a till can end with.
var explanations = map[string]string{
	notEnrolled: "this folder belongs to no till yet. Get a code at headquarters (hq till code --store CV --number 1), " +
		"then run: till enrol --url URL --code CODE",
	"till.other":   "this folder belongs to another till, whose journal would be lost from sight. Choose another with --dir",
	"enrol.code":   "headquarters does not know this code. A code works once, for a short time: ask for a new one",
	"enrol.number": "headquarters refuses this till number",
	"enrol.wait":   "a code was given out for this till moments ago. Use it, or wait until it has expired",
}

// notEnrolled is the key of the error for a folder without a till.
const notEnrolled = "till.not_enrolled"

type enrolCmd struct {
	folder
	URL  string `required:"" env:"COMPTANT_URL" help:"Address of headquarters, for example https://hq.example."`
	Code string `required:"" help:"One-time code from headquarters."`
}

// Help is what --help adds.
func (*enrolCmd) Help() string {
	return "Headquarters makes the code: hq till code --store CV --number 1. The device's key is made here and never leaves."
}

func (c *enrolCmd) Run(ctx context.Context) error {
	if err := lane.Enrol(ctx, c.Dir, c.URL, c.Code, version); err != nil {
		return err
	}
	fmt.Printf("Enrolled. Open the window with: till run --dir %s\n", c.Dir)
	return nil
}

type enrolledCmd struct{ folder }

func (c *enrolledCmd) Run(ctx context.Context) error {
	enrolled, err := lane.Enrolled(ctx, c.Dir)
	if err == nil && !enrolled {
		err = errNo
	}
	return err
}
