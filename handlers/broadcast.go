package handlers

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"

	"versli/bot/chat"
	"versli/store"
)

// broadcasts announces something to many: what it says, to whom, when; progress, report, correction and recall.
type broadcasts struct{ *App }

// broadcastDialogue takes what is typed or sent for a broadcast; its state names the broadcast and the message that asks.
const (
	broadcastDialogue = "broadcast"
	broadcastOf       = "id"
	broadcastLang     = "lang"
	broadcastCard     = "card" // id of the message that asks; it goes when the answer has come
	broadcastLabel    = "label"
)

// The steps of the dialogue: what the next message is.
const (
	stepFirst   = "first" // the text, the picture or the document of a new one
	stepWhom    = "whom"  // the same again, while the audience is chosen
	stepText    = "text"  // the text in one language
	stepFile    = "file"
	stepPlace   = "place"
	stepLink    = "link" // a link's label, perhaps with its address
	stepURL     = "url"
	stepTitle   = "title"
	stepWhen    = "when"
	stepCorrect = "correct" // the text in one language of one that was delivered
)

func (b broadcasts) register(r *chat.Router) {
	r.Command(chat.Command{
		Name: "broadcast", Aliases: map[string][]string{"lt": {"pranesimas"}, "lv": {"pazinojums"}},
		Role: chat.Librarian, Help: "broadcast.help", Handler: b.ask,
	})
	r.Dialogue(chat.Dialogue{Name: broadcastDialogue, Version: 2, Role: chat.Librarian, Handler: b.typed})
	for name, handler := range b.decisions() {
		r.Action(chat.Action{Name: name, Role: chat.Librarian, Handler: handler})
	}
	for name, handler := range b.views() {
		r.Action(chat.Action{Name: name, Role: chat.Librarian, View: true, Handler: handler})
	}
	r.Action(
		chat.Action{Name: "newsoff", Role: chat.Guest, Handler: b.newsOff},
		chat.Action{Name: "newson", Role: chat.Guest, Handler: b.newsOn},
		chat.Action{Name: "bgo", Role: chat.Guest, Handler: b.follow},
	)
}

// decisions are the buttons of librarians that change something, ask for something to be typed, or leave that.
func (b broadcasts) decisions() map[string]chat.Handler {
	return map[string]chat.Handler{
		"bnew": b.ask, "bwhom": b.whom, "bset": b.setCriterion, "bunset": b.dropCriterion, "bevery": b.toEverybody,
		"btext": b.askText, "bmain": b.setDefault, "btextx": b.dropText,
		"bfile": b.askFile, "bfilex": b.dropFile, "bplace": b.askPlace, "bplacex": b.dropPlace,
		"blink": b.askLink, "bbook": b.askTitle, "badd": b.addButton, "bbtnx": b.dropButton,
		"bwhen": b.askWhen, "bat": b.schedule, "bby": b.setDeadline, "bback": b.unschedule,
		"bsend": b.send, "bdrop": b.discard, "bpause": b.pause, "bresume": b.resume, "bstop": b.stop, "bretry": b.retry,
		"bfix": b.askCorrection, "bfixed": b.correct, "brecall": b.recall,
		"blist": b.list, "bcast": b.open, "baud": b.audience, "btexts": b.texts, "bbtns": b.buttons, "blook": b.preview, "btest": b.test,
	}
}

// views are the buttons of librarians that only show.
func (b broadcasts) views() map[string]chat.Handler {
	return map[string]chat.Handler{
		"bkind": b.kinds, "bref": b.refs, "btrain": b.trainingsToAdd, "bstops": b.stopsToAdd, "bfind": b.titlesToAdd, "bfails": b.failures,
	}
}

// ask begins a new one.
func (b broadcasts) ask(_ context.Context, r chat.Request) (chat.Reply, error) {
	p := b.words(r)
	reply := chat.Change(r, p.HTML("broadcast.ask"), chat.Row(chat.Press(p.Plain("broadcast.to_list"), "blist", "0")))
	return reply.Then(&chat.State{Dialogue: broadcastDialogue, Step: stepFirst}), nil
}

// typed takes what was typed or sent for the step that the dialogue is in.
func (b broadcasts) typed(ctx context.Context, r chat.Request) (chat.Reply, error) {
	switch r.State.Step {
	case stepFirst:
		return b.first(ctx, r)
	case stepWhom:
		return b.firstAgain(ctx, r)
	case stepText:
		return b.typedText(ctx, r)
	case stepFile:
		return b.sentFile(ctx, r)
	case stepPlace:
		return b.sentPlace(ctx, r)
	case stepLink:
		return b.typedLink(ctx, r)
	case stepURL:
		return b.typedURL(ctx, r)
	case stepTitle:
		return b.typedTitle(ctx, r)
	case stepWhen:
		return b.typedWhen(ctx, r)
	case stepCorrect:
		return b.typedCorrection(ctx, r)
	}
	return fail("broadcast", store.ErrStale)
}

// first takes the announcement: text, or a picture or a document with a caption. It is stored at once, as a draft.
func (b broadcasts) first(ctx context.Context, r chat.Request) (chat.Reply, error) {
	content, refusal := b.sent(r)
	if refusal != "" {
		return chat.Say(refusal), nil
	}
	x, err := b.Store.Broadcasts.Draft(ctx, b.op(r), store.Broadcast{By: b.me(r), Content: content})
	if err != nil {
		return fail("draft", err)
	}
	return b.askWhom(r, x), nil
}

// firstAgain takes it once more: it replaces what was there.
func (b broadcasts) firstAgain(ctx context.Context, r chat.Request) (chat.Reply, error) {
	content, refusal := b.sent(r)
	if refusal != "" {
		return chat.Say(refusal), nil
	}
	x, err := b.edit(ctx, r, store.BroadcastID(r.State.Data[broadcastOf]), func(x *store.Broadcast) {
		content.Place, content.Buttons = x.Place, x.Buttons
		x.Content = content
	})
	if err != nil {
		return fail("draft", err)
	}
	return b.askWhom(r, x), nil
}

// sent reads an announcement out of a message, in the language of who writes it, or says what was expected.
func (b broadcasts) sent(r chat.Request) (c store.Content, refusal chat.HTML) {
	p := b.words(r)
	text := strings.TrimSpace(r.Text)
	limit := maxMessage
	switch {
	case r.Kind == chat.KindText:
	case r.Kind == chat.KindFile && r.File != nil:
		limit = maxCaption
		takeFile(&c, r.File)
	default:
		return c, p.HTML("broadcast.ask_again")
	}
	if n := width(text); n > limit {
		return c, p.HTML("broadcast.too_long", "count", n, "limit", limit)
	}
	if text == "" && c.Photo == "" && c.Document == "" {
		return c, p.HTML("broadcast.ask_again")
	}
	c.Default = p.Lang()
	if text != "" {
		c.Texts = map[string]string{p.Lang(): text}
	}
	return c, ""
}

// takeFile puts a picture or a document in place of what was there.
func takeFile(c *store.Content, f *chat.File) {
	c.Photo, c.Document, c.DocumentName = "", "", ""
	if f.Picture {
		c.Photo = f.ID
		return
	}
	c.Document, c.DocumentName = f.ID, f.Name
}

// Lengths that Telegram takes, in UTF-16 units after entities
// (https://core.telegram.org/bots/api#sendmessage, #sendphoto).
const (
	maxMessage = 4096
	maxCaption = 1024
)

// width is the length of a text as Telegram counts it.
func width(text string) int { return len(utf16.Encode([]rune(text))) }

// longestText is how long a text of this content may be.
func longestText(c store.Content) int {
	if c.Photo != "" || c.Document != "" {
		return maxCaption
	}
	return maxMessage
}

// edit changes a draft or a scheduled one.
func (b broadcasts) edit(
	ctx context.Context, r chat.Request, id store.BroadcastID, change func(*store.Broadcast),
) (store.Broadcast, error) {
	return b.Store.Broadcasts.Edit(ctx, b.op(r), id, change)
}

// edited changes what a button names and goes on to show it; when it is no draft any more, its present state.
func (b broadcasts) edited(
	ctx context.Context, r chat.Request, change func(*store.Broadcast), then func(store.Broadcast) (chat.Reply, error),
) (chat.Reply, error) {
	x, err := b.edit(ctx, r, store.BroadcastID(r.Arg(0)), func(x *store.Broadcast) {
		change(x)
		x.Chat, x.Message = r.Chat, r.Message // the card is where progress is shown
	})
	if errors.Is(err, store.ErrStale) {
		return b.overtaken(ctx, r)
	}
	if err != nil {
		return fail("change a draft", err)
	}
	return then(x)
}

// draftOf reads the draft or the scheduled one that a button names. For any other, instead shows its present state.
func (b broadcasts) draftOf(ctx context.Context, r chat.Request) (x store.Broadcast, instead chat.Reply, err error) {
	x, err = b.Store.Broadcasts.Get(ctx, store.BroadcastID(r.Arg(0)))
	if err != nil {
		return x, instead, fmt.Errorf("draft: %w", err)
	}
	if !editable(x) {
		instead, err = b.overtaken(ctx, r)
	}
	return x, instead, err
}

// overtaken shows the present state to whoever pressed a button of an earlier one. What they are typing goes on.
func (b broadcasts) overtaken(ctx context.Context, r chat.Request) (chat.Reply, error) {
	reply, err := b.open(ctx, r)
	reply.Done = false
	return reply.WithToast(b.words(r).Plain("broadcast.moved_on")), err
}

// begin asks for something to be typed or sent, in place of the card.
func (b broadcasts) begin(r chat.Request, x store.Broadcast, step string, text chat.HTML, rows ...[]chat.Button) chat.Reply {
	p := b.words(r)
	rows = append(rows, chat.Row(chat.Press(p.Plain("common.back"), "bcast", string(x.ID))))
	state := (&chat.State{Dialogue: broadcastDialogue}).With(step, broadcastOf, string(x.ID))
	return chat.Change(r, text, rows...).Then(state.With(step, broadcastCard, strconv.Itoa(r.Message)))
}

// again says what was expected; the question stands.
func (b broadcasts) again(r chat.Request, text chat.HTML) (chat.Reply, error) {
	p := b.words(r)
	return chat.Say(text, chat.Row(chat.Press(p.Plain("common.back"), "bcast", r.State.Data[broadcastOf]))), nil
}

// took changes what the dialogue is about by what was typed, and shows it below, in place of the question.
func (b broadcasts) took(
	ctx context.Context, r chat.Request, change func(*store.Broadcast), then func(store.Broadcast) (chat.Reply, error),
) (chat.Reply, error) {
	x, err := b.edit(ctx, r, store.BroadcastID(r.State.Data[broadcastOf]), func(x *store.Broadcast) {
		change(x)
		x.Chat, x.Message = r.Chat, 0 // the card moves down, and its number is not known yet
	})
	if errors.Is(err, store.ErrStale) {
		r.Args = []string{r.State.Data[broadcastOf]}
		reply, err := b.open(ctx, r)
		reply.Messages = append([]chat.Message{{Text: b.words(r).HTML("broadcast.moved_on")}}, reply.Messages...)
		return reply.End(), err
	}
	if err != nil {
		return fail("change a draft", err)
	}
	reply, err := then(x)
	if err != nil {
		return reply, err
	}
	return b.instead(r, reply).End(), nil
}

// instead removes the message that asked: what it asked for has come, and the answer stands below.
func (b broadcasts) instead(r chat.Request, reply chat.Reply) chat.Reply {
	asked, err := strconv.Atoi(r.State.Data[broadcastCard])
	if err != nil || asked == 0 {
		return reply
	}
	reply.Messages = append([]chat.Message{{Delete: asked}}, reply.Messages...)
	return reply
}

// asked is what the dialogue is about, if it is at this step of it.
func (b broadcasts) asked(r chat.Request, step string) (store.BroadcastID, bool) {
	if r.State == nil || r.State.Dialogue != broadcastDialogue || r.State.Step != step {
		return "", false
	}
	return store.BroadcastID(r.State.Data[broadcastOf]), true
}
