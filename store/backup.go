package store

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// backupFormat is the version of a backup's form: gzip over lines of JSON, a
// backupHeader, backupLines, and a backupEnd.
const backupFormat = 1

type backupHeader struct {
	Format  int       `json:"versli_backup"`
	Library string    `json:"library"`
	Schema  int       `json:"schema"`
	At      time.Time `json:"at"`
}

// backupLine is one key, or a stretch of a large one. Values are bytes (base64
// in JSON): of a hash field, value, field, value; of a sorted set member, score;
// of a stream entry id, JSON of its fields and values.
type backupLine struct {
	Key    string   `json:"k"`
	Type   string   `json:"t"`
	TTL    int64    `json:"ttl,omitempty"` // ms; 0 is without end
	Values [][]byte `json:"v"`
}

// backupEnd proves that nothing is cut off. No key is named "".
type backupEnd struct {
	Lines int `json:"lines"`
}

// lineValues is how many values stand in one line at most; even, for pairs.
const lineValues = 1000

var readBackup = newBareScript("backup_read")

// Backup writes all domain keys of the library as they are at one instant
// (Redis decides nothing else while it reads them). What belongs to messages
// under way, and ends by itself within days, is no part of it: dialogues, marks of updates, the
// send budget, the durable queue.
func (s *Store) Backup(ctx context.Context, w io.Writer) error {
	d := s.db
	keys, err := readBackup.Run(ctx, d.rdb, []string{d.keys.prefix()}, d.pattern()).Slice()
	if err != nil && !errors.Is(err, redis.Nil) {
		return fmt.Errorf("back up: read: %w", err)
	}
	steps := migrations()
	zip := gzip.NewWriter(w)
	out := json.NewEncoder(zip)
	header := backupHeader{backupFormat, d.keys.library, steps[len(steps)-1].version, d.now().UTC()}
	if err := out.Encode(header); err != nil {
		return fmt.Errorf("back up: write: %w", err)
	}
	end := backupEnd{}
	for _, k := range keys {
		line, err := lineOf(k)
		if err != nil {
			return fmt.Errorf("back up: %w", err)
		}
		values := line.Values
		for len(values) > 0 {
			n := min(lineValues, len(values))
			line.Values, values = values[:n], values[n:]
			end.Lines++
			if err := out.Encode(line); err != nil {
				return fmt.Errorf("back up: write: %w", err)
			}
		}
	}
	if err := out.Encode(end); err != nil {
		return fmt.Errorf("back up: write: %w", err)
	}
	return wrap(zip.Close(), "back up: write")
}

// lineOf reads one key out of the script's answer.
func lineOf(k any) (backupLine, error) {
	parts, _ := k.([]any)
	if len(parts) != 4 {
		return backupLine{}, fmt.Errorf("unexpected answer %v", k)
	}
	var line backupLine
	line.Key, _ = parts[0].(string)
	line.Type, _ = parts[1].(string)
	if ttl, _ := parts[2].(int64); ttl > 0 {
		line.TTL = ttl
	}
	values, _ := parts[3].([]any)
	for _, v := range values {
		if line.Type != "stream" {
			text, _ := v.(string)
			line.Values = append(line.Values, []byte(text))
			continue
		}
		entry, _ := v.([]any)
		if len(entry) != 2 {
			return line, fmt.Errorf("unexpected entry %v of %s", v, line.Key)
		}
		id, _ := entry[0].(string)
		fields, err := json.Marshal(entry[1])
		if err != nil {
			return line, fmt.Errorf("encode an entry of %s: %w", line.Key, err)
		}
		line.Values = append(line.Values, []byte(id), fields)
	}
	return line, nil
}

// maxLine bounds one line of a backup that is read.
const maxLine = 256 << 20

// Restore writes a backup into this library, which must be empty: ErrInUse.
// ErrNewerSchema for a backup of a newer program; an older one's state is
// migrated. ErrInvalid for what is no backup, or not whole; the library is then
// marked (Check says so), and the next Restore begins anew.
func (s *Store) Restore(ctx context.Context, r io.Reader) error {
	zip, err := gzip.NewReader(r)
	if err != nil {
		return fmt.Errorf("restore: not gzip: %w", errors.Join(ErrInvalid, err))
	}
	lines := bufio.NewScanner(zip)
	lines.Buffer(nil, maxLine)
	var header backupHeader
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &header) != nil || header.Format < 1 {
		return fmt.Errorf("restore: no backup: %w", ErrInvalid)
	}
	steps := migrations()
	if header.Format > backupFormat || header.Schema > steps[len(steps)-1].version {
		return fmt.Errorf("restore: format %d, schema %d: %w", header.Format, header.Schema, ErrNewerSchema)
	}
	if err := s.db.makeRoom(ctx); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if err := s.db.writeLines(ctx, lines); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if err := s.db.migrate(ctx); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	return wrap(s.db.rdb.Del(ctx, s.db.keys.restoring()).Err(), "restore: note the end")
}

// makeRoom marks the library as being restored, and removes what Open made, or
// what a restore that came to no end left. ErrInUse when there is more.
func (d *db) makeRoom(ctx context.Context) error {
	var keys []string
	used, resumed := "", false
	err := d.eachKey(ctx, func(key string) error {
		switch {
		case key == "restoring":
			resumed = true
			return nil
		case key == "schema", key == "ids", key == "locations", key == "location_names", key == "awaited", key == "clockshift":
		case strings.HasPrefix(key, "decision:"):
		default:
			used = key
		}
		keys = append(keys, d.keys.prefix()+key)
		return nil
	})
	if err != nil {
		return err
	}
	if used != "" && !resumed {
		return fmt.Errorf("the library has %s: %w", used, ErrInUse)
	}
	if err := d.rdb.Set(ctx, d.keys.restoring(), stamp(d.now()), 0).Err(); err != nil {
		return fmt.Errorf("mark the library: %w", err)
	}
	for _, key := range keys {
		if err := d.rdb.Del(ctx, key).Err(); err != nil {
			return fmt.Errorf("remove %s: %w", key, err)
		}
	}
	return nil
}

// writeLines writes a backup's lines up to its end. ErrInvalid when there is none.
func (d *db) writeLines(ctx context.Context, lines *bufio.Scanner) error {
	for n := 0; lines.Scan(); n++ {
		var line struct {
			backupLine
			Lines *int `json:"lines"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return fmt.Errorf("line %d: %w", n+2, errors.Join(ErrInvalid, err))
		}
		if line.Lines != nil {
			if *line.Lines != n {
				return fmt.Errorf("%d lines of %d: %w", n, *line.Lines, ErrInvalid)
			}
			return nil
		}
		if err := d.writeLine(ctx, line.backupLine); err != nil {
			return fmt.Errorf("line %d, key %s: %w", n+2, line.Key, err)
		}
	}
	return fmt.Errorf("cut off: %w", errors.Join(ErrInvalid, lines.Err()))
}

func (d *db) writeLine(ctx context.Context, line backupLine) error {
	key := d.keys.prefix() + line.Key
	single := line.Type == "string" || line.Type == "set" || line.Type == "list"
	if !single && len(line.Values)%2 != 0 {
		return fmt.Errorf("an odd number of values: %w", ErrInvalid)
	}
	_, err := d.rdb.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		step := 2
		if single {
			step = 1
		}
		for i := 0; i < len(line.Values); i += step {
			value, second := line.Values[i], []byte(nil)
			if !single {
				second = line.Values[i+1]
			}
			if err := write(ctx, pipe, key, line.Type, value, second); err != nil {
				return err
			}
		}
		if line.TTL > 0 {
			pipe.PExpire(ctx, key, time.Duration(line.TTL)*time.Millisecond)
		}
		return nil
	})
	return wrap(err, "write")
}

// write adds one value, or pair of values, to a key.
func write(ctx context.Context, pipe redis.Pipeliner, key, kind string, value, second []byte) error {
	switch kind {
	case "string":
		pipe.Set(ctx, key, value, 0)
	case "hash":
		pipe.HSet(ctx, key, value, second)
	case "set":
		pipe.SAdd(ctx, key, value)
	case "list":
		pipe.RPush(ctx, key, value)
	case "zset":
		pipe.Do(ctx, "ZADD", key, second, value)
	case "stream":
		var fields []string
		if err := json.Unmarshal(second, &fields); err != nil {
			return fmt.Errorf("entry %s: %w", value, errors.Join(ErrInvalid, err))
		}
		pipe.XAdd(ctx, &redis.XAddArgs{Stream: key, ID: string(value), Values: fields})
	default:
		return fmt.Errorf("type %q: %w", kind, ErrInvalid)
	}
	return nil
}
