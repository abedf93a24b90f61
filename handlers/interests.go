package handlers

import (
	"context"
	"slices"
	"strings"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

// interestNames says which topics a member chose.
func interestNames(p *messages.Printer, topics []store.Topic) string {
	if len(topics) == 0 {
		return p.Plain("settings.no_interests")
	}
	names := make([]string, len(topics))
	for i, topic := range topics {
		names[i] = p.Plain("topic." + string(topic))
	}
	return strings.Join(names, ", ")
}

// interests offers the collection's topics: news of the chosen ones comes to the member.
func (s settings) interests(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := s.words(r)
	m, err := s.Store.Members.Get(ctx, s.me(r))
	if err != nil {
		return fail("topics of interest", err)
	}
	var buttons []chat.Button
	for _, topic := range store.AllTopics() {
		on := slices.Contains(m.Settings.Topics, topic)
		to := "1"
		if on {
			to = "0"
		}
		buttons = append(buttons, chat.Press(tick(on, p.Plain("topic."+string(topic))), "interest", string(topic), to))
	}
	rows := append(chat.Columns(2, buttons...), chat.Row(chat.Press(p.Plain("common.back"), "settings")))
	return chat.Change(r, p.HTML("settings.choose_interests"), rows...), nil
}

// setInterest chooses a topic or gives it up, as the button says: pressed twice it does the same.
func (s settings) setInterest(ctx context.Context, r chat.Request) (chat.Reply, error) {
	topic, on := store.Topic(r.Arg(0)), r.Arg(1)
	if !isTopic(topic) || on != "0" && on != "1" {
		return chat.Reply{}, chat.ErrBadData
	}
	err := s.changeSettings(ctx, r, func(x *store.Settings) {
		x.Topics = slices.DeleteFunc(store.AllTopics(), func(other store.Topic) bool {
			if other == topic {
				return on == "0"
			}
			return !slices.Contains(x.Topics, other)
		})
	})
	if err != nil {
		return chat.Reply{}, err
	}
	reply, err := s.interests(ctx, r)
	return reply.WithToast(s.words(r).Plain("settings.saved")), err
}
