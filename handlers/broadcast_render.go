package handlers

import (
	"context"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// RenderBroadcast is an announcement as one member gets it: the text of their language or else the default's, as typed;
// its picture or document, its place, its buttons, and a small one that turns news off.
func (a *App) RenderBroadcast(b store.Broadcast, m store.Member) chat.Message {
	p := a.Words.In(m.Settings.Language)
	msg := chat.Message{Chat: m.Chat, Text: chat.Escape(b.Text(m.Settings.Language)), Keyboard: memberRows(p, b.Content)}
	switch {
	case b.Photo != "":
		msg.Photo = &chat.Attachment{ID: b.Photo}
	case b.Document != "":
		msg.Document = &chat.Attachment{ID: b.Document, Name: b.DocumentName}
	}
	if at := b.Place; at != nil {
		msg.Venue = &chat.Venue{Point: chat.Point{Lat: at.Lat, Lon: at.Lon}, Title: at.Title, Address: at.Address}
	}
	return msg
}

// RenderCorrection changes a copy that a member has: message is the one with the text, or with the picture that it is the caption of.
func (a *App) RenderCorrection(b store.Broadcast, m store.Member, message int) chat.Message {
	msg := a.RenderBroadcast(b, m)
	return chat.Message{
		Chat: m.Chat, Edit: message, Captioned: hasFile(b.Content), InPlace: true, Text: msg.Text, Keyboard: msg.Keyboard,
	}
}

// What a button of an announcement opens; it travels in callback data.
const (
	goRegister  = "r"
	goReserve   = "b"
	goTimetable = "v"
)

func memberRows(p *messages.Printer, c store.Content) chat.Keyboard {
	var rows chat.Keyboard
	for _, x := range c.Buttons {
		label := buttonLabel(p, x)
		switch x.Kind {
		case store.ButtonLink:
			rows = append(rows, chat.Row(chat.Link(label, x.Ref)))
		case store.ButtonRegister:
			rows = append(rows, chat.Row(chat.Press(label, "bgo", goRegister, x.Ref)))
		case store.ButtonReserve:
			rows = append(rows, chat.Row(chat.Press(label, "bgo", goReserve, x.Ref)))
		case store.ButtonTimetable:
			rows = append(rows, chat.Row(chat.Press(label, "bgo", goTimetable, x.Ref)))
		}
	}
	return append(rows, chat.Row(chat.Press(p.Plain("broadcast.news_off"), "newsoff")))
}

// follow does what a button of an announcement is for, as the feature that it belongs to does it. The answer comes below:
// the announcement stays readable, and can be corrected.
func (b broadcasts) follow(ctx context.Context, r chat.Request) (chat.Reply, error) {
	what := r.Arg(0)
	below := r
	below.Args = []string{r.Arg(1)}
	var reply chat.Reply
	var err error
	switch what {
	case goRegister:
		reply, err = trainings(b).join(ctx, below)
	case goReserve:
		reply, err = b.titleCard(ctx, below, store.TitleID(r.Arg(1)))
	case goTimetable:
		if r.Arg(1) == "" {
			reply, err = van(b).home(ctx, below)
		} else {
			reply, err = van(b).card(ctx, below, store.StopID(r.Arg(1)))
		}
	default:
		return fail("announcement", chat.ErrBadData)
	}
	for i := range reply.Messages {
		if reply.Messages[i].Edit == r.Message {
			reply.Messages[i].Edit = 0
		}
	}
	return reply, err
}

func (b broadcasts) newsOff(ctx context.Context, r chat.Request) (chat.Reply, error) {
	return b.news(ctx, r, false)
}

func (b broadcasts) newsOn(ctx context.Context, r chat.Request) (chat.Reply, error) {
	return b.news(ctx, r, true)
}

// news turns announcements off from within one, or on again; the announcement itself stays readable.
func (b broadcasts) news(ctx context.Context, r chat.Request, on bool) (chat.Reply, error) {
	p := b.words(r)
	me, err := b.Store.Members.Get(ctx, b.me(r))
	if err != nil {
		return fail("news", err)
	}
	s := me.Settings
	s.News = on
	if err := b.Store.Members.SetSettings(ctx, b.op(r), me.ID, s); err != nil {
		return fail("news", err)
	}
	if on {
		return chat.Change(r, p.HTML("broadcast.news_are_on")), nil
	}
	return chat.Say(p.HTML("broadcast.news_are_off"), chat.Row(chat.Press(p.Plain("common.undo"), "newson"))).
		WithToast(p.Plain("broadcast.news_off_toast")), nil
}
