package printer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"comptant/shared/retail"
)

// Folder prints receipts as PDF files, named by their number: CV-01-1-004218.pdf. A receipt that is printed again gets a
// file of its own, CV-01-1-004218-2.pdf; no file is ever written over. It may be used by several goroutines.
type Folder struct {
	dir string
	mu  sync.Mutex
}

// NewFolder prints into dir, which it makes.
func NewFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("receipts folder: %w", err)
	}
	return &Folder{dir: dir}, nil
}

// Print returns once the file is on disk.
func (f *Folder) Print(ctx context.Context, r retail.Receipt) error {
	return f.save(ctx, Receipt(r, f.paper()))
}

// PrintReport prints an X or a Z as Print does a receipt.
func (f *Folder) PrintReport(ctx context.Context, r retail.Report) error {
	return f.save(ctx, Report(r, f.paper()))
}

func (*Folder) paper() Paper { return Sheet }

func (f *Folder) print(ctx context.Context, j *job, q *Queue) error {
	if err := f.save(ctx, j.Document); err != nil {
		return err
	}
	q.is("", false)
	return nil
}

// open does nothing: no drawer hangs from a folder.
func (*Folder) open(context.Context) error { return errors.ErrUnsupported }

func (f *Folder) save(ctx context.Context, d Document) error {
	pdf, err := PDF(d)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("print %s: %w", d.Name, err)
	}
	name, err := f.freeName(d.Name)
	if err != nil {
		return fmt.Errorf("print %s: %w", d.Name, err)
	}
	if err := f.write(name, pdf); err != nil {
		return fmt.Errorf("print %s: %w", d.Name, err)
	}
	return nil
}

func (f *Folder) freeName(code string) (string, error) {
	name := filepath.Join(f.dir, code+".pdf")
	for n := 2; ; n++ {
		_, err := os.Lstat(name)
		if errors.Is(err, fs.ErrNotExist) {
			return name, nil
		}
		if err != nil {
			return "", err
		}
		name = filepath.Join(f.dir, fmt.Sprintf("%s-%d.pdf", code, n))
	}
}

// write makes a file that is whole or not there, also after a power cut.
func (f *Folder) write(name string, content []byte) error {
	part, err := os.CreateTemp(f.dir, ".printing-*")
	if err != nil {
		return err
	}
	_, err = part.Write(content)
	err = errors.Join(err, part.Chmod(0o644), part.Sync(), part.Close())
	if err == nil {
		err = os.Rename(part.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(part.Name()))
	}
	return syncDir(f.dir)
}

// syncDir makes a new name durable. Windows has no such call and does not need it.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
