package playground

import "time"

const maxAnswer = 200

// errOldQuery is how Telegram refuses every answer that it cannot place.
func errOldQuery() *apiError {
	return badRequest("query is too old and response timeout expired or query ID is invalid")
}

// answerCallbackQuery may be called once for each pressed button, and soon.
func (s *Server) answerCallbackQuery(c *call) (any, error) {
	id, text, address := c.text("callback_query_id"), c.text("text"), c.text("url")
	if utf16Len(text) > maxAnswer {
		return nil, badRequest("MESSAGE_TOO_LONG")
	}
	if address != "" {
		if _, ours := startPayload(address); !ours {
			return nil, badRequest("URL_INVALID")
		}
	}
	return true, s.change(func(t *tx) error {
		q := t.queries[id]
		if q == nil || q.Answered || s.real().Sub(time.Unix(q.At, 0)) > s.limits.limits.Answer {
			return errOldQuery()
		}
		done := *q
		done.Answered = true
		t.put(record{Query: &done})
		t.emit(event{
			"type": "toast", "chat": q.Chat, "person": q.Person, "query_id": id, "message_id": q.Message,
			"text": text, "alert": c.flag("show_alert"), "url": address,
		})
		return nil
	})
}
