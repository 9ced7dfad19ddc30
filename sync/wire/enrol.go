package wire

import "github.com/google/uuid"

// EnrolPath and SyncPath are where HQ answers.
const (
	EnrolPath = "/sync/enrol"
	SyncPath  = "/sync"
)

// EnrolRequest is the body of POST /sync/enrol.
type EnrolRequest struct {
	Code string `json:"code"`
	// Key is the device's Ed25519 public key.
	Key  []byte `json:"key"`
	App  string `json:"app"`
	Host string `json:"host"`
}

// EnrolReply is what a new till must know.
type EnrolReply struct {
	Till     uuid.UUID `json:"till"`
	Number   int       `json:"number"`
	Store    uuid.UUID `json:"store"`
	Code     string    `json:"code"`
	Name     string    `json:"name"`
	Zone     string    `json:"zone"`
	Currency string    `json:"currency"`
	// Epoch is the first epoch the till may write.
	Epoch uint64 `json:"epoch"`
	// HQ is the Ed25519 public key every welcome is signed with.
	HQ []byte `json:"hq"`
}

// EnrolError is the body of a refusal: what a person must see, as in retail.Error.
type EnrolError struct {
	Code string         `json:"code"`
	Key  string         `json:"key"`
	Args map[string]any `json:"args,omitempty"`
}
