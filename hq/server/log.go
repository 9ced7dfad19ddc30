package server

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strconv"

	"comptant/shared/retail"
	"comptant/sync/wire"

	"github.com/google/uuid"
)

// takeLog takes the log of a till that was asked for it: see wire.LogPath. Whoever it says it is, the till's key has signed it.
func (s *Server) takeLog(w http.ResponseWriter, r *http.Request) {
	till, err := uuid.Parse(r.Header.Get(wire.LogTill))
	asked, err2 := strconv.ParseInt(r.Header.Get(wire.LogAsked), 10, 64)
	sig, err3 := base64.StdEncoding.DecodeString(r.Header.Get(wire.LogSignature))
	if err := errors.Join(err, err2, err3); err != nil {
		http.Error(w, "want the headers of a log", http.StatusBadRequest)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, wire.LogBody))
	if err != nil {
		http.Error(w, "too long, or cut off", http.StatusRequestEntityTooLarge)
		return
	}
	device, err := s.desk.Key(r.Context(), till)
	if err == nil {
		err = wire.VerifyLog(till, asked, body, sig, device.Key)
	}
	if code := wire.Code(0); errors.As(err, &code) {
		s.log.Warn("log refused", "till", till, "remote", r.RemoteAddr, "error", err)
		http.Error(w, "not signed by a till", http.StatusForbidden)
		return
	}
	var text []byte
	if err == nil {
		if text, err = unzip(body); err != nil {
			http.Error(w, "not a log", http.StatusBadRequest)
			return
		}
		err = s.desk.TakeLog(r.Context(), till, asked, text)
	}
	if refusal := (*retail.Error)(nil); errors.As(err, &refusal) {
		http.Error(w, "not asked for", http.StatusConflict)
		return
	}
	if err != nil {
		s.log.Error("log not kept", "till", till, "error", err)
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// unzip refuses what is longer than a log.
func unzip(body []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(z, wire.LogText+1))
	if err == nil && len(text) > wire.LogText {
		err = errors.New("too long")
	}
	return text, err
}
