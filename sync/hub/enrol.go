package hub

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"

	"comptant/shared/retail"
	"comptant/sync/wire"
)

// maxEnrol bounds the body of an enrolment, in bytes.
const maxEnrol = 4 << 10

var statuses = map[retail.Code]int{
	retail.Invalid: http.StatusUnprocessableEntity, retail.NotFound: http.StatusNotFound,
	retail.Conflict: http.StatusConflict, retail.Forbidden: http.StatusForbidden,
	retail.Failed: http.StatusServiceUnavailable,
}

// enrol turns a one-time code into a till. Tills counts the tries.
func (h *Hub) enrol(w http.ResponseWriter, r *http.Request) {
	var req wire.EnrolRequest
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxEnrol)).Decode(&req); err != nil {
		http.Error(w, "body is not an enrolment", http.StatusBadRequest)
		return
	}
	address, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		address = r.RemoteAddr
	}
	reply, err := h.tills.Enrol(r.Context(), req, address)
	status, body := http.StatusOK, any(reply)
	if err != nil {
		h.log.Warn("enrolment refused", "remote", r.RemoteAddr, "host", req.Host, "error", err)
		refusal, ok := errors.AsType[*retail.Error](err)
		if !ok {
			http.Error(w, "not enrolled; try again", http.StatusServiceUnavailable)
			return
		}
		status, body = statuses[refusal.Code], wire.EnrolError{Code: string(refusal.Code), Key: refusal.Key, Args: refusal.Args}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		h.log.Warn("enrolment not answered", "remote", r.RemoteAddr, "error", err)
	}
}
