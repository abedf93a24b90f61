package store

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

const marker = "žymekliszuikis"

// peopled is a library in which one member has left traces everywhere.
type peopled struct {
	s         *Store
	c         *clock
	owner     Member
	who       Member // calls everything of theirs by the marker
	next      Member // waits behind who
	title     TitleID
	held      Hold
	waits     Hold
	loan      Loan
	activity  Activity
	lastInRow Member // waits for who's seat
}

func people(t *testing.T) *peopled {
	t.Helper()
	p := &peopled{}
	p.s, p.c = openTest(t)
	s, ctx := p.s, t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.Members.MakeOwners(ctx, []int64{1}))
	p.owner = meet(t, s, 1, "Biblė")
	who, err := s.Members.Meet(ctx, Person{Chat: 77001122, Name: marker, Username: marker, Language: "lt"}, "lt")
	must(err)
	must(s.Members.Apply(ctx, Op{Key: "u1"}, Application{
		Member: who.ID, Name: "Vardas " + marker, Organisation: "UAB " + marker, Kind: KindBusiness, Agreement: "1",
	}))
	p.who, err = s.Members.Approve(ctx, Op{Key: "u2", By: p.owner.ID}, who.ID)
	must(err)
	p.next, p.lastInRow = join(t, s, "Kita"), join(t, s, "Trečia")
	p.title = shelve(t, s, "Verslas", 1)
	p.held, err = s.Holds.Place(ctx, Op{Key: "u3"}, p.title, p.who.ID, desk)
	must(err)
	p.waits = place(t, s, p.title, p.next, HoldPlaced)
	other := shelve(t, s, "Teisė", 1)
	past, err := s.Holds.Place(ctx, Op{Key: "u4"}, other, p.who.ID, desk)
	must(err)
	p.loan, err = s.Holds.Collect(ctx, Op{Key: "u5"}, past.ID, p.c.now().Add(240*time.Hour))
	must(err)
	start := p.c.now().Add(72 * time.Hour)
	p.activity, err = s.Activities.Save(ctx, Op{}, Activity{
		Kind: KindTraining, Name: "Mokymai", Sessions: []Session{{start, start.Add(time.Hour)}}, Venue: "Salė", Language: "lt", Seats: 1,
	})
	must(err)
	for _, m := range []MemberID{p.who.ID, p.lastInRow.ID} {
		_, err = s.Activities.Register(ctx, Op{Key: "r" + string(m)}, p.activity.ID, m)
		must(err)
	}
	stop, err := s.Van.SaveStop(ctx, Op{}, Stop{
		Community: "Obeliai", Name: "Aikštė", Arrival: 600, Departure: 630, Rule: "FREQ=WEEKLY", Start: "2026-11-24",
	}, "Rytai")
	must(err)
	must(s.Van.Follow(ctx, Op{Key: "u6"}, stop.ID, p.who.ID, true))
	_, err = s.Questions.Ask(ctx, Op{Key: "u7"}, p.who.ID, "Kas yra "+marker+"?")
	must(err)
	must(s.Dialogues.Save(ctx, p.who.Chat, 8, []byte(marker)))
	_, err = s.Imports.Queue(ctx, Op{Key: "u9"}, Import{By: p.who.ID, Chat: p.who.Chat, Name: marker + ".csv", File: marker})
	must(err)
	_, err = s.Broadcasts.Draft(ctx, Op{Key: "u10"}, Broadcast{
		By: p.who.ID, Chat: p.who.Chat, Content: said("Kviečiame!"),
	})
	must(err)
	for _, n := range dueNotices(t, p) {
		if n.Member == p.who.ID {
			must(s.Outbox.HandedOver(ctx, n.ID))
			must(s.Outbox.Sent(ctx, n))
		}
	}
	return p
}

func dueNotices(t *testing.T, p *peopled) []Notice {
	t.Helper()
	due, err := p.s.Outbox.Due(t.Context(), p.c.now(), 100)
	if err != nil {
		t.Fatal(err)
	}
	return due
}

// traces lists where a text is stored, in any key of the server that is this library's.
func traces(t *testing.T, s *Store, text string) []string {
	t.Helper()
	ctx := t.Context()
	keys, err := s.db.rdb.Keys(ctx, "*"+s.db.keys.library+"*").Result()
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, key := range keys {
		if !strings.HasPrefix(key, s.db.keys.prefix()) && !strings.HasPrefix(key, s.db.keys.library+":") {
			continue // another library whose name has this one's in it
		}
		var content any
		switch kind := s.db.rdb.Type(ctx, key).Val(); kind {
		case "string":
			content = s.db.rdb.Get(ctx, key).Val()
		case "hash":
			content = s.db.rdb.HGetAll(ctx, key).Val()
		case "set":
			content = s.db.rdb.SMembers(ctx, key).Val()
		case "zset":
			content = s.db.rdb.ZRange(ctx, key, 0, -1).Val()
		case "list":
			content = s.db.rdb.LRange(ctx, key, 0, -1).Val()
		case "stream":
			content = s.db.rdb.XRange(ctx, key, "-", "+").Val()
		default:
			t.Errorf("key %s has the type %s", key, kind)
		}
		if strings.Contains(key+fmt.Sprint(content), text) {
			found = append(found, key)
		}
	}
	return found
}

func TestForget(t *testing.T) {
	p := people(t)
	s, ctx := p.s, t.Context()
	clean(t, s)
	if len(traces(t, s, marker)) < 5 {
		t.Fatal("the marker is hardly anywhere:", traces(t, s, marker))
	}
	got, err := s.ForgetObstacles(ctx, p.who.ID)
	if want := (Obstacles{Loans: 1, Holds: 1, Registrations: 1, Follows: 1}); err != nil || got != want {
		t.Errorf("obstacles %+v, %v; want %+v", got, err, want)
	}
	if err := s.Forget(ctx, Op{}, p.who.ID); !errors.Is(err, ErrHasLoans) {
		t.Errorf("forgets who has a book: %v", err)
	}
	if err := s.Forget(ctx, Op{}, p.owner.ID); !errors.Is(err, ErrLastOwner) {
		t.Errorf("forgets the last owner: %v", err)
	}
	if _, err := s.Holds.Return(ctx, Op{}, p.loan.ID); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Forget(ctx, Op{Key: "u20", By: p.who.ID}, p.who.ID); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Forget(ctx, Op{Key: "u21"}, p.who.ID); !errors.Is(err, ErrNotFound) {
		t.Errorf("forgets one unknown: %v", err)
	}
	for _, text := range []string{marker, "77001122", foldWords(marker)} {
		if found := traces(t, s, text); len(found) > 0 {
			t.Errorf("%s is still in %v", text, found)
		}
	}
	if h, _ := s.Holds.Get(ctx, p.waits.ID); h.State != HoldAllocated {
		t.Errorf("the next hold is %s", h.State)
	}
	if got := owedTo(t, s, p.c, p.next.ID); !slices.Contains(got, NoticeHoldAllocated) {
		t.Errorf("the next is owed %v", got)
	}
	if r, err := s.Activities.Registration(ctx, p.activity.ID, p.lastInRow.ID); err != nil || r.State != Confirmed {
		t.Errorf("who waited for the seat: %+v, %v", r, err)
	}
	if _, err := s.Members.ByChat(ctx, p.who.Chat); !errors.Is(err, ErrNotFound) {
		t.Errorf("the chat: %v", err)
	}
	if again := meet(t, s, p.who.Chat, "Sugrįžo"); again.ID == p.who.ID || again.Role != RoleGuest {
		t.Errorf("comes back as %+v", again)
	}
	clean(t, s)
}

func TestExport(t *testing.T) {
	p := people(t)
	out, err := p.s.Export(t.Context(), p.who.ID)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	var back map[string]any
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]int{
		"holds": 2, "loans": 1, "registrations": 1, "followed_stops": 1, "questions": 1, "imports": 1, "invitations": 0, "broadcasts": 1,
	} {
		if list, ok := back[key].([]any); !ok || len(list) != want {
			t.Errorf("%s is %v, want %d of them", key, back[key], want)
		}
	}
	for _, want := range []string{
		`"name":"Vardas ` + marker, `"name":"UAB ` + marker, `"chat":"77001122"`, `"name":"Verslas"`, `"name":"Mokymai"`,
		`"community":"Obeliai"`, "Kas yra " + marker, `"state":"settled"`, `"language":"lt"`,
	} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("%s is not in %s", want, text)
		}
	}
	if bytes.Contains(text, []byte("Kita")) {
		t.Error("another member's name is in it")
	}
}

func TestBackup(t *testing.T) {
	p := people(t)
	ctx := t.Context()
	var file bytes.Buffer
	if err := p.s.Backup(ctx, &file); err != nil {
		t.Fatal(err)
	}
	if err := p.s.Restore(ctx, bytes.NewReader(file.Bytes())); !errors.Is(err, ErrInUse) {
		t.Errorf("restored over a library in use: %v", err)
	}

	cut, _ := openTest(t)
	if err := cut.Restore(ctx, bytes.NewReader(file.Bytes()[:file.Len()/2])); !errors.Is(err, ErrInvalid) {
		t.Errorf("restored half a file: %v", err)
	}
	if problems, _ := cut.Check(ctx); !slices.ContainsFunc(problems, func(x Problem) bool { return x.Key == "restoring" }) {
		t.Errorf("half a restore is not seen: %v", problems)
	}
	if err := cut.Restore(ctx, bytes.NewReader(file.Bytes())); err != nil {
		t.Errorf("restored again: %v", err)
	}
	clean(t, cut)

	s, c := openTest(t)
	for name, content := range map[string]string{"": "", "text": "hello", "gzip of text": zipped("hello\n"), "another's": zipped("{}\n")} {
		if err := s.Restore(ctx, strings.NewReader(content)); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := s.Restore(ctx, strings.NewReader(zipped(`{"versli_backup":1,"schema":99}`))); !errors.Is(err, ErrNewerSchema) {
		t.Errorf("a newer backup: %v", err)
	}
	if err := s.Restore(ctx, bytes.NewReader(file.Bytes())); err != nil {
		t.Fatal(err)
	}
	clean(t, s)
	was, _ := p.s.snapshot(ctx)
	is, err := s.snapshot(ctx)
	slices.Sort(was.keys)
	slices.Sort(is.keys)
	is.k = was.k // it may have another name
	if err != nil || !reflect.DeepEqual(was, is) {
		t.Errorf("restored %+v\nwant %+v, %v", is, was, err)
	}
	if h, err := s.Holds.Cancel(ctx, Op{}, p.held.ID, p.who.ID); err != nil || h.State != HoldCancelled {
		t.Errorf("life goes on: %+v, %v", h, err)
	}
	if got := owedTo(t, s, c, p.next.ID); !slices.Contains(got, NoticeHoldAllocated) {
		t.Errorf("the next is owed %v", got)
	}
	if h, err := s.Holds.Place(ctx, Op{Key: "u3"}, p.title, p.who.ID, desk); err != nil || h.ID != p.held.ID {
		t.Errorf("an update decided before the backup: %+v, %v", h, err)
	}
	clean(t, s)
}

func zipped(text string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return b.String()
}

func TestCheckFindsDamage(t *testing.T) {
	for name, tc := range map[string]struct {
		damage  func(context.Context, *peopled) error
		want    string // the invariant complained about
		rebuilt bool   // Rebuild mends it
	}{
		"a place in the queue is lost": {func(ctx context.Context, p *peopled) error {
			return p.s.db.rdb.ZRem(ctx, p.s.db.keys.queue(p.title), string(p.waits.ID)).Err()
		}, "index", true},
		"a stray place in the queue": {func(ctx context.Context, p *peopled) error {
			return p.s.db.rdb.Rename(ctx, p.s.db.keys.queue(p.title), p.s.db.keys.queue("t99")).Err()
		}, "index", true},
		"a chat leads to another": {func(ctx context.Context, p *peopled) error {
			return p.s.db.rdb.HSet(ctx, p.s.db.keys.chats(), "77001122", string(p.owner.ID)).Err()
		}, "index", true},
		"the names are lost": {func(ctx context.Context, p *peopled) error {
			return p.s.db.rdb.Del(ctx, p.s.db.keys.names(), p.s.db.keys.words(), p.s.db.keys.indexed()).Err()
		}, "index", true},
		"an identity is lost": {func(ctx context.Context, p *peopled) error {
			return p.s.db.rdb.Del(ctx, p.s.db.keys.identity()).Err()
		}, "index", true},
		"a due date is wrong": {func(ctx context.Context, p *peopled) error {
			return p.s.db.rdb.ZIncrBy(ctx, p.s.db.keys.loansDue(), 1, string(p.loan.ID)).Err()
		}, "index", true},
		"a promised copy is on its shelf": {func(ctx context.Context, p *peopled) error {
			return setStatus(ctx, p, CopyAvailable)
		}, "copy", false},
		"somebody waits beside a free copy": {func(ctx context.Context, p *peopled) error {
			return setStatus(ctx, p, CopyAvailable)
		}, "hold", false},
		"two holds have one copy": {func(ctx context.Context, p *peopled) error {
			h := p.waits
			h.State, h.Copy = HoldAllocated, p.held.Copy
			return setJSON(ctx, p, p.s.db.keys.holds(), string(h.ID), h)
		}, "copy", false},
		"a hold is nobody's": {func(ctx context.Context, p *peopled) error {
			return p.s.db.rdb.HDel(ctx, p.s.db.keys.members(), string(p.who.ID)).Err()
		}, "hold", false},
		"a notice without facts": {func(ctx context.Context, p *peopled) error {
			return p.s.db.rdb.Del(ctx, p.s.db.keys.notices()).Err()
		}, "notice", false},
		"a notice that is owed nowhere": {func(ctx context.Context, p *peopled) error {
			return p.s.db.rdb.Del(ctx, p.s.db.keys.outbox()).Err()
		}, "notice", true},
		"a notice that is owed later than it is due": {func(ctx context.Context, p *peopled) error {
			return p.s.db.rdb.ZIncrBy(ctx, p.s.db.keys.outbox(), 60_000, p.s.db.rdb.ZRange(ctx, p.s.db.keys.outbox(), 0, 0).Val()[0]).Err()
		}, "notice", true},
		"numbers are forgotten": {func(ctx context.Context, p *peopled) error {
			return p.s.db.rdb.HDel(ctx, p.s.db.keys.ids(), "m", "t", "c", "h", "a", "s", "r", "q", changeCounter).Err()
		}, "id", true},
		"a stop without its route": {func(ctx context.Context, p *peopled) error {
			return p.s.db.rdb.Del(ctx, p.s.db.keys.routes()).Err()
		}, "stop", false},
		"a seat is lost": {func(ctx context.Context, p *peopled) error {
			return p.s.db.rdb.Del(ctx, p.s.db.keys.seats(p.activity.ID)).Err()
		}, "index", true},
		"a seat is nobody's": {func(ctx context.Context, p *peopled) error {
			return p.s.db.rdb.HSet(ctx, p.s.db.keys.registrations(p.activity.ID), "m99",
				`{"activity":"`+string(p.activity.ID)+`","member":"m99","state":"confirmed"}`).Err()
		}, "registration", false},
		"somebody follows what is no stop": {func(ctx context.Context, p *peopled) error {
			return p.s.db.rdb.HSet(ctx, p.s.db.keys.follows(p.who.ID), "s99", "l30q0-0@1").Err()
		}, "follow", false},
		"a follower is lost": {func(ctx context.Context, p *peopled) error {
			stops, _ := p.s.Van.Following(ctx, p.who.ID)
			return p.s.db.rdb.Del(ctx, p.s.db.keys.followers(stops[0].ID)).Err()
		}, "index", true},
		"nothing is planned for a follower": {func(ctx context.Context, p *peopled) error {
			stops, _ := p.s.Van.Following(ctx, p.who.ID)
			return p.s.db.rdb.Del(ctx, p.s.db.keys.choices(stops[0].ID), p.s.db.keys.visitDue()).Err()
		}, "index", true},
		"an applicant without an application": {func(ctx context.Context, p *peopled) error {
			m := p.who
			m.Role = RoleApplicant
			return setJSON(ctx, p, p.s.db.keys.members(), string(m.ID), m)
		}, "member", false},
		"the van is lost": {func(ctx context.Context, p *peopled) error {
			return p.s.db.rdb.HDel(ctx, p.s.db.keys.locations(), string(VanLocation)).Err()
		}, "state", false},
	} {
		t.Run(name, func(t *testing.T) {
			p := people(t)
			clean(t, p.s)
			if err := tc.damage(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			problems, err := p.s.Check(t.Context())
			if err != nil || !slices.ContainsFunc(problems, func(x Problem) bool { return x.Invariant == tc.want }) {
				t.Fatalf("found %v, %v; want something about %s", problems, err, tc.want)
			}
			mended, err := p.s.Rebuild(t.Context())
			if err != nil || tc.rebuilt && len(mended) == 0 {
				t.Errorf("rebuilt %v, %v", mended, err)
			}
			if tc.rebuilt {
				clean(t, p.s)
			}
		})
	}
}

func setJSON(ctx context.Context, p *peopled, key, id string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return p.s.db.rdb.HSet(ctx, key, id, text).Err()
}

func setStatus(ctx context.Context, p *peopled, status CopyStatus) error {
	copies, err := p.s.Titles.Copies(ctx, p.title)
	if err != nil {
		return err
	}
	copies[0].Status = status
	return setJSON(ctx, p, p.s.db.keys.shelves(), string(p.title), copies)
}
