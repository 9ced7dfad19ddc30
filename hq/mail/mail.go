package mail

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// timeout is how long the server may take to answer.
const timeout = 20 * time.Second

// Sender sends from one address through one server.
type Sender struct {
	host    string
	options []gomail.Option
	from    string
}

// New reads where messages go: smtp://user:password@host:587, with STARTTLS, which another machine than this one must offer, or
// smtps://, with TLS from the start. Without a user there is no sign-in. From is the sender's address.
func New(address, from string) (*Sender, error) {
	u, err := url.Parse(address)
	if err != nil {
		// The error of url.Parse has the address in it, and so the password.
		return nil, fmt.Errorf("the address of the mail server cannot be read: write it as smtp://user:password@host:587, special characters as %%XX")
	}
	if _, err := mail.ParseAddress(from); err != nil {
		return nil, fmt.Errorf("sender of messages %q: %w", from, err)
	}
	options := []gomail.Option{gomail.WithTimeout(timeout), gomail.WithTLSPolicy(policy(u.Hostname()))}
	port := 587
	switch u.Scheme {
	case "smtp":
	case "smtps":
		port, options = 465, append(options, gomail.WithSSL())
	default:
		return nil, fmt.Errorf("mail server %s: the address begins with smtp:// or smtps://", u.Redacted())
	}
	if text := u.Port(); text != "" {
		if port, err = strconv.Atoi(text); err != nil {
			return nil, fmt.Errorf("mail server %s: %w", u.Redacted(), err)
		}
	}
	if u.User != nil {
		password, _ := u.User.Password()
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	s := &Sender{host: u.Hostname(), options: append(options, gomail.WithPort(port)), from: from}
	if _, err := gomail.NewClient(s.host, s.options...); err != nil {
		return nil, fmt.Errorf("mail server %s: %w", u.Redacted(), err)
	}
	return s, nil
}

// policy asks every other machine for TLS.
func policy(host string) gomail.TLSPolicy {
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		return gomail.TLSOpportunistic
	}
	return gomail.TLSMandatory
}

// ErrAddress says that a message reaches nobody at its address, however often it is sent.
var ErrAddress = errors.New("nobody is reached at this address")

// Send hands one message over. When it returns nil the server has it. An address that is none, or that the server refuses for good, is
// ErrAddress.
func (s *Sender) Send(ctx context.Context, to, subject, text string) error {
	m := gomail.NewMsg()
	if err := m.From(s.from); err != nil {
		return fmt.Errorf("send mail: %w", err)
	}
	if err := m.To(to); err != nil {
		return fmt.Errorf("send mail: %w: %w", ErrAddress, err)
	}
	m.Subject(subject)
	m.SetBodyString(gomail.TypeTextPlain, text)
	client, err := gomail.NewClient(s.host, s.options...)
	if err != nil {
		return fmt.Errorf("send mail: %w", err)
	}
	if err := client.DialAndSendWithContext(ctx, m); err != nil {
		var refused *gomail.SendError
		if errors.As(err, &refused) && refused.Reason == gomail.ErrSMTPRcptTo && !refused.IsTemp() {
			err = fmt.Errorf("%w: %w", ErrAddress, err)
		}
		return fmt.Errorf("send mail through %s: %w", s.host, err)
	}
	return nil
}
