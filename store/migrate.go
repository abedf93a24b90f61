package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"
)

// migration brings the state to one schema version. It may run twice, when the
// program ends between its work and the note of it.
type migration struct {
	version int
	run     func(context.Context, *db) error
}

// migrations lists all steps in order; the last one's version is the program's.
func migrations() []migration {
	return []migration{
		{version: 1, run: foundLibrary},
		{version: 2, run: indexAudiences},
	}
}

var advanceSchema = newScript("schema_advance")

// migrate brings the state to the program's schema version, step by step.
// ErrNewerSchema when a newer program wrote it.
func (d *db) migrate(ctx context.Context) error {
	have, err := d.rdb.Get(ctx, d.keys.schema()).Int()
	if err != nil && !errors.Is(err, redis.Nil) {
		return fmt.Errorf("read schema version: %w", err)
	}
	steps := migrations()
	if newest := steps[len(steps)-1].version; have > newest {
		return fmt.Errorf("schema %d, this program knows %d: %w", have, newest, ErrNewerSchema)
	}
	for _, step := range steps {
		if step.version <= have {
			continue
		}
		if err := step.run(ctx, d); err != nil {
			return fmt.Errorf("migrate to schema %d: %w", step.version, err)
		}
		if err := d.decide(ctx, advanceSchema, Op{}, "", map[string]any{"version": step.version}, nil); err != nil {
			return fmt.Errorf("note schema %d: %w", step.version, err)
		}
	}
	return nil
}

// foundLibrary makes the two locations that are always there.
func foundLibrary(ctx context.Context, d *db) error {
	locations := []Location{
		{
			ID: MainLibrary, Name: MainLibraryName,
			Address: "Nepriklausomybės a. 16, Rokiškis", Lat: 55.9614, Lon: 25.5857,
		},
		{ID: VanLocation, Name: "Bibliobusas", Van: true},
	}
	for _, l := range locations {
		text, err := json.Marshal(l)
		if err != nil {
			return fmt.Errorf("encode location %s: %w", l.ID, err)
		}
		pipe := d.rdb.TxPipeline()
		pipe.HSetNX(ctx, d.keys.locations(), string(l.ID), text)
		pipe.HSetNX(ctx, d.keys.locationNames(), foldWords(l.Name), string(l.ID))
		pipe.HSetNX(ctx, d.keys.ids(), "l", 2)
		if _, err := pipe.Exec(ctx); err != nil {
			return fmt.Errorf("write location %s: %w", l.ID, err)
		}
	}
	return nil
}
