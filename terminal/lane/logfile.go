package lane

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
)

// logMost is how long a file of the log grows, in bytes. There are two: the newest, and the one before.
const logMost = 2 << 20

// LogFile is the log of a till, in its folder. Writing never fails: a full disk, or a folder that is gone, keeps no till from selling, and
// costs lines of its log.
type LogFile struct {
	mu   sync.Mutex
	path string
	file *os.File // nil: to be opened
	size int64
}

// OpenLog is the log of the till in a folder.
func OpenLog(dir string) *LogFile { return &LogFile{path: logPath(dir)} }

func logPath(dir string) string { return filepath.Join(dir, "till.log") }

func (l *LogFile) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file != nil && l.size+int64(len(b)) > logMost {
		_ = l.file.Close()
		l.file = nil
		_ = os.Rename(l.path, l.path+".1")
	}
	if l.file == nil && !l.open() {
		return len(b), nil
	}
	n, _ := l.file.Write(b)
	l.size += int64(n)
	return len(b), nil
}

func (l *LogFile) open() bool {
	file, err := os.OpenFile(l.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return false
	}
	_ = debug.SetCrashOutput(file, debug.CrashOptions{}) // what ends the program is what its log is read for
	l.file, l.size = file, 0
	if info, err := file.Stat(); err == nil {
		l.size = info.Size()
	}
	return true
}

// Close closes the file. What is written after that opens it again.
func (l *LogFile) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file = nil
	return err
}

// newestLog is the end of a folder's log, in whole lines: at most so many bytes. There is none where no till has run.
func newestLog(dir string, most int64) ([]byte, error) {
	newest, err := tail(logPath(dir), most)
	if err != nil {
		return nil, err
	}
	before, err := tail(logPath(dir)+".1", most-int64(len(newest)))
	if err != nil {
		return nil, err
	}
	all := append(before, newest...)
	if int64(len(all)) < most {
		return all, nil
	}
	if _, whole, cut := bytes.Cut(all, []byte("\n")); cut {
		return whole, nil
	}
	return all, nil
}

// tail is the end of a file; nothing when there is no file.
func tail(path string, most int64) ([]byte, error) {
	file, err := os.Open(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	b, err := io.ReadAll(io.NewSectionReader(file, max(0, info.Size()-most), most))
	if err != nil {
		return nil, fmt.Errorf("read log: %w", err)
	}
	return b, nil
}
