package handlers

import (
	"strings"
	"testing"

	"versli/bot/chat"
	"versli/handlers/messages"
	"versli/store"
)

func everyRole() map[chat.Role]store.Role {
	return map[chat.Role]store.Role{
		chat.Guest: store.RoleGuest, chat.Applicant: store.RoleApplicant, chat.Member: store.RoleMember,
		chat.Driver: store.RoleDriver, chat.Librarian: store.RoleLibrarian, chat.Owner: store.RoleOwner,
	}
}

// Every command × language × role: allowed, it is answered under each of its
// names; not allowed, it is refused in words. What any message must hold is
// checked by world.sound.
func TestEveryCommandInEveryLanguageForEveryRole(t *testing.T) {
	w := killedWorld(t)
	w.boss()
	w.title("Mąstymas, greitas ir lėtas", 2)
	w.stop("Juodupė")
	commands := w.router.Commands(chat.Owner)
	if len(commands) < 20 {
		t.Fatalf("only %d commands", len(commands))
	}
	for _, lang := range messages.Languages() {
		for role, as := range everyRole() {
			p := w.person("Asta", lang, as)
			for _, c := range commands {
				for _, name := range append([]string{c.Name}, c.Aliases[lang]...) {
					p.write("/" + name)
					switch {
					case p.said == "":
						t.Errorf("/%s says nothing to role %d in %s", name, role, lang)
					case role >= c.Role:
						continue
					case c.Role <= chat.Member:
						p.reads("error.members_only")
					default:
						p.reads("error.forbidden")
					}
				}
			}
		}
	}
}

// Whatever button anybody may ever press, with arguments that are missing,
// forged or of something gone: an answer, and no incident.
func TestForgedButtonsAreAnswered(t *testing.T) {
	w := killedWorld(t)
	w.title("Etiketas", 1)
	people := []*person{
		w.person("Guoda", "lt", store.RoleGuest), w.person("Mārtiņš", "lv", store.RoleMember), w.person("Olivia", "en", store.RoleOwner),
	}
	args := [][]string{nil, {"zzz"}, {"-1", "-1", "-1"}, {"t1", "l999"}, {"a", "t", "99999999999"}, {"", "", ""}, {"<b>", "\\|", "ąžuolas"}}
	for _, p := range people {
		for _, action := range w.router.Actions() {
			for _, a := range args {
				data, err := chat.Encode(action, a...)
				if err != nil {
					t.Fatal(err)
				}
				p.pressData(7, data)
			}
		}
		for _, data := range []string{"", "1|", "2|find", strings.Repeat("x", 64), "1|nosuch|1"} {
			if p.pressData(7, data); p.toast == "" {
				t.Errorf("forged data %q is not answered", data)
			}
		}
	}
}

func TestGarbageGetsAProperAnswer(t *testing.T) {
	w := killedWorld(t)
	w.title("Etiketas", 1)
	for _, lang := range messages.Languages() {
		p := w.person("Asta", lang, store.RoleMember)
		p.write("/nosuchcommand").reads("error.unknown")
		p.write(strings.Repeat("labai ilgas tekstas ", 250))
		p.write(strings.Repeat("a", 5000))
		p.write("🙂🙂🙂").reads("search.nothing_to_search")
		p.write("<&|\\'\">").reads("search.nothing_to_search")
		p.do(p.request(chat.KindOther)).reads("fallback.unreadable")
		file := p.request(chat.KindFile)
		file.File = &chat.File{ID: "f", Name: "big.bin", Size: 30 << 20}
		p.do(file).reads("fallback.file")
		blocked := p.request(chat.KindBlocked)
		if p.do(blocked); p.said != "" || !p.member().Unreachable {
			t.Errorf("a block: said %q, unreachable %v", p.said, p.member().Unreachable)
		}
		if p.write("etiketas"); p.member().Unreachable {
			t.Error("who writes again is still unreachable")
		}
	}
}

func TestInAGroupNothingPersonalIsSaid(t *testing.T) {
	w := killedWorld(t)
	id := w.title("Etiketas", 1)
	p := w.person("Asta", "en", store.RoleMember)
	place(t, p, id)
	in := func(kind chat.Kind, text string) chat.Request {
		r := p.request(kind)
		r.Private, r.Chat, r.Text = false, -100, text
		return r
	}
	search := in(chat.KindCommand, "etiketas")
	search.Command = "search"
	p.do(search).sees("Etiketas")
	open := in(chat.KindPress, "")
	open.Action, open.Args = "title", []string{string(id)}
	if p.do(open).sees("Etiketas"); strings.Contains(p.said, "yours") {
		t.Errorf("the group reads of a member's hold: %s", p.said)
	}
	if p.do(in(chat.KindText, "hello")); p.said != "" {
		t.Errorf("the bot answers people's talk: %s", p.said)
	}
	holds := in(chat.KindCommand, "")
	holds.Command = "holds"
	p.do(holds).reads("error.private")
	other := in(chat.KindCommand, "")
	other.Command = "weather"
	if p.do(other); p.said != "" {
		t.Errorf("the bot answers another bot's command: %s", p.said)
	}
	p.do(in(chat.KindReturned, "")).reads("start.group")
}

func TestHelpListsWhatTheRoleMay(t *testing.T) {
	w := killedWorld(t)
	for _, want := range []struct {
		lang, command string
		role          store.Role
		staff         bool
	}{
		{"lt", "/paieska", store.RoleGuest, false},
		{"lv", "/meklet", store.RoleMember, false},
		{"en", "/search", store.RoleLibrarian, true},
	} {
		p := w.person("Asta", want.lang, want.role)
		p.write("/help").sees(want.command + " – ")
		if got := strings.Contains(p.said, p.label("help.staff_head")); got != want.staff {
			t.Errorf("%s sees staff's commands: %v", want.role, got)
		}
	}
}

func TestCancelLeavesADialogueAtEveryStep(t *testing.T) {
	w := killedWorld(t)
	p := w.person("Asta", "lt", store.RoleGuest)
	steps := []func(){
		func() { p.write("/start").press("Prisijungti") },
		func() { p.write("Asta Astaitė") },
		func() { p.write("UAB Medis") },
		func() { p.press("Partneris") },
	}
	for n := range steps {
		for _, step := range steps[:n+1] {
			step()
		}
		p.write("/cancel").reads("help.cancelled")
		p.write("zzz").sees("zzz") // a search again
	}
	p.write("/ask").reads("ask.question")
	p.write("/topics").reads("search.topics_head")
	p.write("kur bibliobusas?")
	open, err := w.store.Questions.Open(t.Context())
	if w.check(err); len(open) != 0 {
		t.Error("a command does not leave the dialogue")
	}
}
