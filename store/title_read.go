package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Titles keeps titles, copies and locations, and the stream of changes that
// feeds every process's index.
type Titles struct{ *db }

// Get returns a title. ErrNotFound.
func (t *Titles) Get(ctx context.Context, id TitleID) (Title, error) {
	return hashGet[Title](ctx, t.db, t.keys.titles(), string(id))
}

// Many returns titles in the order asked for; those gone are left out.
func (t *Titles) Many(ctx context.Context, ids []TitleID) ([]Title, error) {
	return hashMany[Title](ctx, t.db, t.keys.titles(), ids)
}

// Copies lists a title's copies by id.
func (t *Titles) Copies(ctx context.Context, id TitleID) ([]Copy, error) {
	list, err := hashGet[[]Copy](ctx, t.db, t.keys.shelves(), string(id))
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	sortCopies(list)
	return list, err
}

// Copy returns one. ErrNotFound.
func (t *Titles) Copy(ctx context.Context, id CopyID) (Copy, error) {
	title, err := t.lookup(ctx, t.keys.copyTitle(), string(id))
	if err != nil {
		return Copy{}, err
	}
	list, err := t.Copies(ctx, TitleID(title))
	if err != nil {
		return Copy{}, err
	}
	i := slices.IndexFunc(list, func(c Copy) bool { return c.ID == id })
	if i < 0 {
		return Copy{}, ErrNotFound
	}
	return list[i], nil
}

// ByBarcode finds a copy. ErrNotFound.
func (t *Titles) ByBarcode(ctx context.Context, barcode string) (Copy, error) {
	id, err := t.lookup(ctx, t.keys.barcodes(), barcode)
	if err != nil {
		return Copy{}, err
	}
	return t.Copy(ctx, CopyID(id))
}

// Shelves counts a title's copies by location, the main library first; locations without copies are left out, and
// missing copies are not counted.
func (t *Titles) Shelves(ctx context.Context, id TitleID) ([]Shelf, error) {
	copies, err := t.Copies(ctx, id)
	if err != nil {
		return nil, err
	}
	return shelvesOf(copies), nil
}

// ManyShelves counts the copies of several titles at once.
func (t *Titles) ManyShelves(ctx context.Context, ids []TitleID) (map[TitleID][]Shelf, error) {
	lists, err := hashMany[[]Copy](ctx, t.db, t.keys.shelves(), ids)
	if err != nil {
		return nil, err
	}
	shelves := make(map[TitleID][]Shelf, len(lists))
	for _, copies := range lists {
		if len(copies) > 0 {
			shelves[copies[0].Title] = shelvesOf(copies)
		}
	}
	return shelves, nil
}

func shelvesOf(copies []Copy) []Shelf {
	counts := map[LocationID]Shelf{}
	for _, c := range copies {
		if c.Status == CopyMissing {
			continue
		}
		shelf := counts[c.Location]
		shelf.Location = c.Location
		shelf.Copies++
		if c.Status == CopyAvailable {
			shelf.Free++
		}
		counts[c.Location] = shelf
	}
	list := make([]Shelf, 0, len(counts))
	for _, shelf := range counts {
		list = append(list, shelf)
	}
	slices.SortFunc(list, func(a, b Shelf) int {
		return cmp.Compare(orderOf(string(a.Location)), orderOf(string(b.Location)))
	})
	return list
}

func sortCopies(list []Copy) {
	slices.SortFunc(list, func(a, b Copy) int { return cmp.Compare(orderOf(string(a.ID)), orderOf(string(b.ID))) })
}

// Locations lists all locations, the main library first.
func (t *Titles) Locations(ctx context.Context) ([]Location, error) {
	list, err := hashAll[Location](ctx, t.db, t.keys.locations())
	slices.SortFunc(list, func(a, b Location) int { return cmp.Compare(orderOf(string(a.ID)), orderOf(string(b.ID))) })
	return list, err
}

// Location returns one. ErrNotFound.
func (t *Titles) Location(ctx context.Context, id LocationID) (Location, error) {
	return hashGet[Location](ctx, t.db, t.keys.locations(), string(id))
}

// Count tells how many titles and copies there are.
func (t *Titles) Count(ctx context.Context) (titles, copies int, err error) {
	pipe := t.rdb.Pipeline()
	a, b := pipe.HLen(ctx, t.keys.titles()), pipe.HLen(ctx, t.keys.copyTitle())
	if _, err := pipe.Exec(ctx); err != nil {
		return 0, 0, fmt.Errorf("count titles: %w", err)
	}
	return int(a.Val()), int(b.Val()), nil
}

// eachBatch is how many titles Each asks Redis for at once.
const eachBatch = 500

// Each calls fn for every title with its copies, in batches from Redis; order is not defined. A title that changes
// meanwhile may come twice.
func (t *Titles) Each(ctx context.Context, fn func(Title, []Copy) error) error {
	for cursor := uint64(0); ; {
		fields, next, err := t.rdb.HScan(ctx, t.keys.titles(), cursor, "", eachBatch).Result()
		if err != nil {
			return fmt.Errorf("walk titles: %w", err)
		}
		if err := t.eachOf(ctx, fields, fn); err != nil {
			return err
		}
		if next == 0 {
			return nil
		}
		cursor = next
	}
}

// eachOf calls fn for a batch of HSCAN: id, JSON, id, JSON, …
func (t *Titles) eachOf(ctx context.Context, fields []string, fn func(Title, []Copy) error) error {
	if len(fields) == 0 {
		return nil
	}
	ids := make([]string, 0, len(fields)/2)
	for i := 0; i < len(fields); i += 2 {
		ids = append(ids, fields[i])
	}
	shelves, err := t.rdb.HMGet(ctx, t.keys.shelves(), ids...).Result()
	if err != nil {
		return fmt.Errorf("read copies: %w", err)
	}
	for i, id := range ids {
		var title Title
		if err := json.Unmarshal([]byte(fields[2*i+1]), &title); err != nil {
			return fmt.Errorf("decode title %s: %w", id, err)
		}
		var copies []Copy
		if text, ok := shelves[i].(string); ok {
			if err := json.Unmarshal([]byte(text), &copies); err != nil {
				return fmt.Errorf("decode copies of %s: %w", id, err)
			}
		}
		sortCopies(copies)
		if err := fn(title, copies); err != nil {
			return err
		}
	}
	return nil
}
