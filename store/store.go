// Package store holds the domain's types and rules, and keeps their state in
// Redis: one file per aggregate, every key in keys.go, every decision that
// touches several keys in one Lua script.
//
// Times are instants; what a person reads as a date or an hour is in the
// library's time zone (Options.Zone). Identifiers are short strings that fit
// callback data and deep links; their first letter names their kind.
package store

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Options is what Open needs besides the connection.
type Options struct {
	Library string           // LIBRARY_ID: the hash tag of all domain keys
	Zone    *time.Location   // the library's wall clock
	Now     func() time.Time // the one clock of the program
}

// Store joins the aggregates of one library.
type Store struct {
	Members    *Members
	Titles     *Titles
	Holds      *Holds
	Van        *Van
	Activities *Activities
	Broadcasts *Broadcasts
	Questions  *Questions
	Imports    *Imports
	Rules      *Rules
	Outbox     *Outbox
	Dialogues  *Dialogues
	Inbox      *Inbox
	Budget     *Budget
	Marks      *Marks

	db *db
}

// db is what every aggregate shares: the connection, the key builders, the clock.
type db struct {
	rdb  redis.UniversalClient // concurrent commands share round trips
	raw  redis.UniversalClient // the same server, for what goes to single nodes
	keys keys
	zone *time.Location
	now  func() time.Time
}

// Open checks the schema version of the state (it migrates an older one, and
// refuses a newer one with ErrNewerSchema) and returns the aggregates.
func Open(ctx context.Context, rdb redis.UniversalClient, opt Options) (*Store, error) {
	shared, err := sharing(rdb)
	if err != nil {
		return nil, fmt.Errorf("open library %q: %w", opt.Library, err)
	}
	d := &db{rdb: shared, raw: rdb, keys: newKeys(opt.Library), zone: opt.Zone, now: opt.Now}
	if err := d.migrate(ctx); err != nil {
		return nil, fmt.Errorf("open library %q: %w", opt.Library, err)
	}
	return &Store{
		Members:    &Members{d},
		Titles:     &Titles{d},
		Holds:      &Holds{d},
		Van:        &Van{db: d},
		Activities: &Activities{d},
		Broadcasts: &Broadcasts{d},
		Questions:  &Questions{d},
		Imports:    &Imports{d},
		Rules:      &Rules{d},
		Outbox:     &Outbox{d},
		Dialogues:  &Dialogues{d},
		Inbox:      newInbox(d),
		Budget:     newBudget(d),
		Marks:      &Marks{d},
		db:         d,
	}, nil
}

// sharing lets commands that are asked for at the same time share round trips: hundreds of people at once cost Redis and this
// process a fraction of the system calls. It ends with the connection.
func sharing(rdb redis.UniversalClient) (redis.UniversalClient, error) {
	c, ok := rdb.(interface {
		AutoPipeline() (*redis.AutoPipeliner, error)
	})
	if !ok {
		return rdb, nil
	}
	shared, err := c.AutoPipeline()
	if err != nil {
		return nil, fmt.Errorf("share round trips: %w", err)
	}
	return shared, nil
}

// Op is one decision's identity. Key comes from the update (or from what else
// asks once, such as an import); a decision asked for again with the same Key
// and the same subject returns its first result and changes nothing. An empty
// Key is never remembered. By is who decides, for the audit trail.
type Op struct {
	Key string
	By  MemberID
}
