package handlers

import (
	"testing"

	"versli/handlers/messages"
	"versli/store"
)

func TestAQuestionAndItsAnswer(t *testing.T) {
	for _, lang := range messages.Languages() {
		t.Run(lang, func(t *testing.T) {
			w := killedWorld(t)
			rasa, olivia := w.person("Rasa", "lt", store.RoleLibrarian), w.person("Olivia", "en", store.RoleLibrarian)
			p := w.person("Asta", lang, store.RoleGuest)
			p.write("/ask").reads("ask.question")
			p.write("Ar turite <PVM> knygų?").sees("Ar turite &lt;PVM&gt; knygų?")
			rasa.owed().sees("Asta", "Ar turite &lt;PVM&gt; knygų?")
			olivia.owed().press(olivia.label("ask.answer")).sees("Ar turite &lt;PVM&gt; knygų?")
			rasa.press(rasa.label("ask.answer")).write("Taip, dvi.").sees("Asta")
			olivia.write("Yes, two.").sees("Answered already", "Rasa", "Taip, dvi.")
			p.owed().sees("Ar turite &lt;PVM&gt; knygų?", "Taip, dvi.")
			p.write("zzz").sees("zzz") // a search, no question
			open, err := w.store.Questions.Open(t.Context())
			if w.check(err); len(open) != 0 {
				t.Errorf("still open: %+v", open)
			}
		})
	}
}

func TestAnAnswerWithoutWordsIsAskedForAgain(t *testing.T) {
	w := killedWorld(t)
	p := w.person("Asta", "lt", store.RoleGuest)
	p.write("/ask").write("🙂")
	p.write("Kada atvyks bibliobusas?").sees("Kada atvyks bibliobusas?")
	staff := w.person("Rasa", "lt", store.RoleLibrarian)
	staff.write("/start")
	staff.pressData(101, "1|questions").sees("Kada atvyks bibliobusas?")
	staff.press("1. Kada").write("Ketvirtadienį.").sees("Asta")
	p.owed().sees("Ketvirtadienį.")
}
