package playground

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// apiSchema is the whole Bot API as data.
type apiSchema struct {
	Methods map[string]struct {
		Returns []string
	}
	Types map[string]struct {
		Subtypes []string
		Fields   []struct {
			Name     string
			Types    []string
			Required bool
		}
	}
}

func readSchema(t *testing.T) *apiSchema {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "telegram", "bot-api-10.1.json"))
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the description of the Bot API is missing: %v", err)
		}
		t.Skip("the description of the Bot API is not here")
	}
	var s apiSchema
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	return &s
}

// check tells what is wrong with a value that ought to be of one of the types.
func (s *apiSchema) check(v any, types []string) error {
	var problems []string
	for _, name := range types {
		err := s.checkOne(v, name)
		if err == nil {
			return nil
		}
		problems = append(problems, err.Error())
	}
	return fmt.Errorf("is none of %v: %s", types, strings.Join(problems, "; "))
}

func (s *apiSchema) checkOne(v any, name string) error {
	if of, isArray := strings.CutPrefix(name, "Array of "); isArray {
		list, ok := v.([]any)
		if !ok {
			return fmt.Errorf("%v is no array", v)
		}
		for i, item := range list {
			if err := s.checkOne(item, of); err != nil {
				return fmt.Errorf("item %d: %w", i, err)
			}
		}
		return nil
	}
	ok := false
	switch name {
	case "String":
		_, ok = v.(string)
	case "Boolean":
		_, ok = v.(bool)
	case "Float":
		_, ok = v.(float64)
	case "Integer":
		n, isNumber := v.(float64)
		ok = isNumber && n == float64(int64(n))
	default:
		return s.checkObject(v, name)
	}
	if !ok {
		return fmt.Errorf("%v is no %s", v, name)
	}
	return nil
}

func (s *apiSchema) checkObject(v any, name string) error {
	kind, known := s.Types[name]
	if !known {
		return fmt.Errorf("there is no type %s", name)
	}
	if len(kind.Subtypes) > 0 {
		return s.check(v, kind.Subtypes)
	}
	object, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("%v is no %s", v, name)
	}
	left := maps.Clone(object)
	for _, f := range kind.Fields {
		value, given := left[f.Name]
		delete(left, f.Name)
		if !given {
			if f.Required {
				return fmt.Errorf("%s lacks %s", name, f.Name)
			}
			continue
		}
		if err := s.check(value, f.Types); err != nil {
			return fmt.Errorf("%s.%s: %w", name, f.Name, err)
		}
	}
	if len(left) > 0 {
		return fmt.Errorf("%s has no %v", name, slices.Sorted(maps.Keys(left)))
	}
	return nil
}

// TestAnswersMatchTheSchema holds every kind of answer and update against the published Bot API.
func TestAnswersMatchTheSchema(t *testing.T) {
	schema := readSchema(t)
	w := open(t, Options{Limits: noLimits()})
	checked := map[string]bool{}
	check := func(method string, a answer) answer {
		t.Helper()
		checked[method] = true
		if !a.OK {
			t.Fatalf("%s: %s", method, a.Description)
		}
		var v any
		if err := json.Unmarshal(a.Result, &v); err != nil {
			t.Fatal(err)
		}
		if err := schema.check(v, schema.Methods[method].Returns); err != nil {
			t.Errorf("%s: the result %s %v", method, a.Result, err)
		}
		return a
	}
	makeEveryKindOfUpdate(w)
	group := do[pageGroup](w, http.MethodPost, "groups", fields{"title": "x", "members": []int64{ona, jonas}}).ID
	chat := onasChat()
	text := decode[wireMessage](w, check("sendMessage", w.call("sendMessage", fields{
		"chat_id": ona, "text": "<b>x</b>", "parse_mode": "HTML", "reply_parameters": fields{"message_id": 1}, "reply_markup": button("a", "b"),
	})).Result)
	photo := decode[wireMessage](w, check("sendPhoto", w.upload("sendPhoto", chat, "photo", "a.png", pngFile(t, 2, 2))).Result)
	document := decode[wireMessage](w, check("sendDocument", w.upload("sendDocument", chat, "document", "a.ics", []byte("x"))).Result).Document
	at := fields{"chat_id": ona, "message_id": text.MessageID}
	with := func(base, more fields) fields {
		all := maps.Clone(base)
		maps.Copy(all, more)
		return all
	}
	again := fields{"chat_id": ona, "from_chat_id": ona, "message_id": text.MessageID}
	place := fields{"chat_id": ona, "latitude": 55.96, "longitude": 25.58}
	query := w.press(ona, text.MessageID, "b")
	media := fields{"type": "photo", "media": photo.Photo[0].FileID, "caption": "y"}
	for _, c := range []struct {
		method string
		params fields
	}{
		{"getMe", nil},
		{"getUpdates", nil},
		{"getWebhookInfo", nil},
		{"deleteWebhook", nil},
		{"logOut", nil},
		{"close", nil},
		{"sendMediaGroup", fields{"chat_id": ona, "media": []fields{media, media}}},
		{"sendLocation", place},
		{"sendVenue", with(place, fields{"title": "x", "address": "y"})},
		{"sendContact", fields{"chat_id": ona, "phone_number": "+3706", "first_name": "x"}},
		{"sendChatAction", fields{"chat_id": ona, "action": "typing"}},
		{"copyMessage", again},
		{"forwardMessage", again},
		{"answerCallbackQuery", fields{"callback_query_id": query}},
		{"editMessageText", with(at, fields{"text": "y", "reply_markup": button("c", "d")})},
		{"editMessageReplyMarkup", at},
		{"editMessageMedia", with(at, fields{"media": media})},
		{"editMessageCaption", with(at, fields{"caption": "z"})},
		{"setMessageReaction", with(at, fields{"reaction": []fields{{"type": "emoji", "emoji": "👍"}}})},
		{"pinChatMessage", at},
		{"getChat", fields{"chat_id": ona}},
		{"unpinChatMessage", at},
		{"unpinAllChatMessages", fields{"chat_id": ona}},
		{"getFile", fields{"file_id": document.FileID}},
		{"deleteMessage", at},
		{"deleteMessages", fields{"chat_id": ona, "message_ids": []int64{1, 2, 99}}},
		{"setMyCommands", fields{"commands": []botCommand{{"a", "b"}}}},
		{"getMyCommands", nil},
		{"deleteMyCommands", nil},
		{"setMyName", fields{"name": "x"}},
		{"getMyName", nil},
		{"setMyDescription", fields{"description": "x"}},
		{"getMyDescription", nil},
		{"setMyShortDescription", fields{"short_description": "x"}},
		{"getMyShortDescription", nil},
		{"setChatMenuButton", fields{"menu_button": fields{"type": "commands"}}},
		{"getChatMenuButton", fields{"chat_id": ona}},
		{"getChatMember", fields{"chat_id": group, "user_id": jonas}},
		{"getChatMemberCount", fields{"chat_id": group}},
		{"getChatAdministrators", fields{"chat_id": group}},
		{"leaveChat", fields{"chat_id": group}},
		{"setWebhook", fields{"url": "http://127.0.0.1:1/"}},
	} {
		check(c.method, w.call(c.method, c.params))
	}
	for method := range w.s.methods {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(checked)), func(name string) bool { return strings.EqualFold(name, method) }) {
			t.Errorf("%s is served but not checked here", method)
		}
	}
}

// makeEveryKindOfUpdate does what people can do, so that getUpdates has it all to tell.
func makeEveryKindOfUpdate(w *world) {
	w.Helper()
	w.say(ona, "/start x")
	do[sentID](w, http.MethodPost, fmt.Sprintf("chats/%d/location", ona), fields{"latitude": 55.96, "longitude": 25.58})
	do[sentID](w, http.MethodPost, fmt.Sprintf("chats/%d/contact", ona), fields{})
	do[sentID](w, http.MethodPost, fmt.Sprintf("chats/%d/sticker", ona), fields{"emoji": "👍"})
	do[sentID](w, http.MethodPost, fmt.Sprintf("chats/%d/text", ona), fields{"text": "x", "reply_to": 1, "forwarded_from": "Kazys"})
	for _, kind := range []string{kindPhoto, kindDocument} {
		form, body := multipartBody(w.T, map[string]string{"kind": kind, "caption": "/x"}, "file", "a.png", pngFile(w.T, 2, 2))
		if status, raw := w.send(w.request(http.MethodPost, fmt.Sprintf("/play/chats/%d/file", ona), form, body)); status != http.StatusOK {
			w.Fatalf("upload: %d %s", status, raw)
		}
	}
	do[json.RawMessage](w, http.MethodPost, fmt.Sprintf("chats/%d/press", ona), fields{"message_id": 99, "data": "x", "forge": true})
	do[struct{}](w, http.MethodPost, fmt.Sprintf("chats/%d/block", ona), fields{"blocked": true})
	do[struct{}](w, http.MethodPost, fmt.Sprintf("chats/%d/block", ona), fields{"blocked": false})
	g := do[pageGroup](w, http.MethodPost, "groups", fields{"title": "x", "members": []int64{ona, jonas}})
	do[pageGroup](w, http.MethodPost, fmt.Sprintf("groups/%d/migrate", g.ID), fields{})
}
