package stock

import (
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/google/uuid"

	"comptant/shared/retail"
)

// pageSize is how many rows a page has, 50 unless told.
func pageSize(limit int) int {
	if limit <= 0 {
		return 50
	}
	return limit
}

// order is how a list is read in order of time: the way for SQL, and how what comes after a cursor compares with it.
type order struct{ way, after string }

var (
	newestFirst = order{"DESC", "<"}
	oldestFirst = order{"ASC", ">"}
)

// cursor names the last row of a page that is in order of time, id and line. Postgres keeps microseconds.
func cursor(at time.Time, id uuid.UUID, line int) string {
	b := binary.BigEndian.AppendUint64(id[:], uint64(at.UnixMicro()))
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint16(b, uint16(line)))
}

func readCursor(s string) (at time.Time, id uuid.UUID, line int, err error) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || len(b) != len(id)+8+2 {
		return at, id, 0, &retail.Error{Code: retail.Invalid, Key: "page.unknown", Err: err}
	}
	at = time.UnixMicro(int64(binary.BigEndian.Uint64(b[len(id):])))
	return at, uuid.UUID(b[:len(id)]), int(binary.BigEndian.Uint16(b[len(id)+8:])), nil
}
