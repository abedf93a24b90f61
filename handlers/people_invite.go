package handlers

import (
	"context"
	"slices"
	"strconv"

	"versli/bot/chat"
	"versli/handlers/paper"
	"versli/store"
)

// invitationDays is how long an invitation is good.
const invitationDays = 14

// invite asks for how many an invitation is to be, and makes it: a link, and the same as a picture for a poster.
func (f people) invite(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := f.words(r)
	offered := []int{1, 10, 50}
	uses, err := strconv.Atoi(r.Arg(0))
	if err != nil || !slices.Contains(offered, uses) {
		var buttons []chat.Button
		for _, n := range offered {
			buttons = append(buttons, chat.Press(p.Plain("people.for", "n", n), "pinvite", strconv.Itoa(n)))
		}
		return chat.Change(r, p.HTML("people.ask_invite"), chat.Row(buttons...), chat.Row(chat.Press(p.Plain("common.back"), "people", "0"))), nil
	}
	i, err := f.Store.Members.Invite(ctx, f.op(r), store.RoleMember, uses, f.endOfDayIn(invitationDays))
	if err != nil {
		return fail("invite", err)
	}
	link := f.deepLink("i_" + i.Code)
	png, err := paper.QR(link)
	if err != nil {
		return fail("invite", err)
	}
	text := lines(p.HTML("people.invitation", "link", link), p.HTML("people.invitation_for", "n", uses, "day", p.Date(f.local(i.Expires))))
	return chat.Change(r, text, chat.Row(chat.Press(p.Plain("people.all"), "people", "0"))).And(chat.Message{
		Text:  p.HTML("people.invitation_qr"),
		Photo: &chat.Attachment{Name: "versli-invitation.png", Bytes: png},
	}), nil
}
