package telegram

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"versli/bot/chat"
)

func decoder() *Client {
	return &Client{
		self: Identity{ID: 1, Username: "versli_bot"},
		opt:  Options{Now: func() time.Time { return time.Unix(1796000001, 0) }},
	}
}

func TestDecode(t *testing.T) {
	const private = `"date":1796000000,"message_id":5,"from":{"id":7,"first_name":"Ona"},"chat":{"id":7,"type":"private"}`
	const group = `"date":1796000000,"message_id":5,"from":{"id":7,"first_name":"Ona"},"chat":{"id":-9,"type":"supergroup"}`
	message := func(where, what string) string {
		return fmt.Sprintf(`{"update_id":1,"message":{%s,%s}}`, where, what)
	}
	ona := chat.Person{ID: 7, FirstName: "Ona"}
	at := time.Unix(1796000000, 0)
	in := func(change func(*chat.Request)) *chat.Request {
		r := chat.Request{Update: 1, Chat: 7, Private: true, From: ona, At: at, Message: 5}
		change(&r)
		return &r
	}
	inGroup := func(change func(*chat.Request)) *chat.Request {
		return in(func(r *chat.Request) {
			r.Chat, r.Private = -9, false
			change(r)
		})
	}
	for _, c := range []struct {
		name string
		json string
		want *chat.Request // nil: asks for nothing
	}{
		{"text", message(private, `"text":"Žemaitė"`), in(func(r *chat.Request) { r.Text = "Žemaitė" })},
		{"command", message(private, `"text":"/Paieska  senas\nsodas "`), in(func(r *chat.Request) {
			r.Kind, r.Command, r.Text = chat.KindCommand, "paieska", "senas\nsodas"
		})},
		{"our command", message(group, `"text":"/van@Versli_Bot"`), inGroup(func(r *chat.Request) {
			r.Kind, r.Command, r.Addressed = chat.KindCommand, "van", true
		})},
		{"another bot's command", message(group, `"text":"/van@other_bot"`), nil},
		{"no command", message(private, `"text":"/čia ir ten"`), in(func(r *chat.Request) { r.Text = "/čia ir ten" })},
		{
			"answer to the bot", message(group, `"text":"taip","reply_to_message":{"message_id":4,"date":1,"from":{"id":1,"is_bot":true},"chat":{"id":-9}}`),
			inGroup(func(r *chat.Request) { r.Text, r.ReplyTo, r.Addressed = "taip", 4, true }),
		},
		{
			"picture", message(private, `"caption":"mūsų","photo":[{"file_id":"s","width":9,"height":9},{"file_id":"l","width":90,"height":90,"file_size":8}]`),
			in(func(r *chat.Request) {
				r.Kind, r.Text = chat.KindFile, "mūsų"
				r.File = &chat.File{ID: "l", MIME: "image/jpeg", Size: 8, Picture: true}
			}),
		},
		{
			"document", message(private, `"document":{"file_id":"d","file_name":"knygos.csv","mime_type":"text/csv","file_size":31000000}`),
			in(func(r *chat.Request) {
				r.Kind = chat.KindFile
				r.File = &chat.File{ID: "d", Name: "knygos.csv", MIME: "text/csv", Size: 31000000}
			}),
		},
		{"place", message(private, `"location":{"latitude":55.96,"longitude":25.58}`), in(func(r *chat.Request) {
			r.Kind, r.Point = chat.KindLocation, &chat.Point{Lat: 55.96, Lon: 25.58}
		})},
		{
			"venue", message(private, `"venue":{"location":{"latitude":55.96,"longitude":25.58},"title":"x","address":"y"},"location":{"latitude":1,"longitude":1}`),
			in(func(r *chat.Request) {
				r.Kind, r.Point = chat.KindLocation, &chat.Point{Lat: 55.96, Lon: 25.58}
				r.Venue = &chat.Venue{Point: *r.Point, Title: "x", Address: "y"}
			}),
		},
		{
			"live place moved", `{"update_id":1,"edited_message":{` + private + `,"location":{"latitude":1,"longitude":2,"live_period":60}}}`,
			in(func(r *chat.Request) { r.Kind, r.Point, r.Live = chat.KindLocation, &chat.Point{Lat: 1, Lon: 2}, true }),
		},
		{"edited text", `{"update_id":1,"edited_message":{` + private + `,"text":"x"}}`, nil},
		{"sticker", message(private, `"sticker":{"file_id":"s"}`), in(func(r *chat.Request) { r.Kind = chat.KindOther })},
		{"something newer than the library", message(private, `"gift":{"id":1}`), in(func(r *chat.Request) { r.Kind = chat.KindOther })},
		{"forwarded", message(private, `"text":"x","forward_origin":{"type":"user"}`), in(func(r *chat.Request) { r.Text = "x" })},
		{"somebody joined", message(group, `"new_chat_members":[{"id":8}]`), nil},
		{"group moved", message(group, `"migrate_to_chat_id":-1009`), inGroup(func(r *chat.Request) {
			r.Kind, r.MovedTo = chat.KindMigrated, -1009
		})},
		{"group moved here", message(group, `"migrate_from_chat_id":-8`), inGroup(func(r *chat.Request) {
			r.Kind, r.Chat, r.MovedTo = chat.KindMigrated, -8, -9
		})},
		{"press", press(1, 7, "1|hold|t1a|s2"), in(func(r *chat.Request) {
			r.Kind, r.Message, r.At, r.Query, r.Raw = chat.KindPress, 9, time.Unix(1796000001, 0), "q1", "1|hold|t1a|s2"
			r.Action, r.Args = "hold", []string{"t1a", "s2"}
		})},
		{"forged press", press(1, 7, "';DROP"), in(func(r *chat.Request) {
			r.Kind, r.Message, r.At, r.Query, r.Raw = chat.KindPress, 9, time.Unix(1796000001, 0), "q1", "';DROP"
		})},
		{
			"blocked", `{"update_id":1,"my_chat_member":{"chat":{"id":7,"type":"private"},"from":{"id":7,"first_name":"Ona"},"date":1796000000,` +
				`"old_chat_member":{"status":"member"},"new_chat_member":{"status":"kicked"}}}`,
			in(func(r *chat.Request) { r.Kind, r.Message = chat.KindBlocked, 0 }),
		},
		{
			"returned", `{"update_id":1,"my_chat_member":{"chat":{"id":7,"type":"private"},"from":{"id":7,"first_name":"Ona"},"date":1796000000,` +
				`"old_chat_member":{"status":"kicked"},"new_chat_member":{"status":"member"}}}`,
			in(func(r *chat.Request) { r.Kind, r.Message = chat.KindReturned, 0 }),
		},
		{"a kind not asked for", `{"update_id":1,"poll":{"id":"x"}}`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok, err := decoder().decode([]byte(c.json))
			if err != nil || ok != (c.want != nil) {
				t.Fatalf("asks: %v, %v", ok, err)
			}
			if ok && !reflect.DeepEqual(got, *c.want) {
				t.Errorf("got  %+v\nwant %+v", got, *c.want)
			}
		})
	}
}
