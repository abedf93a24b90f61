package handlers

import (
	"context"
	"errors"
	"fmt"

	"versli/bot/chat"
	"versli/store"
)

// Reasons for dropping a notice that hold for every kind. They are counted, not told.
const (
	dropGone        = "gone"        // the member was forgotten
	dropNoChat      = "no chat"     // a member without Telegram
	dropUnreachable = "unreachable" // blocked the bot
	dropPaused      = "paused"
	dropOff         = "off"    // opted out of the kind
	dropOver        = "over"   // its time has passed
	dropUntrue      = "untrue" // the state has moved on
	dropUnknown     = "unknown kind"
)

// Render makes a notice's message from the state at this moment, in the
// member's language, or says in drop why it is no longer true.
func (a *App) Render(ctx context.Context, n store.Notice) (msg chat.Message, member store.Member, drop string, err error) {
	member, err = a.Store.Members.Get(ctx, n.Member)
	if errors.Is(err, store.ErrNotFound) {
		return msg, member, dropGone, nil
	}
	if err != nil {
		return msg, member, "", fmt.Errorf("render %s: %w", n.ID, err)
	}
	if drop := a.undeliverable(member); drop != "" {
		return msg, member, drop, nil
	}
	fn, ok := a.notices[n.Kind]
	if !ok {
		return msg, member, dropUnknown, nil
	}
	msg, drop, err = fn(ctx, a.Words.In(member.Settings.Language), member, n)
	if err != nil {
		return msg, member, "", fmt.Errorf("render %s: %w", n.ID, err)
	}
	msg.Chat = member.Chat
	msg.Silent = !urgent(n.Kind)
	return msg, member, drop, nil
}

func (a *App) undeliverable(m store.Member) string {
	switch {
	case m.Chat == 0:
		return dropNoChat
	case m.Unreachable:
		return dropUnreachable
	case m.Settings.PausedUntil.After(a.Now()):
		return dropPaused
	}
	return ""
}

// urgent tells whether a notice may make a sound: what changes what a person does within hours, or answers them.
func urgent(k store.NoticeKind) bool {
	switch k {
	case store.NoticeVisitSoon, store.NoticeVisitChanged, store.NoticeTrainingSoon, store.NoticePromoted, store.NoticeActivityChanged,
		store.NoticeActivityCancelled, store.NoticeHoldReady, store.NoticeAnswer, store.NoticeWelcome,
		store.NoticeBroadcastLate, store.NoticeBroadcastPaused:
		return true
	case store.NoticeApplication, store.NoticeDeclined, store.NoticeRole, store.NoticeHoldAllocated, store.NoticeHoldExpired,
		store.NoticeHoldUnfilled, store.NoticeVisitEvening, store.NoticeTrainingDay, store.NoticeQuestion,
		store.NoticeBroadcastSent:
		return false
	}
	return false
}
