package handlers

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

func (h holds) renders() map[store.NoticeKind]render {
	return map[store.NoticeKind]render{
		store.NoticeHoldAllocated: h.notice("notice.hold_allocated", store.HoldAllocated, store.HoldInTransit),
		store.NoticeHoldReady:     h.notice("notice.hold_ready", store.HoldReady),
		store.NoticeHoldExpired:   h.notice("notice.hold_expired", store.HoldExpired),
		store.NoticeHoldUnfilled:  h.notice("notice.hold_unfilled", store.HoldUnfilled),
	}
}

// notice renders what became of a hold, as long as that is still how it stands.
func (h holds) notice(key string, states ...store.HoldState) render {
	return func(ctx context.Context, p *messages.Printer, _ store.Member, n store.Notice) (msg chat.Message, drop string, err error) {
		hold, err := h.Store.Holds.Get(ctx, store.HoldID(n.Ref))
		if errors.Is(err, store.ErrNotFound) {
			return msg, dropGone, nil
		}
		if err != nil {
			return msg, "", fmt.Errorf("hold of a notice: %w", err)
		}
		if !slices.Contains(states, hold.State) {
			return msg, dropUntrue, nil
		}
		title, err := h.titleName(ctx, p, hold.Title)
		if err != nil {
			return msg, "", err
		}
		place, err := h.placeName(ctx, p, hold.Pickup)
		if err != nil {
			return msg, "", err
		}
		next, err := h.whatNext(ctx, p, hold)
		if err != nil {
			return msg, "", err
		}
		text := p.HTML(key, "title", title, "place", place, "day", p.DayAndWeekday(h.local(hold.Deadline)))
		return chat.Message{Text: paragraphs(text, next), Keyboard: h.noticeButtons(p, hold)}, "", nil
	}
}

// noticeButtons lets a member answer a notice in one tap: give a book up that
// is not needed any more, or reserve again.
func (h holds) noticeButtons(p *messages.Printer, hold store.Hold) chat.Keyboard {
	all := chat.Press(p.Plain("holds.all"), "holds")
	if hold.State.Open() {
		return chat.Keyboard{chat.Row(chat.Press(p.Plain("holds.not_needed"), "unhold", string(hold.ID)), all)}
	}
	return chat.Keyboard{chat.Row(chat.Press(p.Plain("holds.again"), "title", string(hold.Title)), all)}
}
