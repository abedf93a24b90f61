package telegram

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"versli/bot/chat"
)

// memory is an inbox, and a keeper, of this process alone.
type memory struct {
	mu     sync.Mutex
	done   map[int64]bool
	leases map[int64]string
	kept   map[int64][]byte
	most   int // updates of one person, then they are too many; 0 is no limit
	sent   map[int64]int
	away   bool
}

func newMemory() *memory {
	return &memory{done: map[int64]bool{}, leases: map[int64]string{}, kept: map[int64][]byte{}, sent: map[int64]int{}}
}

var errAway = errors.New("away")

func (m *memory) Begin(_ context.Context, chat, update, person int64, owner string, _ time.Duration) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch has := m.leases[chat]; {
	case m.away:
		return "", errAway
	case m.done[update]:
		return turnDone, nil
	case has != "" && has != owner:
		return turnTaken, nil
	}
	m.sent[person]++
	switch {
	case m.most > 0 && m.sent[person] == m.most+1:
		return turnWarn, nil
	case m.most > 0 && m.sent[person] > m.most:
		return turnDrop, nil
	}
	m.leases[chat] = owner
	return turnMine, nil
}

func (m *memory) Finish(ctx context.Context, chat, update int64, owner string) error {
	m.mu.Lock()
	m.done[update] = !m.away
	m.mu.Unlock()
	return m.Prolong(ctx, chat, owner, 0)
}

func (m *memory) Prolong(_ context.Context, chat int64, owner string, lease time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.away {
		return errAway
	}
	if m.leases[chat] == owner && lease == 0 {
		delete(m.leases, chat)
	}
	return nil
}

func (m *memory) Keep(_ context.Context, update int64, raw []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.kept[update] = raw
	return nil
}

func (m *memory) Kept(context.Context) ([][]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Collect(maps.Values(m.kept)), nil
}

func (m *memory) Release(_ context.Context, update int64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.kept, update)
	return nil
}

func (m *memory) keeps() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.kept)
}

// polling starts a receiver that polls; stop ends it and waits.
func polling(t *testing.T, f *fake, m *memory, handle chat.Handler, change ...func(*ReceiverOptions)) (stop func()) {
	t.Helper()
	client := connect(t, f, nil)
	opt := ReceiverOptions{Handle: handle, Inbox: m, Keeper: m, Stop: 2 * time.Second}
	for _, c := range change {
		c(&opt)
	}
	r, err := NewReceiver(client, opt)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- r.Poll(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return stop
}

// until waits for a condition.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(10 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
		if sleep(t.Context(), time.Millisecond) != nil {
			return
		}
	}
}

func echo(_ context.Context, r chat.Request) (chat.Reply, error) {
	return chat.Say(chat.Escape(r.Text)), nil
}

func TestPollAnswersAndForgets(t *testing.T) {
	f, m := newFake(t), newMemory()
	f.bring(say(10, 7, "labas"), `{"update_id":11,"message":"nonsense"}`, say(12, 8, "sveiki"))
	stop := polling(t, f, m, echo)
	got := map[string]string{}
	for range 2 {
		c := f.next(t, "sendMessage")
		got[c.params["chat_id"]] = c.params["text"]
	}
	if got["7"] != "labas" || got["8"] != "sveiki" {
		t.Errorf("answered %v", got)
	}
	until(t, "all is forgotten by Telegram", func() bool { return len(f.kept()) == 0 })
	stop()
}

// TestHastyServerIsAskedWithPauses: not every Bot API server holds a poll open.
func TestHastyServerIsAskedWithPauses(t *testing.T) {
	f, m := newFake(t), newMemory()
	f.hasty = make(chan time.Time, 100)
	polling(t, f, m, echo)
	<-f.hasty // what came while the bot was away is asked for at once
	first, second := <-f.hasty, <-f.hasty
	if gap := second.Sub(first); gap < pollPause {
		t.Errorf("asked again after %v", gap)
	}
}

// TestDoneUpdateIsNotRepeated: the process is killed after an update was done and before its offset moved.
func TestDoneUpdateIsNotRepeated(t *testing.T) {
	f, m := newFake(t), newMemory()
	m.done[10] = true
	f.bring(say(10, 7, "the first"), say(11, 7, "the second"))
	polling(t, f, m, echo)
	if c := f.next(t, "sendMessage"); c.params["text"] != "the second" {
		t.Errorf("answered %q", c.params["text"])
	}
}

// TestUpdateCutShortComesAgain: an orderly stop finds a handler at work; what it began is left to the next process.
func TestUpdateCutShortComesAgain(t *testing.T) {
	f, m := newFake(t), newMemory()
	begun := make(chan struct{})
	f.bring(say(10, 7, "x"), say(11, 8, "y"))
	stop := polling(t, f, m, func(ctx context.Context, r chat.Request) (chat.Reply, error) {
		if r.Chat == 7 {
			close(begun)
			<-ctx.Done()
			return chat.Reply{}, ctx.Err()
		}
		return echo(ctx, r)
	})
	<-begun
	f.next(t, "sendMessage")
	stop()
	if kept := f.kept(); len(kept) != 2 {
		t.Errorf("Telegram keeps %v, want both: the offset may not pass an update that is not done", kept)
	}
	polling(t, f, m, echo)
	if c := f.next(t, "sendMessage"); c.params["text"] != "x" {
		t.Errorf("answered %q", c.params["text"])
	}
	until(t, "all is forgotten by Telegram", func() bool { return len(f.kept()) == 0 })
}

func TestOrderWithinAChat(t *testing.T) {
	f, m := newFake(t), newMemory()
	const each = 20
	var updates []string
	for i := range int64(each) {
		for c := range int64(4) {
			updates = append(updates, say(100+i*4+c, 7+c, strconv.FormatInt(i, 10)))
		}
	}
	f.bring(updates...)
	polling(t, f, m, echo)
	next := map[string]int{}
	for range updates {
		c := f.next(t, "sendMessage")
		if want := strconv.Itoa(next[c.params["chat_id"]]); c.params["text"] != want {
			t.Fatalf("chat %s heard %q, want %q", c.params["chat_id"], c.params["text"], want)
		}
		next[c.params["chat_id"]]++
	}
}

func TestSlowChatKeepsNobodyWaiting(t *testing.T) {
	f, m := newFake(t), newMemory()
	release := make(chan struct{})
	f.bring(say(10, 7, "slow"))
	polling(t, f, m, func(ctx context.Context, r chat.Request) (chat.Reply, error) {
		if r.Text == "slow" {
			<-release
		}
		return echo(ctx, r)
	})
	for id := int64(11); id < 14; id++ { // each comes after the one before was answered
		f.bring(say(id, id, "quick"))
		if c := f.next(t, "sendMessage"); c.params["text"] != "quick" {
			t.Fatalf("answered %q", c.params["text"])
		}
	}
	if kept := f.kept(); len(kept) == 0 || kept[0] != 10 {
		t.Errorf("Telegram keeps %v, want 10 first", kept)
	}
	close(release)
	if c := f.next(t, "sendMessage"); c.params["text"] != "slow" {
		t.Errorf("answered %q", c.params["text"])
	}
}

func TestPressIsAnsweredInTime(t *testing.T) {
	f, m := newFake(t), newMemory()
	release := make(chan struct{})
	polling(t, f, m, func(_ context.Context, r chat.Request) (chat.Reply, error) {
		switch r.Action {
		case "slow":
			<-release
			return chat.Toast("pagaliau"), nil
		case "broken":
			panic("a bug")
		}
		return chat.Alert("gerai"), nil
	})
	f.bring(say(9, 7, "labas")) // from here on the bot is not behind
	until(t, "the first is done", func() bool { return len(f.kept()) == 0 })
	f.bring(press(10, 7, "1|quick"))
	if c := f.next(t, "answerCallbackQuery"); c.params["text"] != "gerai" || c.params["show_alert"] != "true" {
		t.Errorf("answered %v", c.params)
	}
	f.bring(press(11, 7, "1|broken"))
	if c := f.next(t, "answerCallbackQuery"); c.params["callback_query_id"] != "q11" {
		t.Errorf("answered %v", c.params)
	}
	f.bring(press(12, 7, "1|slow"))
	if c := f.next(t, "answerCallbackQuery"); c.params["callback_query_id"] != "q12" || c.params["text"] != "" {
		t.Errorf("answered %v", c.params)
	}
	f.next(t, "sendChatAction")
	close(release)
	if c := f.next(t, "sendMessage"); c.params["text"] != "pagaliau" {
		t.Errorf("said %v", c.params)
	}
}

// TestStateAway: people are answered also when nobody can tell what is done.
func TestStateAway(t *testing.T) {
	f, m := newFake(t), newMemory()
	m.away = true
	f.bring(say(10, 7, "x"))
	polling(t, f, m, func(context.Context, chat.Request) (chat.Reply, error) { return chat.Say("vėliau"), errAway })
	if c := f.next(t, "sendMessage"); c.params["text"] != "vėliau" {
		t.Errorf("answered %q", c.params["text"])
	}
	until(t, "all is forgotten by Telegram", func() bool { return len(f.kept()) == 0 })
}

func TestWebhook(t *testing.T) {
	f, m := newFake(t), newMemory()
	client := connect(t, f, nil)
	var mu sync.Mutex
	handled := 0
	r, err := NewReceiver(client, ReceiverOptions{Inbox: m, Keeper: m, Handle: func(ctx context.Context, r chat.Request) (chat.Reply, error) {
		mu.Lock()
		defer mu.Unlock()
		handled++
		return echo(ctx, r)
	}})
	if err != nil {
		t.Fatal(err)
	}
	hook := r.Webhook("hush")
	post := func(method, secret, body string) int {
		w := httptest.NewRecorder()
		req := httptest.NewRequestWithContext(t.Context(), method, "/hook", bytes.NewBufferString(body))
		req.Header.Set(secretHeader, secret)
		hook.ServeHTTP(w, req)
		return w.Code
	}
	for _, c := range []struct {
		name    string
		method  string
		secret  string
		body    string
		want    int
		handled int
	}{
		{"no post", http.MethodGet, "hush", "", http.StatusMethodNotAllowed, 0},
		{"wrong secret", http.MethodPost, "hus", say(1, 7, "x"), http.StatusUnauthorized, 0},
		{"too much", http.MethodPost, "hush", strings.Repeat(" ", webhookBody+1), http.StatusRequestEntityTooLarge, 0},
		{"nonsense", http.MethodPost, "hush", "{", http.StatusBadRequest, 0},
		{"an update that cannot be read is not sent again", http.MethodPost, "hush", `{"update_id":1,"message":[]}`, http.StatusOK, 0},
		{"an update", http.MethodPost, "hush", say(2, 7, "x"), http.StatusOK, 1},
		{"the same again", http.MethodPost, "hush", say(2, 7, "x"), http.StatusOK, 1},
	} {
		if got := post(c.method, c.secret, c.body); got != c.want || handled != c.handled {
			t.Errorf("%s: %d, handled %d; want %d, %d", c.name, got, handled, c.want, c.handled)
		}
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	if got := post(http.MethodPost, "hush", say(3, 7, "x")); got != http.StatusServiceUnavailable {
		t.Errorf("after the stop: %d", got)
	}
}

// TestTwoProcessesShareAChat: what one does, the other waits for, and does not repeat.
func TestTwoProcessesShareAChat(t *testing.T) {
	f, m := newFake(t), newMemory()
	client := connect(t, f, nil)
	var mu sync.Mutex
	atWork, handled := 0, 0
	handle := func(ctx context.Context, r chat.Request) (chat.Reply, error) {
		mu.Lock()
		atWork++
		handled++
		if atWork > 1 {
			t.Error("two at work on one chat")
		}
		mu.Unlock()
		defer func() {
			mu.Lock()
			defer mu.Unlock()
			atWork--
		}()
		return echo(ctx, r)
	}
	var both sync.WaitGroup
	for range 2 {
		r, err := NewReceiver(client, ReceiverOptions{Inbox: m, Keeper: m, Handle: handle})
		if err != nil {
			t.Fatal(err)
		}
		both.Go(func() {
			for id := range int64(5) {
				if got := r.receive(t.Context(), strings.NewReader(say(id+1, 7, "x"))); got != http.StatusOK {
					t.Errorf("update %d: %d", id+1, got)
				}
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	if handled != 5 {
		t.Errorf("%d handled, want 5", handled)
	}
}

// An outage is over: of what a person asked to be shown, only the last is; what they decided is done. Whether a press is an old one, Telegram tells.
func TestBacklogIsNotAnsweredOneByOne(t *testing.T) {
	f, m := newFake(t), newMemory()
	dated := func(update, chat int64, ago time.Duration, text string) string {
		return strings.Replace(say(update, chat, text), "1796000000", strconv.FormatInt(time.Now().Add(-ago).Unix(), 10), 1)
	}
	f.answer = func(c call) (string, bool) {
		old := c.method == "answerCallbackQuery" && c.params["callback_query_id"] == "q14"
		return failed(400, "Bad Request: query is too old and response timeout expired or query ID is invalid", 0), old
	}
	f.bring(dated(10, 7, time.Hour, "first"), dated(11, 7, time.Hour, "second"), dated(12, 7, time.Hour, "third"),
		dated(13, 8, time.Minute, "recent"), press(14, 9, "1|old"), press(15, 10, "1|fresh"), dated(16, 11, 40*time.Hour, "dated wrongly"))
	type mark struct{ late, superseded bool }
	var mu sync.Mutex
	got := map[string]mark{}
	stop := polling(t, f, m, func(_ context.Context, r chat.Request) (chat.Reply, error) {
		mu.Lock()
		defer mu.Unlock()
		got[r.Text+r.Action] = mark{r.Late, r.Superseded}
		return chat.Reply{}, nil
	})
	until(t, "all is done", func() bool { return len(f.kept()) == 0 })
	f.bring(dated(20, 12, time.Hour, "delivered late while the bot was there"), press(21, 9, "1|later"))
	until(t, "that, too", func() bool { return len(f.kept()) == 0 })
	stop()
	want := map[string]mark{
		"first": {true, true}, "second": {true, true}, "third": {late: true}, "recent": {}, "old": {late: true}, "fresh": {}, "dated wrongly": {},
		"delivered late while the bot was there": {}, "later": {},
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// A machine gun is answered once; nothing of it is handled, and Telegram forgets it.
func TestTooManyAreRefusedOnce(t *testing.T) {
	f, m := newFake(t), newMemory()
	m.most = 3
	var updates []string
	for i := range int64(20) {
		updates = append(updates, say(10+i, 7, "x"))
	}
	updates = append(updates, press(40, 7, "1|x"), say(41, 8, "somebody else"))
	f.bring(updates...)
	stop := polling(t, f, m, echo, func(o *ReceiverOptions) {
		o.Warn = func(context.Context, chat.Request) chat.Message { return chat.Message{Text: "lėčiau"} }
	})
	until(t, "all is forgotten", func() bool { return len(f.kept()) == 0 })
	stop()
	said := map[string]int{}
	for _, c := range f.calls {
		said[c.method+" "+c.params["text"]]++
	}
	for what, want := range map[string]int{
		"sendMessage x": 3, "sendMessage lėčiau": 1, "sendMessage somebody else": 1, "answerCallbackQuery ": 1,
	} {
		if said[what] != want {
			t.Errorf("%s: %d times, want %d; all: %v", what, said[what], want, said)
		}
	}
}

// A chat that takes long holds the offset, behind which Telegram gives out only so many updates: after a while its update is
// taken over, and worked on again by the next process if this one ends before.
func TestSlowUpdateIsTakenOver(t *testing.T) {
	f, m := newFake(t), newMemory()
	begun := make(chan struct{})
	slow := func(ctx context.Context, r chat.Request) (chat.Reply, error) {
		if r.Text == "slow" {
			close(begun)
			<-ctx.Done()
			return chat.Reply{}, ctx.Err()
		}
		return echo(ctx, r)
	}
	f.bring(say(10, 7, "slow"))
	stop := polling(t, f, m, slow, func(o *ReceiverOptions) { o.Keep = time.Millisecond })
	<-begun
	for id := int64(11); id < 11+2*pollBatch; id++ {
		f.bring(say(id, id, "quick"))
	}
	until(t, "all is forgotten by Telegram", func() bool { return len(f.kept()) == 0 })
	until(t, "all but the slow one is done", func() bool { return m.keeps() == 1 }) // others may be slow for a moment
	stop()
	if m.keeps() != 1 {
		t.Errorf("%d updates are kept after the stop", m.keeps())
	}
	stop = polling(t, f, m, echo)
	until(t, "the slow one is answered", func() bool { return m.keeps() == 0 })
	stop()
	answers := 0
	for _, c := range f.calls {
		if c.method == "sendMessage" && c.params["text"] == "slow" {
			answers++
		}
	}
	if answers != 1 {
		t.Errorf("answered %d times", answers)
	}
}

// A press is answered also when Telegram fails for a moment; what it had to say is said as a message when it can be answered no more.
func TestPressIsAnsweredAllTheSame(t *testing.T) {
	f, m := newFake(t), newMemory()
	tries := 0
	f.answer = func(c call) (string, bool) {
		if c.method != "answerCallbackQuery" {
			return "", false
		}
		if c.params["callback_query_id"] == "q11" {
			return failed(400, "Bad Request: query is too old and response timeout expired or query ID is invalid", 0), true
		}
		tries++
		return failed(500, "Internal Server Error", 0), tries == 1
	}
	polling(t, f, m, func(_ context.Context, r chat.Request) (chat.Reply, error) { return chat.Toast(r.Action), nil })
	f.bring(say(9, 7, "labas")) // from here on the bot is not behind
	until(t, "the first is done", func() bool { return len(f.kept()) == 0 })
	f.bring(press(10, 7, "1|done"))
	f.next(t, "answerCallbackQuery")
	if c := f.next(t, "answerCallbackQuery"); c.params["text"] != "done" {
		t.Errorf("the second try says %v", c.params)
	}
	f.bring(press(11, 7, "1|late"))
	if c := f.next(t, "sendMessage"); c.params["text"] != "late" {
		t.Errorf("said %v", c.params)
	}
}
