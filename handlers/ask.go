package handlers

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// asking brings a person's question to the librarians, and their answer back.
type asking struct{ *App }

const (
	askDialogue    = "ask"
	answerDialogue = "answer"
	answerQuestion = "question"
	// longestQuestion bounds questions and answers, in letters: a notice quotes both in one message.
	longestQuestion = 1500
)

func (a asking) register(r *chat.Router) {
	r.Command(chat.Command{
		Name: "ask", Aliases: map[string][]string{"lt": {"klausti"}, "lv": {"jautat"}},
		Help: "help.ask", Handler: a.ask,
	})
	r.Action(
		chat.Action{Name: "ask", Handler: a.ask},
		chat.Action{Name: "ask_book", Handler: a.askBook},
		chat.Action{Name: "answer", Role: chat.Librarian, Handler: a.askAnswer},
		chat.Action{Name: "questions", Role: chat.Librarian, View: true, Handler: a.open},
	)
	r.Dialogue(
		chat.Dialogue{Name: askDialogue, Version: 1, Handler: a.typedQuestion},
		chat.Dialogue{Name: answerDialogue, Version: 1, Role: chat.Librarian, Handler: a.typedAnswer},
	)
}

// ask begins the dialogue; /ask with words sends them at once. From a search
// that found nothing, the book can be asked for in one tap.
func (a asking) ask(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := a.words(r)
	if r.Kind == chat.KindCommand && strings.TrimSpace(r.Text) != "" {
		return a.typedQuestion(ctx, r)
	}
	state := &chat.State{Dialogue: askDialogue, Step: "text"}
	if book := cutQuery(r.Arg(0)); book != "" {
		return chat.Say(p.HTML("ask.book", "book", book),
			chat.Row(chat.Press(p.Plain("ask.send_book"), "ask_book", book)),
			chat.Row(chat.Press(p.Plain("common.cancel"), "leave"))).Then(state), nil
	}
	return chat.Reply{Messages: []chat.Message{{Text: p.HTML("ask.question"), Prompt: p.Plain("ask.prompt")}}}.Then(state), nil
}

// askBook asks for a book that a search did not find.
func (a asking) askBook(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := a.words(r)
	return a.send(ctx, r, p.Plain("ask.book_question", "book", cutQuery(r.Arg(0))))
}

func (a asking) typedQuestion(ctx context.Context, r chat.Request) (chat.Reply, error) {
	text := strings.TrimSpace(r.Text)
	if !searchable(text) || len([]rune(text)) > longestQuestion {
		p := a.words(r)
		return chat.Say(p.HTML("ask.again", "n", longestQuestion), chat.Row(chat.Press(p.Plain("common.cancel"), "leave"))), nil
	}
	return a.send(ctx, r, text)
}

func (a asking) send(ctx context.Context, r chat.Request, text string) (chat.Reply, error) {
	p := a.words(r)
	if _, err := a.Store.Questions.Ask(ctx, a.op(r), a.me(r), text); err != nil {
		return fail("ask", err)
	}
	return chat.Change(r, p.HTML("ask.sent", "question", text)).End(), nil
}

// open lists the questions that wait for an answer.
func (a asking) open(ctx context.Context, r chat.Request) (chat.Reply, error) {
	const shown = 8
	p := a.words(r)
	list, err := a.Store.Questions.Open(ctx)
	if err != nil {
		return fail("open questions", err)
	}
	if len(list) == 0 {
		return chat.Change(r, p.HTML("ask.none_open"), chat.Row(chat.Press(p.Plain("common.back"), "staff"))), nil
	}
	text := []chat.HTML{p.HTML("ask.open_head", "n", len(list))}
	var rows [][]chat.Button
	for i, q := range list[:min(len(list), shown)] {
		from, err := a.personName(ctx, p, q.From)
		if err != nil {
			return chat.Reply{}, err
		}
		text = append(text, p.HTML("ask.open_item", "number", i+1, "name", from, "question", short(q.Text, 150)))
		rows = append(rows, chat.Row(numbered(i+1, q.Text, "answer", string(q.ID))))
	}
	return chat.Change(r, paragraphs(text...), append(rows, chat.Row(chat.Press(p.Plain("common.back"), "staff")))...), nil
}

// personName is a member's name, also of one who was forgotten.
func (a *App) personName(ctx context.Context, p *messages.Printer, id store.MemberID) (string, error) {
	m, err := a.Store.Members.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return p.Plain("ask.somebody"), nil
	}
	if err != nil {
		return "", fmt.Errorf("name of %s: %w", id, err)
	}
	return m.Name, nil
}

// askAnswer asks a librarian for the answer's text, unless somebody has answered.
func (a asking) askAnswer(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := a.words(r)
	q, err := a.Store.Questions.Get(ctx, store.QuestionID(r.Arg(0)))
	if err != nil {
		return fail("question", err)
	}
	if !q.AnsweredAt.IsZero() {
		return a.answered(ctx, r, q)
	}
	from, err := a.personName(ctx, p, q.From)
	if err != nil {
		return chat.Reply{}, err
	}
	state := (&chat.State{Dialogue: answerDialogue}).With("text", answerQuestion, string(q.ID))
	return chat.Reply{Messages: []chat.Message{{
		Text: p.HTML("ask.answer_to", "name", from, "question", q.Text), Prompt: p.Plain("ask.answer_prompt"),
	}}}.Then(state), nil
}

// answered shows an answer that somebody has given before.
func (a asking) answered(ctx context.Context, r chat.Request, q store.Question) (chat.Reply, error) {
	p := a.words(r)
	by, err := a.personName(ctx, p, q.AnsweredBy)
	if err != nil {
		return chat.Reply{}, err
	}
	return chat.Change(r, p.HTML("ask.answered_before", "question", q.Text, "by", by, "answer", q.Answer)).
		WithToast(p.Plain("ask.answered_toast")).End(), nil
}

func (a asking) typedAnswer(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := a.words(r)
	text := strings.TrimSpace(r.Text)
	if r.Kind != chat.KindText || text == "" || len([]rune(text)) > longestQuestion {
		return chat.Say(p.HTML("ask.again", "n", longestQuestion), chat.Row(chat.Press(p.Plain("common.cancel"), "leave"))), nil
	}
	id := store.QuestionID(r.State.Data[answerQuestion])
	q, err := a.Store.Questions.Answer(ctx, a.op(r), id, a.me(r), text)
	if errors.Is(err, store.ErrStale) {
		if q, err = a.Store.Questions.Get(ctx, id); err == nil {
			return a.answered(ctx, r, q)
		}
	}
	if err != nil {
		return fail("answer", err)
	}
	from, err := a.personName(ctx, p, q.From)
	if err != nil {
		return chat.Reply{}, err
	}
	return chat.Say(p.HTML("ask.answer_sent", "name", from)).End(), nil
}

func (a asking) renders() map[store.NoticeKind]render {
	return map[store.NoticeKind]render{store.NoticeQuestion: a.asked, store.NoticeAnswer: a.answer}
}

// asked brings a question to a librarian, as long as nobody has answered.
func (a asking) asked(ctx context.Context, p *messages.Printer, _ store.Member, n store.Notice) (chat.Message, string, error) {
	q, drop, err := a.question(ctx, n)
	if drop != "" || err != nil {
		return chat.Message{}, drop, err
	}
	if !q.AnsweredAt.IsZero() {
		return chat.Message{}, dropUntrue, nil
	}
	from, err := a.personName(ctx, p, q.From)
	if err != nil {
		return chat.Message{}, "", err
	}
	return chat.Message{
		Text:     p.HTML("notice.question", "name", from, "question", q.Text),
		Keyboard: chat.Keyboard{chat.Row(chat.Press(p.Plain("ask.answer"), "answer", n.Ref))},
	}, "", nil
}

// answer brings a librarian's answer to who asked, with the question above it.
func (a asking) answer(ctx context.Context, p *messages.Printer, _ store.Member, n store.Notice) (chat.Message, string, error) {
	q, drop, err := a.question(ctx, n)
	if drop != "" || err != nil {
		return chat.Message{}, drop, err
	}
	return chat.Message{
		Text:     p.HTML("notice.answer", "question", q.Text, "answer", q.Answer),
		Keyboard: chat.Keyboard{chat.Row(chat.Press(p.Plain("ask.more"), "ask"))},
	}, "", nil
}

func (a asking) question(ctx context.Context, n store.Notice) (store.Question, string, error) {
	q, err := a.Store.Questions.Get(ctx, store.QuestionID(n.Ref))
	if errors.Is(err, store.ErrNotFound) {
		return q, dropGone, nil
	}
	if err != nil {
		return q, "", fmt.Errorf("question of a notice: %w", err)
	}
	return q, "", nil
}
