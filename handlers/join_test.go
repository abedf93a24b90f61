package handlers

import (
	"strings"
	"testing"

	"versli/handlers/messages"
	"versli/store"
)

func TestJoining(t *testing.T) {
	for _, lang := range messages.Languages() {
		t.Run(lang, func(t *testing.T) {
			w := killedWorld(t)
			staff, other := w.person("Rasa", "lt", store.RoleLibrarian), w.person("Olivia", "en", store.RoleLibrarian)
			p := w.person("Asta", lang, store.RoleGuest)
			p.write("/start").reads("start.guest").press(p.label("start.join"))
			p.press(p.label("join.use_name", "name", "Asta"))
			p.write("<Medis & Co>").sees("&lt;Medis &amp; Co&gt;")
			p.press(capital(p.label("kind.business"))).sees("Versli biblioteka", "&lt;Medis &amp; Co&gt;")
			p.press(p.label("join.agree")).reads("join.applied")
			if p.member().Role != store.RoleApplicant {
				t.Fatalf("role %s", p.member().Role)
			}
			p.write("/start").reads("start.applicant")

			staff.owed().sees("Asta", "&lt;Medis &amp; Co&gt;", staff.label("kind.business"))
			other.owed()
			staff.press(staff.label("join.approve")).sees("Priimta: Asta", "Sprendė: Rasa")
			if other.press(other.label("join.decline")).sees("Already approved: Asta"); p.member().Role != store.RoleMember {
				t.Fatalf("role %s", p.member().Role)
			}
			p.owed().sees("&lt;Medis &amp; Co&gt;")
			p.write("/start").reads("start.member")
			p.write("/profile").reads("profile.role_member").sees("&lt;Medis &amp; Co&gt;")
		})
	}
}

func TestDecliningTellsTheApplicant(t *testing.T) {
	w := killedWorld(t)
	staff := w.person("Rasa", "en", store.RoleLibrarian)
	p := w.person("Ilze", "lv", store.RoleApplicant)
	staff.owed().press(staff.label("join.decline")).sees("Declined: Ilze")
	p.owed().reads("notice.declined")
	if p.member().Role != store.RoleGuest {
		t.Errorf("role %s", p.member().Role)
	}
}

func TestAnInvitationJoinsAtOnce(t *testing.T) {
	w := killedWorld(t)
	i, err := w.store.Members.Invite(t.Context(), w.op(), store.RoleMember, 1, w.at.AddDate(0, 0, 7))
	w.check(err)
	p := w.person("Ilze", "lv", store.RoleGuest)
	p.write("/start i_" + i.Code).press("Ilze")
	p.write("Biedrība Sēlija").press(capital(p.label("kind.ngo"))).press(p.label("join.agree")).reads("join.welcome")
	if p.member().Role != store.RoleMember || p.member().Agreement != "1" {
		t.Errorf("member %+v", p.member())
	}
	late := w.person("Jonas", "lt", store.RoleGuest)
	late.write("/start i_" + i.Code).reads("error.invitation_used")
}

// The name that somebody typed stays, whatever Telegram calls them; and an invitation cuts the waiting short.
func TestAnApplicantWithAnInvitationWaitsNoLonger(t *testing.T) {
	w := killedWorld(t)
	staff := w.person("Rasa", "lt", store.RoleLibrarian)
	p := w.person("astute77", "lt", store.RoleApplicant)
	i, err := w.store.Members.Invite(t.Context(), w.op(), store.RoleMember, 1, w.at.AddDate(0, 0, 7))
	w.check(err)
	p.write("/start i_" + i.Code).write("Asta Astaitė").write("UAB Medis").press("Partneris").press(p.label("join.agree")).reads("join.welcome")
	p.write("/start")
	if m := p.member(); m.Role != store.RoleMember || m.Name != "Asta Astaitė" {
		t.Errorf("member %+v", m)
	}
	if staff.owed(); strings.Contains(staff.said, "astute77") {
		t.Errorf("a librarian is still asked: %s", staff.said)
	}
}

func TestAClaimMakesAnOwnerAtOnce(t *testing.T) {
	w := killedWorld(t)
	i, err := w.store.Members.Invite(t.Context(), w.op(), store.RoleOwner, 1, w.at.AddDate(0, 0, 7))
	w.check(err)
	p := w.person("Ona", "lt", store.RoleGuest)
	p.write("/start i_" + i.Code).reads("join.owner")
	if p.member().Role != store.RoleOwner {
		t.Errorf("role %s", p.member().Role)
	}
	if len(p.menu.Rows) != 3 {
		t.Error("an owner's keyboard lacks the staff panel")
	}
}

// A button of an earlier step, or of a dialogue that ended, shows where the person is now.
func TestOutOfDateButtonsOfJoining(t *testing.T) {
	w := killedWorld(t)
	p := w.person("Asta", "en", store.RoleGuest)
	p.write("/start").press(p.label("start.join"))
	p.press("Keep: Asta").write("UAB Medis").press(capital(p.label("kind.ngo")))
	if p.pressData(102, "1|join_kind|business").sees("The cooperation agreement"); p.toast == "" {
		t.Error("nothing says that the button is out of date")
	}
	p.write("/cancel").pressData(102, "1|join_agree")
	if p.sees("step 1 of 3"); p.member().Role != store.RoleGuest {
		t.Errorf("role %s", p.member().Role)
	}
}

func TestTheKeyboardTypesCommands(t *testing.T) {
	for _, lang := range messages.Languages() {
		w := killedWorld(t)
		p := w.person("Asta", lang, store.RoleMember)
		p.write("/start")
		for _, row := range p.menu.Rows {
			for _, key := range row {
				p.write(key.Label)
				if p.said == "" || strings.Contains(p.said, key.Label) && strings.Contains(p.said, p.label("search.none", "query", key.Label)) {
					t.Errorf("%s: the key %q is taken for a search", lang, key.Label)
				}
			}
		}
	}
}

func TestLanguageIsChangedEverywhere(t *testing.T) {
	w := killedWorld(t)
	p := w.person("Asta", "pt-br", store.RoleGuest) // a language that we lack
	p.lang = "lt"
	p.write("/start").reads("start.guest").press("Latviešu")
	p.lang = "lv"
	p.reads("start.guest", "start.language_set")
	if p.menu.Rows[0][0].Label != p.label("menu.search") {
		t.Errorf("the keyboard says %q", p.menu.Rows[0][0].Label)
	}
	p.write("/valoda").press("English")
	p.lang = "en"
	p.reads("start.choose_language")
	p.write("/help").reads("help.head")
}
