package playground

import (
	"encoding/json"
	"errors"
	"testing"
)

// FuzzReplyMarkup holds that any reply_markup is refused in Telegram's form, or becomes a keyboard that Telegram would take.
func FuzzReplyMarkup(f *testing.F) {
	for _, seed := range []string{
		"", "null", "{}", "[]", `{"inline_keyboard":[[{"text":"a","callback_data":"b"}],[]]}`, `{"inline_keyboard":[{"text":"a"}]}`,
		`{"inline_keyboard":[[{"text":"a","url":"http://a.lt"},{"text":"b","web_app":{"url":"https://a.lt"}}]]}`,
		`{"inline_keyboard":[[{"text":"a","copy_text":{"text":"b"}},{"text":"b","switch_inline_query":""}]]}`,
		`{"keyboard":[["a",{"text":"b","request_location":true}]],"one_time_keyboard":true}`, `{"remove_keyboard":true}`,
		`{"force_reply":true,"input_field_placeholder":"x"}`, `{"inline_keyboard":[[{"text":"a","callback_data":5}]]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		m, err := readMarkup(&call{params: map[string]string{"reply_markup": raw}})
		if err != nil {
			if refused := new(apiError); !errors.As(err, &refused) || refused.Code != 400 {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		if m.reply != nil && !json.Valid(m.reply) {
			t.Fatalf("kept a keyboard that is no JSON: %s", m.reply)
		}
		if m.inline == nil {
			return
		}
		count := 0
		for _, row := range m.inline.Rows {
			for _, b := range row {
				if count++; b.Text == "" || len(b.CallbackData) > 64 || b.actions() != 1 {
					t.Fatalf("took the button %+v", b)
				}
			}
		}
		if count < 1 || count > maxButtons {
			t.Fatalf("took %d buttons", count)
		}
	})
}
