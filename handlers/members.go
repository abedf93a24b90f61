package handlers

import (
	"context"
	"slices"

	"versli/bot/chat"
	"versli/store"
)

// directory lists the organisations of the cluster that wish to be found.
type directory struct{ *App }

// directoryPage is how many organisations a page has.
const directoryPage = 8

func (d directory) register(r *chat.Router) {
	r.Command(chat.Command{
		Name: "members", Aliases: map[string][]string{"lt": {"nariai"}, "lv": {"dalibnieki"}},
		Role: chat.Member, Help: "help.members", View: true, Handler: d.list,
	})
	r.Action(
		chat.Action{Name: "orgs", Role: chat.Member, View: true, Handler: d.list},
		chat.Action{Name: "org", Role: chat.Member, View: true, Handler: d.open},
	)
}

// list shows a page of all, or of one kind. Arguments: kind or "", offset.
func (d directory) list(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := d.words(r)
	kind := store.OrganisationKind(r.Arg(0))
	if !slices.Contains(organisationKinds(), kind) {
		kind = ""
	}
	all, err := d.Store.Members.Organisations(ctx, false)
	if err != nil {
		return fail("directory", err)
	}
	listed := slices.DeleteFunc(all, func(o store.Organisation) bool { return kind != "" && o.Kind != kind })
	page, offset := window(listed, offsetArg(r, 1, directoryPage), directoryPage)
	items := []chat.HTML{p.HTML("members.head", "n", len(listed))}
	var buttons []chat.Button
	for i, o := range page {
		items = append(items, p.HTML("members.item", "number", offset+i+1, "name", short(o.Name, 80), "kind", p.Plain("kind."+string(o.Kind))))
		buttons = append(buttons, numbered(offset+i+1, o.Name, "org", string(o.ID), string(kind)))
	}
	if len(listed) == 0 {
		items = append(items, p.HTML("members.none"))
	}
	rows := chat.Columns(2, buttons...)
	rows = append(rows, pager(p, offset, directoryPage, len(listed), "orgs", string(kind))...)
	var kinds []chat.Button
	for _, k := range organisationKinds() {
		to := k
		if k == kind {
			to = ""
		}
		kinds = append(kinds, chat.Press(tick(k == kind, p.Plain("members.kind_"+string(k))), "orgs", string(to), "0"))
	}
	rows = append(rows, chat.Columns(2, kinds...)...)
	rows = append(rows, chat.Row(chat.Press(p.Plain("members.mine"), "profile")))
	return chat.Change(r, lines(items...), rows...), nil
}

// open shows an organisation that is still listed.
func (d directory) open(ctx context.Context, r chat.Request) (chat.Reply, error) {
	p := d.words(r)
	o, err := d.Store.Members.Organisation(ctx, store.OrganisationID(r.Arg(0)))
	if err != nil {
		return fail("organisation", err)
	}
	if !o.Listed {
		return chat.Reply{}, store.ErrNotFound
	}
	kind := store.OrganisationKind(r.Arg(1))
	if !slices.Contains(organisationKinds(), kind) {
		kind = ""
	}
	return chat.Change(r, organisationText(p, o), chat.Row(chat.Press(p.Plain("common.back"), "orgs", string(kind), "0"))), nil
}
