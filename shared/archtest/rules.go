package archtest

// A pattern is an import path, or a path and everything below it when it ends in "/...".

// rule says what the package at path may import from this workspace, and what its tests may import besides.
type rule struct {
	path  string
	may   []string
	tests []string
}

const shared = "comptant/shared/..."

var (
	// domains of headquarters: one package and one Postgres schema each.
	domains = []string{
		"comptant/hq/users", "comptant/hq/catalog", "comptant/hq/stock", "comptant/hq/sales", "comptant/hq/shop",
		"comptant/hq/order", "comptant/hq/payments", "comptant/hq/tills",
	}
	// pages may read the domains and what intake keeps of the journals.
	pages = with(domains, "comptant/hq/atlas", "comptant/hq/intake", "comptant/hq/ui/...", shared)
	// data is what every domain stands on: its own tables and what it tells the tills.
	data = []string{"comptant/hq/db", "comptant/hq/feed", shared}
	// wiring is all of headquarters except its commands.
	wiring = with(domains, "comptant/hq/atlas", "comptant/hq/db/...", "comptant/hq/feed", "comptant/hq/intake", "comptant/hq/api", "comptant/hq/web",
		"comptant/hq/shop/page", "comptant/hq/ui/...", "comptant/hq/mail", "comptant/hq/demo", "comptant/hq/importer", shared)
	// hqTests run against the real database, and set up their world through the other domains.
	hqTests = with(wiring, "comptant/hq/pgtest/...", "comptant/hq/mail/mailtest", "comptant/hq/payments/stripetest",
		"comptant/hq/server", "comptant/sync/hub", "comptant/sync/wire")
)

// rules is the import table. The most specific path decides.
var rules = []rule{
	// What both sides speak.
	{path: "comptant/shared/retail", may: []string{shared}},
	{path: "comptant/shared/money"},
	{path: "comptant/shared/barcode", may: []string{"comptant/shared/money"}},
	{path: "comptant/shared/journal", may: []string{shared}},
	{path: "comptant/shared/secret"},
	{path: "comptant/shared/audit", may: []string{shared}},
	{path: "comptant/shared/health"},
	{path: "comptant/shared/archtest"},

	// Entries up, state down.
	{path: "comptant/sync/wire", may: []string{shared}},
	{path: "comptant/sync/link", may: []string{"comptant/sync/wire", shared}, tests: []string{"comptant/sync/hub"}},
	{path: "comptant/sync/hub", may: []string{"comptant/sync/wire", shared}, tests: []string{"comptant/sync/link"}},
	// The simulator's models are what the storages are compared with, one call at a time: its tests reach them directly.
	{path: "comptant/sync/e2e/sim", may: []string{"comptant/sync/link", "comptant/sync/hub", "comptant/sync/wire", shared}, tests: []string{
		"comptant/hq/db", "comptant/hq/feed", "comptant/hq/intake", "comptant/hq/pgtest", "comptant/hq/stock", "comptant/sync/e2e/sim",
		"comptant/terminal/ledger", "comptant/terminal/till",
	}},
	{path: "comptant/sync/e2e/...", may: []string{
		"comptant/hq/server", "comptant/hq/pgtest", "comptant/terminal/lane", "comptant/terminal/till", "comptant/sync/...", shared,
	}, tests: []string{"comptant/terminal/printer/emulator"}},
	// The benchmark reads the processor time of Postgres, the chaos run kills it: both have to know the process. What a report takes without
	// HTTP only its own package tells.
	{path: "comptant/sync/e2e/bench", may: []string{
		"comptant/hq/db", "comptant/hq/db/postgres", "comptant/hq/sales", "comptant/terminal/lane", "comptant/terminal/till", "comptant/sync/...", shared,
	}},
	{path: "comptant/sync/e2e/chaos", may: []string{"comptant/hq/db/postgres", "comptant/sync/...", shared}},

	// One checkout lane.
	{path: "comptant/terminal/till", may: []string{shared}, tests: []string{"comptant/terminal/till/tilltest"}},
	{path: "comptant/terminal/till/tilltest", may: []string{"comptant/terminal/till", shared}},
	{path: "comptant/terminal/ledger", may: []string{"comptant/terminal/till", "comptant/sync/link", "comptant/sync/wire", shared}},
	{path: "comptant/terminal/printer", may: []string{"comptant/terminal/printer/escpos", "comptant/terminal/till", shared}, tests: []string{
		"comptant/terminal/printer/emulator",
	}},
	{path: "comptant/terminal/printer/escpos", tests: []string{"comptant/terminal/printer/emulator"}},
	// The emulator reads what printers read and knows nothing of what writes it.
	{path: "comptant/terminal/printer/emulator"},
	{path: "comptant/terminal/screen", may: []string{"comptant/terminal/till", shared}, tests: []string{"comptant/terminal/till/tilltest"}},
	{path: "comptant/terminal/lane", may: []string{
		"comptant/terminal/till", "comptant/terminal/ledger", "comptant/terminal/printer", "comptant/sync/link", "comptant/sync/wire", shared,
	}, tests: []string{"comptant/sync/hub", "comptant/terminal/printer/emulator"}},
	{path: "comptant/terminal/cmd/...", may: []string{"comptant/terminal/lane", "comptant/terminal/till", "comptant/terminal/screen", shared}},

	// Head office.
	{path: "comptant/hq/db", may: []string{"comptant/hq/db/...", shared}, tests: hqTests},
	{path: "comptant/hq/db/postgres", may: []string{shared}},
	{path: "comptant/hq/db/backup", may: []string{shared}, tests: hqTests},
	{path: "comptant/hq/pgtest/...", may: []string{"comptant/hq/db/...", shared}},
	{path: "comptant/hq/feed", may: []string{"comptant/hq/db", "comptant/sync/hub", "comptant/sync/wire", shared}, tests: hqTests},
	{path: "comptant/hq/users", may: data, tests: hqTests},
	{path: "comptant/hq/catalog", may: data, tests: hqTests},
	{path: "comptant/hq/stock", may: data, tests: hqTests},
	{path: "comptant/hq/payments", may: data, tests: hqTests},
	{path: "comptant/hq/payments/stripetest", may: []string{"comptant/hq/payments", shared}},
	{path: "comptant/hq/tills", may: with(data, "comptant/sync/hub", "comptant/sync/wire"), tests: hqTests},
	{path: "comptant/hq/sales", may: with(data, "comptant/hq/stock"), tests: hqTests},
	// A shipped order is a sale, and what its tills have not sent yet is set aside from what a store promises.
	{path: "comptant/hq/order", may: with(data, "comptant/hq/stock", "comptant/hq/payments", "comptant/hq/sales", "comptant/hq/tills"), tests: hqTests},
	{path: "comptant/hq/shop", may: with(data, "comptant/hq/catalog", "comptant/hq/order", "comptant/hq/users"), tests: hqTests},
	{path: "comptant/hq/intake", may: with(data, "comptant/sync/hub", "comptant/sync/wire", "comptant/hq/sales", "comptant/hq/stock", "comptant/hq/catalog",
		"comptant/hq/users", "comptant/hq/order", "comptant/hq/tills"), tests: hqTests},
	{path: "comptant/hq/atlas", may: with(domains, "comptant/hq/ui/...", shared), tests: hqTests},
	{path: "comptant/hq/mail", may: []string{shared}, tests: []string{"comptant/hq/mail/mailtest"}},
	{path: "comptant/hq/mail/mailtest"},
	{path: "comptant/hq/ui/...", may: []string{"comptant/hq/ui/...", shared}},
	// What a request makes and the answer that is kept of it, or the record of what changed, are one transaction.
	{path: "comptant/hq/api", may: with(pages, "comptant/hq/db", "comptant/hq/importer"), tests: hqTests},
	{path: "comptant/hq/web", may: with(pages, "comptant/hq/db", "comptant/hq/importer"), tests: hqTests},
	{path: "comptant/hq/shop/page", may: with(pages, "comptant/hq/db"), tests: hqTests},
	{path: "comptant/hq/importer", may: with(domains, "comptant/hq/db", shared), tests: hqTests},
	{path: "comptant/hq/demo", may: with(domains, "comptant/hq/db", "comptant/hq/intake", "comptant/sync/hub", "comptant/sync/wire", shared), tests: hqTests},
	{path: "comptant/hq/server", may: with(wiring, "comptant/sync/hub", "comptant/sync/wire"), tests: hqTests},
	{path: "comptant/hq/cmd/...", may: with(domains, "comptant/hq/server", "comptant/hq/demo", "comptant/hq/importer", "comptant/hq/intake",
		"comptant/hq/atlas", "comptant/hq/ui", "comptant/hq/db/...", shared), tests: hqTests},
}

// confined says where a library, or a part of the standard one, may be imported, and where besides by tests. The most
// specific library decides; one that is not named may be used anywhere.
var confined = []struct {
	library string
	in      []string
	tests   []string
	why     string
}{
	{library: "fyne.io/fyne/v2/app/...", in: []string{"comptant/terminal/cmd/..."}, why: "only the program opens a window"},
	{library: "fyne.io/...", in: []string{"comptant/terminal/screen", "comptant/terminal/cmd/..."}, why: "Fyne stays on the screen"},
	{library: "github.com/jackc/...", in: []string{"comptant/hq/...", "comptant/sync/e2e/..."}, why: "Postgres is headquarters'"},
	{library: "modernc.org/...", in: []string{"comptant/terminal/ledger", "comptant/sync/e2e/..."}, why: "SQLite is the ledger's"},
	{library: "github.com/gorilla/...", in: []string{"comptant/sync/link", "comptant/sync/hub"}, tests: []string{"comptant/sync/e2e/..."}, why: "websockets stay behind link and hub"},
}

// pure packages do no I/O; archtest itself reads files, and so do tests.
var (
	pure   = "comptant/shared/..."
	impure = "comptant/shared/archtest"
	doesIO = []string{"net/...", "os/...", "database/sql/...", "syscall/..."}
)

// cores hold the protocol without network, clock or goroutines, in files named core*.go, so that the same code runs in a
// simulator and in real life.
var (
	cores       = []string{"comptant/sync/link", "comptant/sync/hub"}
	coreForbids = []string{"net/...", "github.com/gorilla/..."}
	clockFuncs  = []string{"Now", "Since", "Until", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick", "Sleep"}
)

// Whatever has the focus in Fyne swallows what the scanner types, so its focusable widgets and its dialogs, built on them,
// are used only in the files focus*.go of the screen; the others use what these offer.
var (
	screens      = []string{"comptant/terminal/screen", "comptant/terminal/cmd/..."}
	focusPackage = "comptant/terminal/screen"
	fyneWidget   = "fyne.io/fyne/v2/widget"
	fyneDialog   = "fyne.io/fyne/v2/dialog"
	// focusable are the types; their constructors begin with New and the name.
	focusable = []string{
		"Entry", "MultiLineEntry", "PasswordEntry", "DateEntry", "Button", "Check", "CheckGroup", "Select", "SelectEntry", "RadioGroup", "Slider",
		"Form", "Hyperlink",
	}
)

// vague names say where code was put and not what it is about.
var vague = []string{"util", "common", "helper", "model", "service", "repository", "manager", "handler"}

func with(list []string, more ...string) []string {
	return append(append([]string{}, list...), more...)
}
