package playground

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestRefusals holds every refusal against Telegram's words, which bots match on.
func TestRefusals(t *testing.T) {
	w := open(t, Options{Limits: noLimits()})
	w.say(ona, "/start")
	own := must[wireMessage](w, "sendMessage", fields{"chat_id": ona, "text": "Labas", "reply_markup": button("Taip", "yes")}).MessageID
	asking := must[wireMessage](w, "sendMessage", fields{
		"chat_id": ona, "text": "Kas?", "reply_markup": fields{"force_reply": true},
	}).MessageID
	photo := decode[wireMessage](w, w.upload("sendPhoto", onasChat(), "photo", "a.png", pngFile(t, 4, 4)).Result)
	theirs := w.say(ona, "mano")
	many := make([][]fields, 101)
	for i := range many {
		many[i] = []fields{{"text": "x", "callback_data": "x"}}
	}
	inline := func(b fields) fields { return fields{"inline_keyboard": [][]fields{{b}}} }
	text := func(more fields) fields {
		all := fields{"chat_id": ona, "text": "x"}
		maps.Copy(all, more)
		return all
	}
	html := func(s string) fields { return text(fields{"text": s, "parse_mode": "HTML"}) }
	const notModified = "message is not modified: specified new message content and reply markup are exactly the same " +
		"as a current content and reply markup of the message"

	for _, c := range []struct {
		name, method string
		params       fields
		want         string // after "Bad Request: "
	}{
		{"no chat", "sendMessage", fields{"text": "x"}, "chat_id is empty"},
		{"no text", "sendMessage", fields{"chat_id": ona}, "message text is empty"},
		{"only spaces", "sendMessage", text(fields{"text": " \n "}), "text must be non-empty"},
		{"only tags", "sendMessage", html("<b></b>"), "text must be non-empty"},
		{"a chat that is not there", "sendMessage", text(fields{"chat_id": 99}), "chat not found"},
		{"a name", "sendMessage", text(fields{"chat_id": "@nobody"}), "chat not found"},
		{"somebody who never wrote", "sendMessage", text(fields{"chat_id": jonas}), "chat not found"},
		{"a long text", "sendMessage", text(fields{"text": strings.Repeat("ž", 4097)}), "message is too long"},
		{"a long text of pairs", "sendMessage", text(fields{"text": strings.Repeat("😀", 2049)}), "message is too long"},
		{"an unknown parse mode", "sendMessage", text(fields{"parse_mode": "BBCode"}), "unsupported parse_mode"},
		{
			"an entity too far", "sendMessage", text(fields{"entities": []entity{{Type: "bold", Offset: 1, Length: 5}}}),
			"entity beyond the end of the text",
		},
		{"a reply to nothing", "sendMessage", text(fields{"reply_parameters": fields{"message_id": 999}}), "message to be replied not found"},

		{"an unknown tag", "sendMessage", html("a<x>b</x>"), `can't parse entities: Unsupported start tag "x" at byte offset 1`},
		{"a tag left open", "sendMessage", html("<b>a"), `can't parse entities: Can't find end tag corresponding to start tag "b"`},
		{
			"tags crossed", "sendMessage", html("<b><i>a</b></i>"),
			`can't parse entities: Unmatched end tag at byte offset 7, expected "</i>", found "</b>"`,
		},
		{"an end without a start", "sendMessage", html("ž</b>"), "can't parse entities: Unexpected end tag at byte offset 2"},
		{"a bare bracket", "sendMessage", html("1 < 2"), `can't parse entities: Unsupported start tag "" at byte offset 2`},
		{"a bare bracket at the end", "sendMessage", html("1 <2"), "can't parse entities: Unclosed start tag at byte offset 2"},
		{
			"a span of its own", "sendMessage", html(`<span class="x">a</span>`),
			`can't parse entities: Tag "span" must have class "tg-spoiler" at byte offset 0`,
		},

		{"long data", "sendMessage", text(fields{"reply_markup": button("x", strings.Repeat("x", 65))}), "BUTTON_DATA_INVALID"},
		{"long data in bytes", "sendMessage", text(fields{"reply_markup": button("x", strings.Repeat("ž", 33))}), "BUTTON_DATA_INVALID"},
		{
			"a button that does nothing", "sendMessage", text(fields{"reply_markup": button("x", "")}),
			"can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
		},
		{
			"a button that does two things", "sendMessage",
			text(fields{"reply_markup": inline(fields{"text": "x", "callback_data": "x", "url": "https://a.lt"})}),
			"can't parse inline keyboard button: Exactly one of the optional fields must be used",
		},
		{
			"a button without a label", "sendMessage", text(fields{"reply_markup": button(" ", "x")}),
			"inline keyboard button text must be non-empty",
		},
		{
			"a button without text", "sendMessage", text(fields{"reply_markup": inline(fields{"callback_data": "x"})}),
			`can't parse inline keyboard button: Can't find field "text"`,
		},
		{
			"a button to ftp", "sendMessage", text(fields{"reply_markup": inline(fields{"text": "x", "url": "ftp://a.lt"})}),
			"inline keyboard button URL 'ftp://a.lt' is invalid: Unsupported URL protocol",
		},
		{
			"a button to nowhere", "sendMessage", text(fields{"reply_markup": inline(fields{"text": "x", "url": "http://localhost/x"})}),
			"inline keyboard button URL 'http://localhost/x' is invalid: Wrong HTTP URL",
		},
		{"101 buttons", "sendMessage", text(fields{"reply_markup": fields{"inline_keyboard": many}}), "reply markup is too long"},
		{"a keyboard that is no JSON", "sendMessage", text(fields{"reply_markup": "{"}), "can't parse reply keyboard markup JSON object"},
		{"a keyboard that is a list", "sendMessage", text(fields{"reply_markup": "[]"}), "object expected as reply markup"},
		{
			"an empty reply button", "sendMessage", text(fields{"reply_markup": fields{"keyboard": [][]string{{""}}}}),
			"keyboard button text must be non-empty",
		},
		{
			"a long placeholder", "sendMessage",
			text(fields{"reply_markup": fields{"force_reply": true, "input_field_placeholder": strings.Repeat("x", 65)}}),
			"input field placeholder is too long",
		},

		{"edit of nothing", "editMessageText", text(fields{"message_id": 999}), "message to edit not found"},
		{"edit without id", "editMessageText", fields{"text": "x"}, "message identifier is not specified"},
		{"edit of another's", "editMessageText", text(fields{"message_id": theirs}), "message can't be edited"},
		{"edit of a prompt", "editMessageText", text(fields{"message_id": asking}), "message can't be edited"},
		{
			"edit to the same", "editMessageText",
			text(fields{"message_id": own, "text": "Labas", "reply_markup": button("Taip", "yes")}), notModified,
		},
		{
			"edit to the same buttons", "editMessageReplyMarkup",
			fields{"chat_id": ona, "message_id": own, "reply_markup": button("Taip", "yes")},
			notModified,
		},
		{"edit to too much", "editMessageText", text(fields{"message_id": own, "text": strings.Repeat("x", 4097)}), "MESSAGE_TOO_LONG"},
		{
			"edit of a picture's text", "editMessageText", text(fields{"message_id": photo.MessageID}),
			"there is no text in the message to edit",
		},
		{
			"edit of a text's caption", "editMessageCaption",
			fields{"chat_id": ona, "message_id": own, "caption": "x"},
			"there is no caption in the message to edit",
		},
		{
			"edit with a reply keyboard", "editMessageText",
			text(fields{"message_id": own, "reply_markup": fields{"remove_keyboard": true}}), "inline keyboard expected",
		},

		{"delete nothing", "deleteMessage", fields{"chat_id": ona, "message_id": 999}, "message to delete not found"},
		{"copy nothing", "copyMessage", fields{"chat_id": ona, "from_chat_id": ona, "message_id": 999}, "message to copy not found"},
		{
			"forward nothing", "forwardMessage",
			fields{"chat_id": ona, "from_chat_id": ona, "message_id": 999},
			"message to forward not found",
		},
		{"pin nothing", "pinChatMessage", fields{"chat_id": ona, "message_id": 999}, "message to pin not found"},
		{"react to nothing", "setMessageReaction", fields{"chat_id": ona, "message_id": 999}, "message to react not found"},
		{"an unknown action", "sendChatAction", fields{"chat_id": ona, "action": "dance"}, "wrong parameter action in request"},

		{"no photo", "sendPhoto", fields{"chat_id": ona}, "there is no photo in the request"},
		{"a photo of the web", "sendPhoto", fields{"chat_id": ona, "photo": "https://a.lt/b.png"}, "failed to get HTTP URL content"},
		{"an invented file", "sendDocument", fields{"chat_id": ona, "document": "BQAC"}, "wrong file identifier/HTTP URL specified"},
		{
			"a photo as a document", "sendDocument",
			fields{"chat_id": ona, "document": photo.Photo[0].FileID},
			"can't use file of type Photo as Document",
		},
		{
			"a long caption", "sendPhoto",
			fields{"chat_id": ona, "photo": photo.Photo[0].FileID, "caption": strings.Repeat("x", 1025)},
			"message caption is too long",
		},
		{"an unknown file", "getFile", fields{"file_id": "x"}, "wrong file_id or the file is temporarily unavailable"},
		{"a place off the map", "sendLocation", fields{"chat_id": ona, "latitude": "91", "longitude": "25"}, "wrong location specified"},
		{"half a place", "sendLocation", fields{"chat_id": ona, "latitude": "55.9"}, "longitude is empty"},
		{
			"a venue without a name", "sendVenue",
			fields{"chat_id": ona, "latitude": "55.9", "longitude": "25.6", "address": "x"},
			"venue title must be non-empty",
		},
		{
			"an album of one", "sendMediaGroup",
			fields{"chat_id": ona, "media": []fields{{"type": "photo", "media": "x"}}},
			"media group must include 2-10 items",
		},

		{
			"an unknown query", "answerCallbackQuery",
			fields{"callback_query_id": "1"},
			"query is too old and response timeout expired or query ID is invalid",
		},
		{"a long toast", "answerCallbackQuery", fields{"callback_query_id": "1", "text": strings.Repeat("x", 201)}, "MESSAGE_TOO_LONG"},

		{"a command with a letter", "setMyCommands", fields{"commands": []botCommand{{"paieška", "x"}}}, "BOT_COMMAND_INVALID"},
		{"a long command", "setMyCommands", fields{"commands": []botCommand{{strings.Repeat("x", 33), "x"}}}, "BOT_COMMAND_INVALID"},
		{"a command unexplained", "setMyCommands", fields{"commands": []botCommand{{"x", ""}}}, "BOT_COMMAND_DESCRIPTION_INVALID"},
		{
			"a language of its own", "setMyCommands",
			fields{"commands": []botCommand{}, "language_code": "lit"},
			"invalid language code specified",
		},
		{
			"a scope of its own", "setMyCommands",
			fields{"commands": []botCommand{}, "scope": fields{"type": "world"}},
			"can't parse BotCommandScope: Unsupported type specified",
		},
		{
			"a stranger's menu", "setMyCommands",
			fields{"commands": []botCommand{}, "scope": fields{"type": "chat", "chat_id": 99}},
			"chat not found",
		},
		{
			"a plain webhook", "setWebhook",
			fields{"url": "http://example.com/x"},
			"bad webhook: An HTTPS URL must be provided for webhook",
		},
		{
			"a bad secret", "setWebhook",
			fields{"url": "https://example.com/x", "secret_token": "ž"},
			"secret token contains unallowed characters",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := w.call(c.method, c.params)
			if got.OK || got.status != http.StatusBadRequest || got.ErrorCode != http.StatusBadRequest || got.Description != "Bad Request: "+c.want {
				t.Errorf("%s\n got %d %q\nwant 400 %q", c.method, got.status, got.Description, "Bad Request: "+c.want)
			}
		})
	}
	if n := len(w.history(ona, "").Messages); n != 5 {
		t.Errorf("the refused calls left %d messages, want the 5 from before", n)
	}
}

// TestAccepted holds that the strictest limits are no stricter than Telegram's.
func TestAccepted(t *testing.T) {
	w := open(t, Options{Limits: noLimits()})
	w.say(ona, "/start")
	hundred := make([][]fields, 100)
	for i := range hundred {
		hundred[i] = []fields{{"text": "x", "callback_data": strings.Repeat("x", 64)}}
	}
	for name, params := range map[string]fields{
		"4,096 characters":             {"text": strings.Repeat("ž", 4096)},
		"more than that before tags":   {"text": strings.Repeat("<b>ž</b>&amp;", 2048), "parse_mode": "HTML"},
		"100 buttons of 64 bytes":      {"text": "x", "reply_markup": fields{"inline_keyboard": hundred}},
		"an empty keyboard":            {"text": "x", "reply_markup": fields{"inline_keyboard": []string{}}},
		"a reply to nothing, if asked": {"text": "x", "reply_parameters": fields{"message_id": 99, "allow_sending_without_reply": true}},
		"an unknown parameter":         {"text": "x", "link_preview_options": fields{"is_disabled": true}},
	} {
		params["chat_id"] = ona
		if got := w.call("sendMessage", params); !got.OK {
			t.Errorf("%s: %s", name, got.Description)
		}
	}
	a := w.answer(w.request(http.MethodGet, fmt.Sprintf("/bot%s/SENDMESSAGE?chat_id=%d&text=x", testToken, ona), "", nil))
	if !a.OK {
		t.Errorf("a call by GET, in capitals: %s", a.Description)
	}
	body := fmt.Sprintf(`{"chat_id":%d,"text":"x","reply_markup":{"inline_keyboard":[[{"text":"x","copy_text":{"text":"y"}}]]}}`, ona)
	if a := w.answer(w.request(http.MethodPost, "/bot"+testToken+"/sendMessage", "application/json", strings.NewReader(body))); !a.OK {
		t.Errorf("a call in JSON: %s", a.Description)
	}
}

// TestOtherRefusals are the ones that are no 400, or need a story to come about.
func TestOtherRefusals(t *testing.T) {
	clock, watch := newMovedClock(), newMovedClock()
	w := open(t, Options{Limits: noLimits(), Now: clock.Now, real: watch.Now})
	w.say(ona, "/start")
	expect := func(what string, got answer, status int, description string) {
		t.Helper()
		if got.OK || got.status != status || got.ErrorCode != status || got.Description != description {
			t.Errorf("%s:\n got %d %q\nwant %d %q", what, got.status, got.Description, status, description)
		}
	}
	hello := fields{"chat_id": ona, "text": "x"}
	expect("an unknown method", w.call("sendTelepathy", hello), http.StatusNotFound, "Not Found")
	expect("a wrong token", w.answer(w.request(http.MethodPost, "/bot1:x/getMe", "", nil)), http.StatusUnauthorized, "Unauthorized")

	const old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
	asked := must[wireMessage](w, "sendMessage", fields{"chat_id": ona, "text": "?", "reply_markup": button("Taip", "yes")}).MessageID
	id := fields{"callback_query_id": w.press(ona, asked, "yes")}
	if got := w.call("answerCallbackQuery", id); !got.OK {
		t.Errorf("the first answer: %s", got.Description)
	}
	expect("a second answer", w.call("answerCallbackQuery", id), http.StatusBadRequest, old)
	id = fields{"callback_query_id": w.press(ona, asked, "yes")}
	clock.move(48 * time.Hour)
	watch.move(59 * time.Second)
	if got := w.call("answerCallbackQuery", id); !got.OK {
		t.Errorf("an answer in time, though the playground's clock was moved: %s", got.Description)
	}
	id = fields{"callback_query_id": w.press(ona, asked, "yes")}
	watch.move(61 * time.Second)
	expect("a late answer", w.call("answerCallbackQuery", id), http.StatusBadRequest, old)

	expect("an old message", w.call("deleteMessage", fields{"chat_id": ona, "message_id": asked}), http.StatusBadRequest,
		"Bad Request: message can't be deleted for everyone")

	do[struct{}](w, http.MethodPost, fmt.Sprintf("chats/%d/block", ona), fields{"blocked": true})
	expect("a blocked bot", w.call("sendMessage", hello), http.StatusForbidden, "Forbidden: bot was blocked by the user")
	expect("typing to whom blocks", w.call("sendChatAction", fields{"chat_id": ona, "action": "typing"}), http.StatusForbidden,
		"Forbidden: bot was blocked by the user")
	do[struct{}](w, http.MethodPost, fmt.Sprintf("chats/%d/block", ona), fields{"blocked": false})
	if got := w.call("sendMessage", hello); !got.OK {
		t.Errorf("after unblocking: %s", got.Description)
	}

	chat := onasChat()
	expect("a large photo", w.upload("sendPhoto", chat, "photo", "a.png", make([]byte, maxPhoto+1)), http.StatusRequestEntityTooLarge,
		"Request Entity Too Large")
	expect("a huge file", w.upload("sendDocument", chat, "document", "a", make([]byte, maxUpload+1)), http.StatusRequestEntityTooLarge,
		"Request Entity Too Large")
	expect("no picture", w.upload("sendPhoto", chat, "photo", "a.png", []byte("text")), http.StatusBadRequest,
		"Bad Request: IMAGE_PROCESS_FAILED")
	expect("a strip", w.upload("sendPhoto", chat, "photo", "a.png", pngFile(t, 210, 10)), http.StatusBadRequest,
		"Bad Request: PHOTO_INVALID_DIMENSIONS")

	kind, body := multipartBody(t, nil, "file", "katalogas.csv", make([]byte, 30<<20))
	status, raw := w.send(w.request(http.MethodPost, fmt.Sprintf("/play/chats/%d/file", ona), kind, body))
	if status != http.StatusOK {
		t.Fatalf("a person sends 30 MB: %d %s", status, raw)
	}
	all := w.updates(0)
	sent := all[len(all)-1].Message.Document
	if sent == nil || sent.FileSize != 30<<20 {
		t.Fatalf("the bot is told of %+v, want 30 MB", sent)
	}
	expect("a file too big to download", w.call("getFile", fields{"file_id": sent.FileID}), http.StatusBadRequest,
		"Bad Request: file is too big")
}

func TestLimits(t *testing.T) {
	watch := newMovedClock()
	w := open(t, Options{Limits: Limits{ChatBurst: 3}, real: watch.Now})
	w.say(ona, "/start")
	hello := fields{"chat_id": ona, "text": "x"}
	for range 3 {
		must[wireMessage](w, "sendMessage", hello)
	}
	got := w.call("sendMessage", hello)
	if got.status != http.StatusTooManyRequests || got.Description != "Too Many Requests: retry after 1" || got.Parameters.RetryAfter != 1 {
		t.Fatalf("over the limit: %d %q %+v", got.status, got.Description, got.Parameters)
	}
	watch.move(time.Second)
	must[wireMessage](w, "sendMessage", hello)
	if got := w.call("sendMessage", hello); got.status != http.StatusTooManyRequests {
		t.Errorf("one second earns one message, got %d %q", got.status, got.Description)
	}

	t.Run("group", func(t *testing.T) {
		l := newLimiter(Limits{}, watch.Now)
		for i := range 20 {
			if wait := l.take(-1, 1); wait != 0 {
				t.Fatalf("message %d of 20 has to wait %d s", i+1, wait)
			}
		}
		if wait := l.take(-1, 1); wait != 3 {
			t.Errorf("the 21st waits %d s, want 3", wait)
		}
	})
	t.Run("all", func(t *testing.T) {
		l := newLimiter(Limits{}, watch.Now)
		for chat := range int64(30) {
			if wait := l.take(chat+1, 1); wait != 0 {
				t.Fatalf("chat %d of 30 has to wait %d s", chat+1, wait)
			}
		}
		if wait := l.take(31, 1); wait != 1 {
			t.Errorf("the 31st waits %d s, want 1", wait)
		}
	})
}

func TestEveryCallIsReported(t *testing.T) {
	w := open(t, Options{Limits: noLimits()})
	w.say(ona, "/start")
	w.upload("sendDocument", map[string]string{"chat_id": strconv.FormatInt(ona, 10), "caption": "ą"}, "document", "a.ics", []byte("x"))
	w.call("sendTelepathy", fields{"a": 1})
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.calls) != 2 {
		t.Fatalf("%d calls reported, want 2", len(w.calls))
	}
	first, second := w.calls[0], w.calls[1]
	if first.Method != "sendDocument" || first.Params["caption"] != "ą" || len(first.Files) != 1 || first.Files[0] != "document" ||
		first.Status != http.StatusOK || !json.Valid(first.Response) {
		t.Errorf("the upload is reported as %+v", first)
	}
	if second.Method != "sendTelepathy" || second.Params["a"] != "1" || second.Status != http.StatusNotFound {
		t.Errorf("the unknown method is reported as %+v", second)
	}
}
