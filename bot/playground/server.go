// Package playground is a Telegram of one's own: a strict Bot API server, which a bot talks to over HTTP exactly as to Telegram, and
// the chat page on which newcomers and end-to-end tests are the people at the other end. It knows nothing of the bot.
//
// The server refuses what Telegram refuses, in Telegram's words (https://core.telegram.org/bots/api, and the answers of the open
// source server tdlib/telegram-bot-api). It redelivers updates until they are confirmed, and keeps its state across restarts.
package playground

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// BotID and BotUsername are the bot's identity here, as getMe tells it.
const (
	BotID       int64 = 7_100_200_300
	BotUsername       = "versli_biblioteka_bot"
	botName           = "Versli biblioteka"
)

// ErrPersonExists is returned by AddPerson for an id that is taken.
var ErrPersonExists = errors.New("a person with this id exists")

// Clock is moved from the page. Advance returns when everything that fell due on the way is done.
type Clock interface {
	Advance(ctx context.Context, by time.Duration) error
	// NextVisit is when the van comes next; false when no visit is planned.
	NextVisit(ctx context.Context) (time.Time, bool, error)
}

// Options configure a Server. Only Token is required.
type Options struct {
	Dir     string           // keeps people, messages, ids, updates and files; empty: in memory only
	Token   string           // the only bot token accepted
	Now     func() time.Time // dates messages; nil: time.Now
	Zone    *time.Location   // told to the page; nil: UTC
	Limits  Limits
	Clock   Clock      // nil: the page hides its control
	Notices []string   // plain sentences at the top of the page
	Hosts   []string   // host names under which the page may be opened, beside loopback names and IP addresses
	OnCall  func(Call) // told every Bot API call before its answer goes out
	Log     *slog.Logger

	real  func() time.Time // for tests: the unshifted clock
	retry backoff          // for tests: how long a webhook is given to recover
}

// Call is one Bot API call as received, with the answer given.
type Call struct {
	Method   string            // as the bot wrote it
	Params   map[string]string // decoded values of query, form, JSON or multipart; JSON values that are no strings stay JSON
	Files    []string          // names of the form fields that carried files
	Status   int               // of HTTP
	Response []byte            // the JSON body of the answer
}

// Server is the playground. Use New.
type Server struct {
	opts     Options
	log      *slog.Logger
	methods  map[string]method // by lower-case name
	handler  http.Handler
	events   *eventRing
	limits   *limiter
	blobs    *blobStore
	real     func() time.Time // the unshifted clock
	retry    backoff
	patterns []pattern

	mu      sync.Mutex
	state   *state
	journal *journal // nil: in memory only
	changed chan struct{}
	poll    *longPoll
	notices []string

	stop     context.Context
	stopped  context.CancelFunc
	delivery sync.WaitGroup
}

// New opens the playground, with the state found in opts.Dir.
func New(opts Options) (*Server, error) {
	if opts.Token == "" {
		return nil, errors.New("playground: a token is required")
	}
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.real == nil {
		opts.real = time.Now
	}
	if opts.retry == (backoff{}) {
		opts.retry = backoff{time.Second, time.Minute}
	}
	if opts.Zone == nil {
		opts.Zone = time.UTC
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		opts: opts, log: opts.Log, state: newState(), changed: make(chan struct{}), notices: opts.Notices, real: opts.real,
		events: newEventRing(time.Now().UnixNano()), limits: newLimiter(opts.Limits, opts.real), retry: opts.retry,
	}
	var err error
	if s.blobs, err = newBlobStore(opts.Dir); err != nil {
		return nil, err
	}
	if opts.Dir != "" {
		if s.journal, err = openJournal(opts.Dir, s.state); err != nil {
			return nil, err
		}
	}
	if s.state.counters.Update == firstUpdate-1 {
		// Not from the same number after the folder was emptied: a bot remembers which updates it has done.
		s.state.counters.Update += s.real().Unix()
	}
	s.stop, s.stopped = context.WithCancel(context.Background())
	s.methods, s.patterns = botMethods(), detectable()
	s.handler = s.guard(s.routes(s.playRoutes(), pageHandler()))
	s.delivery.Go(s.deliver)
	return s, nil
}

// Handler serves the page, its API, the Bot API and the files that the bot downloads.
func (s *Server) Handler() http.Handler { return s.handler }

func (s *Server) routes(play, page http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		switch {
		case strings.HasPrefix(path, "/bot"):
			s.serveBot(w, r)
		case strings.HasPrefix(path, "/file/bot"):
			s.serveDownload(w, r)
		case strings.HasPrefix(path, "/play/"):
			play.ServeHTTP(w, r)
		default:
			page.ServeHTTP(w, r)
		}
	})
}

// Close ends long polls, event streams and webhook deliveries, and closes the state's file. What was not confirmed is kept.
func (s *Server) Close() error {
	s.stopped()
	s.delivery.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.journal == nil {
		return nil
	}
	j := s.journal
	s.journal = nil
	return j.close()
}

// AddPerson adds somebody who has not written to the bot yet. A zero ID is replaced by a free one. It fails with ErrPersonExists, and
// for somebody without a first name or with a negative id, which would be a group's.
func (s *Server) AddPerson(p Person) (Person, error) {
	if p.ID < 0 || p.FirstName == "" {
		return p, errors.New("a person needs a first name and no negative id")
	}
	err := s.change(func(t *tx) error {
		if p.ID == 0 {
			t.counters.Person++
			p.ID = firstPerson + t.counters.Person
			t.putCounters()
		}
		if t.people[p.ID] != nil || t.chats[p.ID] != nil {
			return ErrPersonExists
		}
		t.put(record{Person: &p})
		t.put(record{Chat: &chat{ID: p.ID, Type: "private", Started: p.Started}})
		t.emit(event{"type": "people"})
		return nil
	})
	return p, err
}

// firstPerson keeps the ids of added people clear of 32 bits, as those of today's accounts are.
const firstPerson int64 = 6_800_000_000

// People lists everybody in the order in which they were added.
func (s *Server) People() []Person {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Person, 0, len(s.state.order))
	for _, id := range s.state.order {
		all = append(all, *s.state.people[id])
	}
	return all
}

// SetNotices replaces the sentences at the top of the page.
func (s *Server) SetNotices(sentences []string) {
	s.mu.Lock()
	s.notices = slices.Clone(sentences)
	s.mu.Unlock()
	s.events.publish(event{"type": "notices", "notices": sentences})
}

func (s *Server) bot() user {
	return user{ID: BotID, IsBot: true, FirstName: botName, Username: BotUsername}
}

// chatInstance is a string that stays the same for a chat and means nothing else.
func chatInstance(chat int64) string { return strconv.FormatInt(chat*7_919+1_234_567_890_123, 10) }
