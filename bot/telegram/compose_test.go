package telegram

import (
	"strings"
	"testing"

	"versli/bot/chat"
)

// TestCompose shows which calls a message becomes, with the parameters that matter.
func TestCompose(t *testing.T) {
	keyboard := chat.Keyboard{{chat.Press("Rezervuoti", "hold", "t1")}, {}, {chat.Link("Daugiau", "https://x.lt")}}
	const keyboardJSON = `{"inline_keyboard":[[{"text":"Rezervuoti","callback_data":"1|hold|t1"}],[{"text":"Daugiau","url":"https://x.lt"}]]}`
	long := chat.HTML(strings.Repeat("žodis ", 1000))
	for _, c := range []struct {
		name    string
		message chat.Message
		want    []string // method, then " field=value" of what is asserted
	}{
		{"text", chat.Message{Chat: 7, Text: "a", Silent: true}, []string{
			`sendMessage chat_id=7 text=a parse_mode=HTML link_preview_options={"is_disabled":true} disable_notification=true reply_markup=`,
		}},
		{"keyboard", chat.Message{Chat: 7, Text: "a", Keyboard: keyboard}, []string{"sendMessage reply_markup=" + keyboardJSON}},
		{"long text has its keyboard at the end", chat.Message{Chat: 7, Text: long, Keyboard: keyboard}, []string{
			"sendMessage reply_markup=", "sendMessage reply_markup=" + keyboardJSON,
		}},
		{"prompt", chat.Message{Chat: 7, Text: "a", Prompt: "Vardas"}, []string{
			`sendMessage reply_markup={"force_reply":true,"input_field_placeholder":"Vardas","selective":true}`,
		}},
		{"menu", chat.Message{Chat: 7, Text: "a", Menu: &chat.Menu{Rows: [][]chat.Key{{{Label: "Arčiausiai", Location: true}}}, Placeholder: "Ieškoti"}}, []string{
			`sendMessage reply_markup={"input_field_placeholder":"Ieškoti","keyboard":[[{"text":"Arčiausiai","request_location":true}]],` +
				`"one_time_keyboard":false,"resize_keyboard":true}`,
		}},
		{"menu goes", chat.Message{Chat: 7, Text: "a", Menu: &chat.Menu{Remove: true}}, []string{`sendMessage reply_markup={"remove_keyboard":true}`}},
		{"edit", chat.Message{Chat: 7, Text: "a", Edit: 5, Keyboard: keyboard}, []string{
			"editMessageText chat_id=7 message_id=5 text=a parse_mode=HTML reply_markup=" + keyboardJSON,
		}},
		{"edit that needs more room", chat.Message{Chat: 7, Text: long, Edit: 5}, []string{"editMessageText message_id=5", "sendMessage message_id="}},
		{"edit with a prompt is a new message", chat.Message{Chat: 7, Text: "a", Edit: 5, Prompt: "x"}, []string{"sendMessage"}},
		{"only another keyboard", chat.Message{Chat: 7, Edit: 5, Keyboard: keyboard}, []string{"editMessageReplyMarkup message_id=5 reply_markup=" + keyboardJSON}},
		{"picture known to Telegram", chat.Message{Chat: 7, Text: "a", Photo: &chat.Attachment{ID: "P"}}, []string{"sendPhoto photo=P caption=a parse_mode=HTML"}},
		{"caption too long", chat.Message{Chat: 7, Text: long[:1400], Photo: &chat.Attachment{ID: "P"}, Keyboard: keyboard}, []string{
			"sendPhoto caption= reply_markup=", "sendMessage reply_markup=" + keyboardJSON,
		}},
		{"document", chat.Message{Chat: 7, Document: &chat.Attachment{Name: "a.ics", Bytes: []byte("x")}}, []string{"sendDocument document= caption="}},
		{"venue with text", chat.Message{Chat: 7, Text: "a", Venue: &chat.Venue{Point: chat.Point{Lat: 55.5, Lon: 25}, Title: "Juodupė"}}, []string{
			"sendVenue latitude=55.500000 longitude=25.000000 title=Juodupė address=Juodupė", "sendMessage text=a",
		}},
		{"venue with a picture", chat.Message{Chat: 7, Text: "a", Photo: &chat.Attachment{ID: "P"}, Venue: &chat.Venue{Title: "Dvaras"}, Keyboard: keyboard}, []string{
			"sendVenue title=Dvaras reply_markup=", "sendPhoto photo=P caption=a reply_markup=" + keyboardJSON,
		}},
		{"place", chat.Message{Chat: 7, Venue: &chat.Venue{}}, []string{"sendLocation latitude=0.000000"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			calls, err := compose(c.message)
			if err != nil || len(calls) != len(c.want) {
				t.Fatalf("%d calls, %v; want %d", len(calls), err, len(c.want))
			}
			for i, want := range c.want {
				method, fields, _ := strings.Cut(want, " ")
				if calls[i].method != method {
					t.Errorf("call %d is %s, want %s", i, calls[i].method, method)
				}
				assertFields(t, calls[i].params, fields)
			}
		})
	}
}

func assertFields(t *testing.T, params map[string]string, fields string) {
	t.Helper()
	for field := range strings.FieldsSeq(fields) {
		name, want, _ := strings.Cut(field, "=")
		if params[name] != want {
			t.Errorf("%s is %q, want %q", name, params[name], want)
		}
	}
}

func TestUploadGoesOut(t *testing.T) {
	f := newFake(t)
	client := connect(t, f, nil)
	file := &chat.Attachment{Name: "a.ics", Bytes: []byte("BEGIN:VCALENDAR")}
	if _, err := client.Send(t.Context(), PriorityAnswer, chat.Message{Chat: 7, Text: "a", Document: file}); err != nil {
		t.Fatal(err)
	}
	made := f.next(t, "sendDocument")
	if made.files["document"] != "BEGIN:VCALENDAR" || made.params["caption"] != "a" {
		t.Errorf("got %+v", made)
	}
}
