package retail

import (
	"encoding/base32"

	"github.com/google/uuid"
)

// TransferCode is the number that is written on the boxes of a transfer, for example TR-7K3QF2. Both stores and headquarters
// work it out of the id, so it is known at once and offline.
func TransferCode(id uuid.UUID) string {
	return "TR-" + transferCode.EncodeToString(id[10:])[:6]
}

// transferCode has no letters or digits that are taken for each other.
var transferCode = base32.NewEncoding("23456789ABCDEFGHJKLMNPQRSTUVWXYZ").WithPadding(base32.NoPadding)
