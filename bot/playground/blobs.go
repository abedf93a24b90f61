package playground

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"sync"
)

// blobStore keeps the bytes of files under their file id: in a directory, or in memory.
type blobStore struct {
	dir string // empty: in memory

	mu     sync.Mutex
	memory map[string][]byte
}

func newBlobStore(dir string) (*blobStore, error) {
	if dir == "" {
		return &blobStore{memory: map[string][]byte{}}, nil
	}
	b := &blobStore{dir: filepath.Join(dir, "files")}
	if err := os.MkdirAll(b.dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory for files: %w", err)
	}
	return b, nil
}

// put stores data; when it returns, the file is there whole.
func (b *blobStore) put(id string, data []byte) error {
	if b.dir == "" {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.memory[id] = data
		return nil
	}
	f, err := writeDurably(filepath.Join(b.dir, id), data)
	if err != nil {
		return fmt.Errorf("store a file: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("store a file: %w", err)
	}
	return nil
}

// get returns the bytes of a file known to the state.
func (b *blobStore) get(id string) ([]byte, error) {
	if b.dir == "" {
		b.mu.Lock()
		defer b.mu.Unlock()
		if data, found := b.memory[id]; found {
			return data, nil
		}
		return nil, os.ErrNotExist
	}
	data, err := os.ReadFile(filepath.Join(b.dir, filepath.Base(id)))
	if err != nil {
		return nil, fmt.Errorf("read a file: %w", err)
	}
	return data, nil
}

// randomID is an identifier in the alphabet of Telegram's file ids, safe in a path.
func randomID(prefix string, n int) string {
	raw := make([]byte, n)
	_, _ = rand.Read(raw) // never fails: crypto/rand ends the process instead
	return prefix + base64.RawURLEncoding.EncodeToString(raw)
}
