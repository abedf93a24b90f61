package main

import (
	"context"
	"errors"

	"versli/bot/chat"
	"versli/bot/telegram"
	"versli/scheduler"
	"versli/store"
)

// Reasons for which a broadcast does not reach somebody. Handlers have words for them.
const (
	reasonGone    = "gone"    // forgotten, or without Telegram
	reasonBlocked = "blocked" // by the person
)

// broadcast serves one recipient of a broadcast: sends it in their language, if they are still to get it, or corrects or removes
// their copy.
func (s *service) broadcast(ctx context.Context, b store.Broadcast, r store.Recipient) (scheduler.SendResult, error) {
	m, err := s.store.Members.Get(ctx, r.Member)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return scheduler.SendResult{Delivery: store.DeliveryLeft, Reason: reasonGone}, nil
	case err != nil:
		return scheduler.SendResult{}, wrap("broadcast", err)
	}
	var messages []int
	switch r.Pass {
	case store.PassCorrect:
		err = s.correct(ctx, b, m, r.Messages)
	case store.PassRecall:
		err = s.recall(ctx, m, r.Messages)
	case store.PassSend, store.PassRetry:
		now := s.clock.now()
		switch until := m.Settings.QuietUntil(now, s.cfg.zone()); {
		case m.Chat == 0:
			return scheduler.SendResult{Delivery: store.DeliveryUnreachable, Reason: reasonGone}, nil
		case m.Unreachable:
			return scheduler.SendResult{Delivery: store.DeliveryUnreachable, Reason: reasonBlocked}, nil
		case !m.Gets(now):
			return scheduler.SendResult{Delivery: store.DeliveryLeft}, nil
		case until.After(now):
			return scheduler.SendResult{Until: until}, nil
		}
		msg := s.app.RenderBroadcast(b, m)
		msg.Chat = m.Chat
		messages, err = s.client.SendParts(ctx, telegram.PriorityBulk, msg)
	}
	switch {
	case errors.Is(err, chat.ErrUnreachable):
		return scheduler.SendResult{Delivery: store.DeliveryUnreachable, Reason: reasonBlocked}, nil
	case errors.Is(err, chat.ErrGone), errors.Is(err, telegram.ErrRefused):
		return scheduler.SendResult{Delivery: store.DeliveryFailed, Reason: err.Error()}, nil
	case err != nil:
		return scheduler.SendResult{}, wrap("broadcast", err)
	}
	return scheduler.SendResult{Delivery: store.DeliverySent, Messages: messages}, nil
}

// correct changes the text of a copy: the last of its messages has it.
func (s *service) correct(ctx context.Context, b store.Broadcast, m store.Member, copies []int) error {
	if len(copies) == 0 {
		return chat.ErrGone
	}
	msg := s.app.RenderCorrection(b, m, copies[len(copies)-1])
	msg.Chat = m.Chat
	_, err := s.client.Send(ctx, telegram.PriorityBulk, msg)
	return wrap("correct", err)
}

// recall removes all messages of a copy.
func (s *service) recall(ctx context.Context, m store.Member, copies []int) error {
	if len(copies) == 0 {
		return chat.ErrGone
	}
	for _, id := range copies {
		if _, err := s.client.Send(ctx, telegram.PriorityBulk, chat.Message{Chat: m.Chat, Delete: id, InPlace: true}); err != nil {
			return wrap("recall", err)
		}
	}
	return nil
}
