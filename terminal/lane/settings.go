package lane

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"comptant/shared/retail"
	"comptant/terminal/till"
)

// settingsFile is beside the ledger: what was set at this till.
const settingsFile = "settings.json"

// ReadSettings gives the settings of the till in a folder; what the file does not say is as it is by default. With an error
// they are all so.
func ReadSettings(dir string) (till.Settings, error) {
	s := till.DefaultSettings()
	b, err := os.ReadFile(filepath.Join(dir, settingsFile))
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &s)
	}
	if err == nil {
		err = s.Check()
	}
	if err != nil {
		return till.DefaultSettings(), fmt.Errorf("read the settings in %s: %w", dir, err)
	}
	return s, nil
}

// KeepSettings writes them, whole and durably. The error is a *retail.Error.
func KeepSettings(dir string, s till.Settings) error {
	if err := s.Check(); err != nil {
		return err
	}
	b, err := json.MarshalIndent(s, "", "  ")
	if err == nil {
		err = replaceFile(filepath.Join(dir, settingsFile), append(b, '\n'))
	}
	if err != nil {
		return &retail.Error{Code: retail.Failed, Key: till.KeySettingDisk, Err: fmt.Errorf("keep the settings: %w", err)}
	}
	return nil
}

// replaceFile writes a file that is the old one or the new one, also after a power cut.
func replaceFile(name string, content []byte) error {
	part, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return err
	}
	_, err = part.Write(content)
	if err = errors.Join(err, part.Sync(), part.Close()); err == nil {
		err = os.Rename(part.Name(), name)
	}
	if err != nil {
		return errors.Join(err, os.Remove(part.Name()))
	}
	return syncDir(filepath.Dir(name))
}
