package telegram_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"versli/bot/chat"
	"versli/bot/playground"
	"versli/bot/telegram"
)

const token = "1:strict"

type unlimited struct{}

func (unlimited) Take(ctx context.Context, _ int64, _ int) (time.Duration, error) {
	return 0, ctx.Err()
}
func (unlimited) Hold(context.Context, time.Duration) error { return nil }

// forgetful is an inbox that remembers nothing, and gives everybody their turn.
type forgetful struct{}

func (forgetful) Begin(context.Context, int64, int64, int64, string, time.Duration) (string, error) {
	return "mine", nil
}
func (forgetful) Finish(context.Context, int64, int64, string) error          { return nil }
func (forgetful) Prolong(context.Context, int64, string, time.Duration) error { return nil }
func (forgetful) Keep(context.Context, int64, []byte) error                   { return nil }
func (forgetful) Kept(context.Context) ([][]byte, error)                      { return nil, nil }
func (forgetful) Release(context.Context, int64) error                        { return nil }

// TestStrictServerTakesEveryCall runs the real client against the strict Bot API server of the playground: every kind of
// message that the bot can send is one that Telegram would take.
func TestStrictServerTakesEveryCall(t *testing.T) {
	const ona = 77
	var (
		mu      sync.Mutex
		refused []string
		called  = map[string]bool{}
	)
	local, err := playground.New(playground.Options{
		Token: token, Limits: playground.Limits{Factor: 1000},
		OnCall: func(c playground.Call) {
			mu.Lock()
			defer mu.Unlock()
			called[c.Method] = true
			// A poll that is given up is ended by the last one, if the server has not seen yet that it is.
			if c.Status != http.StatusOK && (c.Method != "getUpdates" || c.Status != http.StatusConflict) {
				refused = append(refused, fmt.Sprintf("%s %v: %s", c.Method, c.Params, c.Response))
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := local.AddPerson(playground.Person{ID: ona, FirstName: "Ona", LanguageCode: "lt"}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(local.Handler())
	transport := &http.Transport{}
	client, err := telegram.New(t.Context(), telegram.Options{
		Token: token, APIURL: server.URL, HTTP: &http.Client{Transport: transport}, Budget: unlimited{}, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	heard := make(chan chat.Request, 1)
	receiver, err := telegram.NewReceiver(client, telegram.ReceiverOptions{
		Inbox: forgetful{}, Keeper: forgetful{},
		Handle: func(_ context.Context, r chat.Request) (chat.Reply, error) {
			heard <- r
			return chat.Say("Labas!", chat.Row(chat.Press("Meniu", "menu"))), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- receiver.Poll(ctx) }()

	body := strings.NewReader(`{"text":"/start"}`)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, fmt.Sprintf("%s/play/chats/%d/text", server.URL, ona), body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if r := <-heard; r.Command != "start" || r.Chat != ona || r.From.Language != "lt" {
		t.Errorf("heard %+v", r)
	}
	sendEverything(t, client, ona)
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := local.Close(); err != nil {
		t.Error(err)
	}
	transport.CloseIdleConnections()
	server.Close()
	mu.Lock()
	defer mu.Unlock()
	for _, r := range refused {
		t.Errorf("refused: %s", r)
	}
	t.Logf("called %d methods", len(called))
}

func sendEverything(t *testing.T, client *telegram.Client, to int64) {
	t.Helper()
	send := func(m chat.Message) int {
		t.Helper()
		m.Chat = to
		id, err := client.Send(t.Context(), telegram.PriorityAnswer, m)
		if err != nil {
			t.Errorf("%+v: %v", m, err)
		}
		return id
	}
	keyboard := chat.Keyboard{{chat.Press("Taip", "yes"), chat.Link("Daugiau", "https://example.org")}}
	first := send(chat.Message{Text: "<b>a</b> &lt;b&gt; " + chat.Escape("ž & 'č'"), Keyboard: keyboard, Silent: true})
	send(chat.Message{Text: "kitaip", Edit: first, Keyboard: keyboard})
	send(chat.Message{Edit: first, Keyboard: keyboard[:0]})
	send(chat.Message{Text: "Vardas?", Prompt: "Vardas ir pavardė"})
	send(chat.Message{Text: "Meniu", Menu: &chat.Menu{Rows: [][]chat.Key{{{Label: "Ieškoti"}, {Label: "Kur arčiausiai", Location: true}}}, Placeholder: "Ieškoti"}})
	send(chat.Message{Text: "Be meniu", Menu: &chat.Menu{Remove: true}})
	send(chat.Message{Text: chat.HTML("<b>" + strings.Repeat("žodis &amp; ", 900) + "</b>"), Keyboard: keyboard})
	send(chat.Message{Venue: &chat.Venue{Point: chat.Point{Lat: 56.08, Lon: 25.6}, Title: "Juodupė"}, Text: "Stotelė"})
	send(chat.Message{Venue: &chat.Venue{Point: chat.Point{Lat: 56.08, Lon: 25.6}}})
	send(chat.Message{Text: "Mokymai", Document: &chat.Attachment{Name: "mokymai.ics", Bytes: []byte("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")}})
	send(chat.Message{Text: chat.HTML(strings.Repeat("x ", 900)), Photo: &chat.Attachment{Name: "a.png", Bytes: onePixel()}})
	send(chat.Message{Delete: first})
	for range 2 {
		if err := client.SetCommands(t.Context(), to, "lt", []telegram.MenuCommand{{Command: "paieska", Description: "Rasti knygą"}}); err != nil {
			t.Error(err)
		}
		if err := client.SetProfile(t.Context(), "lt", telegram.Profile{"Versli biblioteka", "Knygos", "Biblioteka"}); err != nil {
			t.Error(err)
		}
	}
	if err := client.SetCommands(t.Context(), 0, "", []telegram.MenuCommand{{Command: "search", Description: "Find a book"}}); err != nil {
		t.Error(err)
	}
}

// onePixel is the smallest PNG picture.
func onePixel() []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		panic(err)
	}
	return b.Bytes()
}
