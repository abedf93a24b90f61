package handlers

import (
	"context"
	"fmt"
	"slices"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// listedBroadcasts is how many of the newest the sending calendar looks through for drafts and ended ones.
const listedBroadcasts = 100

// list is the sending calendar: what is being sent, what is scheduled by its hour, drafts, and what was sent.
func (b broadcasts) list(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := b.words(r)
	all, err := b.calendarOf(ctx)
	if err != nil {
		return fail("list broadcasts", err)
	}
	page, offset := window(all, offsetArg(r, 0, pageSize), pageSize)
	text := []chat.HTML{p.HTML("broadcast.list_title")}
	var buttons []chat.Button
	section := ""
	for i, x := range page {
		if name := sectionOf(x); name != section {
			section = name
			text = append(text, "", p.HTML("broadcast.section_"+name))
		}
		head := headline(p, x)
		text = append(text, p.HTML("broadcast.item", "number", offset+i+1, "when", b.listedAt(p, x), "text", head))
		buttons = append(buttons, numbered(offset+i+1, head, "bcast", string(x.ID)))
	}
	if len(all) == 0 {
		text = append(text, p.HTML("common.nothing"))
	}
	rows := append(chat.Columns(2, buttons...), pager(p, offset, pageSize, len(all), "blist")...)
	rows = append(rows, chat.Row(chat.Press(p.Plain("broadcast.new"), "bnew"), chat.Press(p.Plain("common.back"), "staff")))
	return leaving(r, chat.Change(r, spaced(text), rows...), broadcastDialogue), nil
}

// calendarOf lists broadcasts in the order of the sending calendar.
func (b broadcasts) calendarOf(ctx context.Context) ([]store.Broadcast, error) {
	scheduled, err := b.Store.Broadcasts.Scheduled(ctx)
	if err != nil {
		return nil, fmt.Errorf("scheduled broadcasts: %w", err)
	}
	newest, err := b.Store.Broadcasts.Recent(ctx, listedBroadcasts)
	if err != nil {
		return nil, fmt.Errorf("recent broadcasts: %w", err)
	}
	by := map[string][]store.Broadcast{}
	for _, x := range newest {
		given := x.State == store.BroadcastCancelled && x.Progress.Total == 0 // given up before anybody got it
		if x.State != store.BroadcastScheduled && !given {
			by[sectionOf(x)] = append(by[sectionOf(x)], x)
		}
	}
	return slices.Concat(by["sending"], scheduled, by["drafts"], by["ended"]), nil
}

// sectionOf is the part of the sending calendar that a broadcast stands in.
func sectionOf(x store.Broadcast) string {
	switch x.State {
	case store.BroadcastSending, store.BroadcastPaused:
		return "sending"
	case store.BroadcastScheduled:
		return "scheduled"
	case store.BroadcastDraft:
		return "drafts"
	case store.BroadcastSent, store.BroadcastCancelled:
	}
	return "ended"
}

// listedAt is the hour that says most of a broadcast: when it goes, when it went, when it was begun.
func (b broadcasts) listedAt(p *messages.Printer, x store.Broadcast) string {
	switch x.State {
	case store.BroadcastScheduled:
		return p.DayAndTime(b.local(x.SendAt))
	case store.BroadcastDraft:
		return p.Day(b.local(x.At))
	case store.BroadcastSending, store.BroadcastPaused, store.BroadcastSent, store.BroadcastCancelled:
	}
	at := x.StartedAt
	if at.IsZero() {
		at = x.At
	}
	return p.DayAndTime(b.local(at))
}

// headline is how a broadcast is called: the beginning of its text, in the reader's language when there is one, or what it has instead.
func headline(p *messages.Printer, x store.Broadcast) string {
	const letters = 80
	switch text := x.Text(p.Lang()); {
	case text != "":
		return short(text, letters)
	case x.Photo != "":
		return p.Plain("draft.photo_only")
	case x.Document != "":
		return documentName(p, x.Content)
	}
	return p.Plain("draft.nameless")
}
