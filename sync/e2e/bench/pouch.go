package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"comptant/shared/retail"
	"comptant/sync/e2e/fleet"

	"github.com/google/uuid"
)

const (
	// pouchStart bounds how long the server may take to answer.
	pouchStart = time.Minute
	// pouchPatience bounds a run.
	pouchPatience = 10 * time.Minute
)

// pouch is tills that keep their sales in PouchDB and send them to a pouchdb-server.
type pouch struct {
	pouchInstalled
	// dir is where each run has a folder of its own.
	dir      string
	products []retail.Product
	// sales is how many each till sends.
	tills, sales int
	// server and client are the processes of the run under way.
	server, client *node
}

// openPouch installs both and lets a few documents through: what does not work here would not work in a round.
func openPouch(ctx context.Context, dir string, products []retail.Product, tills, sales int) (*pouch, error) {
	installed, err := installPouch(ctx)
	if err != nil {
		return nil, err
	}
	p := &pouch{pouchInstalled: installed, dir: dir, products: products, tills: 2, sales: 10}
	if err := p.send(ctx, newWatch(p.cpu, nil)); err != nil {
		return nil, err
	}
	p.tills, p.sales = tills, sales
	return p, nil
}

// note is what is measured, and what is not the same on both sides.
func (p *pouch) note() string {
	return fmt.Sprintf("Peer: the same sales as JSON documents, one each, written before to %d databases of %d, until each replication "+
		"says that it is complete. Client and server are a process each, on Node.js %s, as they are by default; their processor time is "+
		"counted together. The server keeps documents: no chain, domains, stock or feed. COPY and headquarters flush what they "+
		"acknowledge to the disk; LevelDB, on either side, does not, and a power cut takes what it wrote last.",
		p.tills, p.sales, p.version)
}

// send writes the sales of every till, then replicates all of them at once.
func (p *pouch) send(ctx context.Context, w *Watch) (err error) {
	ctx, cancel := context.WithTimeout(ctx, pouchPatience)
	defer cancel()
	dir, err := os.MkdirTemp(p.dir, "pouch-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	database, err := p.serve(ctx, dir)
	if err != nil {
		return err
	}
	defer p.server.kill()
	if p.client, err = startTalking(ctx, dir, p.program, dir, database); err != nil {
		return err
	}
	defer p.client.kill()
	if err := p.write(); err != nil {
		return err
	}
	w.Start()
	if err := p.client.ask("replicate", "replicated"); err != nil {
		return err
	}
	w.Stop(p.tills * p.sales)
	return p.sound(ctx, database)
}

// serve starts the server and makes its database.
func (p *pouch) serve(ctx context.Context, dir string) (database string, err error) {
	dir = filepath.Join(dir, "server")
	if err := os.Mkdir(dir, 0o755); err != nil {
		return "", err
	}
	address, err := fleet.FreeAddress(ctx)
	if err != nil {
		return "", err
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "", err
	}
	// Its databases, settings and log are in the folder it is started in.
	p.server, err = startNode(ctx, dir, filepath.Join(p.modules, "pouchdb-server", "bin", "pouchdb-server"), "--host", host, "--port", port)
	if err != nil {
		return "", err
	}
	database = "http://" + address + "/sales"
	starting, cancel := context.WithTimeout(ctx, pouchStart)
	defer cancel()
	err = every(starting, 50*time.Millisecond, func() (bool, error) {
		resp, err := request(starting, http.MethodPut, database)
		if err != nil {
			return false, nil // it does not listen yet
		}
		if resp.StatusCode != http.StatusCreated {
			err = errors.New(resp.Status)
		}
		return true, errors.Join(err, resp.Body.Close())
	})
	if err != nil {
		return "", p.server.failed(fmt.Errorf("start pouchdb-server: %w", err))
	}
	return database, nil
}

// write gives each till its sales.
func (p *pouch) write() error {
	for till := range p.tills {
		documents, err := p.documents(till)
		if err != nil {
			return err
		}
		if err := p.client.ask(string(documents), "written"); err != nil {
			return err
		}
	}
	return nil
}

// document is a sale as PouchDB keeps it.
type document struct {
	ID uuid.UUID `json:"_id"`
	retail.Sale
}

// documents are the sales of a till, in one line.
func (p *pouch) documents(till int) ([]byte, error) {
	all := make([]document, p.sales)
	for i := range all {
		n := till*p.sales + i
		sale, err := basket(p.products, n, retail.DateOf(time.Now()))
		if err != nil {
			return nil, err
		}
		sale.Number = uint64(i + 1)
		all[i] = document{seeded(8, n), sale}
	}
	return json.Marshal(all)
}

// sound fails unless the server has every document.
func (p *pouch) sound(ctx context.Context, database string) error {
	resp, err := request(ctx, http.MethodGet, database)
	if err != nil {
		return fmt.Errorf("count documents: %w", err)
	}
	defer resp.Body.Close()
	var has struct {
		Documents int `json:"doc_count"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&has); err != nil {
		return fmt.Errorf("count documents: %w", err)
	}
	if has.Documents != p.tills*p.sales {
		return fmt.Errorf("pouchdb-server has %d documents, want %d", has.Documents, p.tills*p.sales)
	}
	return nil
}

func request(ctx context.Context, method, address string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return nil, err
	}
	return http.DefaultClient.Do(req)
}

// cpu is the processor time of the run's two processes.
func (p *pouch) cpu() time.Duration {
	return familyTime(p.server.cmd.Process.Pid, p.client.cmd.Process.Pid)
}
