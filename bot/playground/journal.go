package playground

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

const (
	journalName = "playground.jsonl"
	// compactAfter is how many lines are appended before the journal is rewritten with the present state only.
	compactAfter = 20_000
)

// record is one thing that became different. Exactly one field is set; putting the same thing again replaces it.
type record struct {
	Person    *Person     `json:"person,omitempty"`
	Chat      *chat       `json:"chat,omitempty"`
	Message   *message    `json:"message,omitempty"`
	Deleted   *messageKey `json:"deleted,omitempty"`
	Update    *update     `json:"update,omitempty"`
	Confirmed int64       `json:"confirmed,omitempty"` // every update before this id is done
	Delivered int64       `json:"delivered,omitempty"` // this one update is done
	Query     *query      `json:"query,omitempty"`
	File      *file       `json:"file,omitempty"`
	Commands  *menu       `json:"commands,omitempty"`
	Profile   *profile    `json:"profile,omitempty"`
	Hook      *hook       `json:"hook,omitempty"`
	Counters  *counters   `json:"counters,omitempty"`
}

type messageKey struct {
	Chat int64 `json:"chat"`
	ID   int64 `json:"id"`
}

// menu is a list of commands for one scope and language; an empty list removes it.
type menu struct {
	Key  string       `json:"key"`
	List []botCommand `json:"list"`
}

// apply brings the state to where the record says.
func (st *state) apply(r record) {
	switch {
	case r.Person != nil:
		if _, known := st.people[r.Person.ID]; !known {
			st.order = append(st.order, r.Person.ID)
		}
		st.people[r.Person.ID] = r.Person
	case r.Chat != nil:
		if old := st.chats[r.Chat.ID]; old != nil {
			r.Chat.messages, r.Chat.messageID = old.messages, old.messageID
		}
		st.chats[r.Chat.ID] = r.Chat
	case r.Message != nil:
		if c := st.chats[r.Message.Chat]; c != nil {
			c.store(r.Message)
		}
	case r.Deleted != nil:
		if c := st.chats[r.Deleted.Chat]; c != nil {
			c.remove(r.Deleted.ID)
		}
	case r.Update != nil:
		st.addUpdate(r.Update)
	case r.Confirmed != 0:
		st.dropUpdatesBefore(r.Confirmed)
	case r.Delivered != 0:
		st.dropUpdate(r.Delivered)
	default:
		st.applySettings(r)
	}
}

func (st *state) applySettings(r record) {
	switch {
	case r.Query != nil:
		st.queries[r.Query.ID] = r.Query
	case r.File != nil:
		st.files[r.File.ID] = r.File
	case r.Commands != nil:
		if len(r.Commands.List) == 0 {
			delete(st.commands, r.Commands.Key)
			return
		}
		st.commands[r.Commands.Key] = r.Commands.List
	case r.Profile != nil:
		st.profile = *r.Profile
	case r.Hook != nil:
		st.hook = *r.Hook
	case r.Counters != nil:
		st.counters = *r.Counters
	}
}

// records writes the whole state as the records that would lead to it.
func (st *state) records() []record {
	all := []record{{Counters: &st.counters}, {Profile: &st.profile}, {Hook: &st.hook}}
	for _, id := range st.order {
		all = append(all, record{Person: st.people[id]})
	}
	for _, c := range st.chats {
		all = append(all, record{Chat: c})
		for _, id := range c.messageID {
			all = append(all, record{Message: c.messages[id]})
		}
	}
	for _, u := range st.updates {
		all = append(all, record{Update: u})
	}
	for _, q := range st.queries {
		if !q.Answered {
			all = append(all, record{Query: q})
		}
	}
	for _, f := range st.files {
		all = append(all, record{File: f})
	}
	for key, list := range st.commands {
		all = append(all, record{Commands: &menu{Key: key, List: list}})
	}
	return all
}

// journal is an append-only file of JSON lines. One line is one change with all its records, so that a change is there whole or not at
// all: a process killed while writing leaves a torn last line, which the next start drops.
type journal struct {
	path  string
	file  *os.File
	size  int64 // of all whole lines, in bytes
	lines int
	base  int  // of the lines, how many the last compaction left
	stale bool // a change could not be written: the file lags behind the state until it is rewritten
}

// openJournal reads the journal in dir into st, rewrites it compactly if that pays, and leaves it open for appending.
// A line that cannot be read is an error, unless it is the last.
func openJournal(dir string, st *state) (*journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the playground's directory: %w", err)
	}
	j := &journal{path: filepath.Join(dir, journalName)}
	var err error
	if j.size, err = j.load(st); err != nil {
		return nil, err
	}
	if j.due() {
		return j, j.compact(st)
	}
	if j.file, err = os.OpenFile(j.path, os.O_CREATE|os.O_WRONLY, 0o600); err != nil {
		return nil, fmt.Errorf("open the playground's journal: %w", err)
	}
	if err := j.file.Truncate(j.size); err != nil {
		return nil, errors.Join(fmt.Errorf("drop the torn end of the journal: %w", err), j.file.Close())
	}
	return j, nil
}

// load applies all whole lines and returns how many bytes they take.
func (j *journal) load(st *state) (int64, error) {
	f, err := os.Open(j.path)
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the playground's journal: %w", err)
	}
	defer func() { _ = f.Close() }()
	var whole int64
	in := bufio.NewReaderSize(f, 1<<16)
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return whole, nil
		}
		if err != nil {
			return 0, fmt.Errorf("read the playground's journal: %w", err)
		}
		var change []record
		if err := json.Unmarshal(line, &change); err != nil {
			if _, more := in.Peek(1); errors.Is(more, io.EOF) {
				return whole, nil
			}
			return 0, fmt.Errorf("line %d of %s: %w", j.lines+1, journalName, err)
		}
		for _, r := range change {
			st.apply(r)
		}
		j.lines++
		whole += int64(len(line))
	}
}

func (j *journal) append(change []record) error {
	line, err := json.Marshal(change)
	if err != nil {
		return fmt.Errorf("encode a change: %w", err)
	}
	line = append(line, '\n')
	if _, err := j.file.WriteAt(line, j.size); err != nil {
		j.stale = true
		return fmt.Errorf("append to the journal: %w", err)
	}
	j.size += int64(len(line))
	j.lines++
	return nil
}

// compact replaces the journal by the state alone. The old file stays until the new one is whole and on disk.
func (j *journal) compact(st *state) error {
	var out bytes.Buffer
	lines := 0
	for _, r := range st.records() {
		line, err := json.Marshal([]record{r})
		if err != nil {
			return fmt.Errorf("encode the state: %w", err)
		}
		out.Write(append(line, '\n'))
		lines++
	}
	next, err := writeDurably(j.path, out.Bytes())
	if err != nil {
		return fmt.Errorf("rewrite the journal: %w", err)
	}
	if j.file != nil {
		_ = j.file.Close()
	}
	j.file, j.size, j.lines, j.base, j.stale = next, int64(out.Len()), lines, lines, false
	return nil
}

// due tells whether the next change is to be written by compacting.
func (j *journal) due() bool { return j.stale || j.lines-j.base > compactAfter }

func (j *journal) close() error {
	if err := errors.Join(j.file.Sync(), j.file.Close()); err != nil {
		return fmt.Errorf("close the journal: %w", err)
	}
	return nil
}

// writeDurably puts data at path by way of a temporary file, and returns the file open at its end.
func writeDurably(path string, data []byte) (*os.File, error) {
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // the caller's own directory
	if err != nil {
		return nil, fmt.Errorf("make a file: %w", err)
	}
	if _, err = f.Write(data); err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
