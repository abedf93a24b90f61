package telegram

import (
	"encoding/json"
	"maps"
	"math"
	"regexp"
	"testing"

	"versli/bot/chat"
)

// FuzzDecode holds that no update, however odd, ends the program, and that what is taken for a request can be relied on.
func FuzzDecode(f *testing.F) {
	const in = `"date":1796000000,"message_id":5,"from":{"id":7,"first_name":"Ona"},"chat":{"id":7,"type":"private"}`
	for _, s := range []string{
		say(1, 7, "/start p_1"), press(2, 7, "1|x"), press(2, 7, `1|say|a\|b`),
		`{"update_id":3,"message":{"chat":null,"photo":[]}}`,
		`{"update_id":4,"callback_query":{"id":"1"}}`,
		`{"update_id":4,"callback_query":{"id":"1","from":{"id":7},"data":"1|hold|t1","inline_message_id":"x"}}`,
		`{"update_id":5,"my_chat_member":{}}`,
		`{"update_id":5,"my_chat_member":{"chat":{"id":7,"type":"private"},"from":{"id":7},"date":1,` +
			`"old_chat_member":{"status":"member"},"new_chat_member":{"status":"kicked"}}}`,
		`[]`, `{"update_id":1e3}`, `{"update_id":6,"message":{"chat":{"id":0},"text":"x"}}`,
		`{"update_id":7,"message":{` + in + `,"text":"/VAN@versli_bot rytoj"}}`,
		`{"update_id":8,"message":{` + in + `,"location":{"latitude":91,"longitude":25.5}}}`,
		`{"update_id":8,"message":{` + in + `,"venue":{"location":{"latitude":55.9,"longitude":25.5},"title":"x","address":"y"}}}`,
		`{"update_id":9,"message":{` + in + `,"document":{"file_id":"d","file_name":"knygos.csv","mime_type":"text/csv","file_size":31}}}`,
		`{"update_id":9,"message":{` + in + `,"caption":"x","photo":[{"file_id":"s","width":9,"height":9},{"file_id":"l","width":90,"height":90}]}}`,
		`{"update_id":10,"message":{` + in + `,"migrate_to_chat_id":-1009}}`,
		`{"update_id":11,"edited_message":{` + in + `,"location":{"latitude":1,"longitude":2,"live_period":60}}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, ok, err := decoder().decode(raw)
		if err != nil && ok {
			t.Error("an update that cannot be read asks for something")
		}
		if id, idErr := decodeID(raw); err == nil && (idErr != nil || id != r.Update) {
			t.Errorf("number %d, %v; in the request %d", id, idErr, r.Update)
		}
		if ok {
			sane(t, r)
		}
		if _, err := json.Marshal(r); err != nil {
			t.Error(err)
		}
	})
}

var commandName = regexp.MustCompile(`^[a-z0-9_]{1,64}$`)

// sane tells of a request that a handler could not rely on.
func sane(t *testing.T, r chat.Request) {
	t.Helper()
	for what, wrong := range map[string]bool{
		"no chat to answer in":                     r.Chat == 0,
		"a command without a name":                 (r.Kind == chat.KindCommand) != commandName.MatchString(r.Command),
		"a file that is none":                      (r.Kind == chat.KindFile) != (r.File != nil),
		"a location without a place":               (r.Kind == chat.KindLocation) != (r.Point != nil),
		"a place that is not on Earth":             r.Point != nil && (math.Abs(r.Point.Lat) > 90 || math.Abs(r.Point.Lon) > 180),
		"a press that cannot be answered":          (r.Kind == chat.KindPress) != (r.Query != ""),
		"a moved group without where it moved":     (r.Kind == chat.KindMigrated) != (r.MovedTo != 0),
		"an action outside a press":                r.Action != "" && r.Kind != chat.KindPress,
		"arguments without an action":              r.Action == "" && len(r.Args) > 0,
		"a text message without text":              r.Kind == chat.KindText && r.Text == "",
		"an action that was not pressed":           r.Action != "" && !pressed(r),
		"knowledge of what only the receiver sees": r.Late || r.Superseded || r.State != nil,
	} {
		if wrong {
			t.Errorf("%s: %+v", what, r)
		}
	}
}

// pressed tells that the action is what the button's data says.
func pressed(r chat.Request) bool {
	data, err := chat.Encode(r.Action, r.Args...)
	return err == nil && data == r.Raw
}

// FuzzRequest is FuzzDecode over updates whose form is right, and whose content is anything.
func FuzzRequest(f *testing.F) {
	for i, text := range []string{"/van@versli_bot rytoj", "/start t_1", "1|hold|t1a|s2", "knygos.csv", "kicked", "supergroup", "\u202e/žodis"} {
		f.Add(uint16(1)<<i, int64(7-2*i), int64(-9), text, "private", 55.96, 25.58)
	}
	f.Fuzz(func(t *testing.T, parts uint16, id, other int64, text, word string, lat, lon float64) {
		if math.IsNaN(lat+lon) || math.IsInf(lat+lon, 0) {
			t.Skip("no JSON has such a number")
		}
		raw, err := json.Marshal(oddUpdate(parts, id, other, text, word, lat, lon))
		if err != nil {
			t.Fatal(err)
		}
		r, ok, err := decoder().decode(raw)
		if err != nil {
			t.Fatalf("%v in %s", err, raw)
		}
		if ok {
			sane(t, r)
		}
	})
}

// oddUpdate has the parts of an update and of its message that the bits name.
func oddUpdate(parts uint16, id, other int64, text, word string, lat, lon float64) map[string]any {
	type object = map[string]any
	place := object{"latitude": lat, "longitude": lon, "live_period": parts % 3}
	person := object{"id": other, "first_name": word, "language_code": text, "is_bot": parts&1 != 0}
	message := object{"message_id": parts, "date": parts, "chat": object{"id": id, "type": word}, "from": person}
	for i, part := range []object{
		{"text": text},
		{"caption": text},
		{"location": place},
		{"venue": object{"location": place, "title": text, "address": word}},
		{"document": object{"file_id": word, "file_name": text, "file_size": int32(other)}},
		{"photo": []object{{"file_id": text, "width": int16(id), "height": int16(other)}, {"file_id": word, "width": 2, "height": 3}}},
		{"migrate_to_chat_id": other},
		{"migrate_from_chat_id": other},
		{"reply_to_message": object{"message_id": 1, "date": 1, "chat": object{"id": id}, "from": object{"id": 1}}},
		{"new_chat_members": []object{person}},
		{"animation": object{"file_id": text}},
	} {
		if parts&(1<<i) != 0 {
			maps.Copy(message, part)
		}
	}
	update := object{"update_id": other}
	switch parts >> 14 {
	case 0:
		update["message"] = message
	case 1:
		update["edited_message"] = message
	case 2:
		update["callback_query"] = object{"id": word, "data": text, "from": person, "message": message}
	default:
		update["my_chat_member"] = object{
			"chat": message["chat"], "from": person, "date": 1,
			"old_chat_member": object{"status": word, "user": person}, "new_chat_member": object{"status": text, "user": person},
		}
	}
	return update
}
