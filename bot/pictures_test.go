package main

import (
	"bytes"
	"image"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// shot is one picture of the README: what people have done before it, and what the page then shows.
type shot struct {
	name          string
	width, height int64
	play          func(*stage)
}

// stage is a program of its own for each picture, with somebody at the screen and others who act unseen.
type stage struct {
	*screen
	w *world
}

// unseen is somebody who acts elsewhere.
func (s *stage) unseen(id int64, lang string) *newcomer {
	s.t.Helper()
	n := s.w.speaker(s.t, id, lang)
	n.types("/start")
	n.expect("/privacy")
	return n
}

// reserves finds a book and reserves it, to be fetched from the library.
func (s *stage) reserves(n *newcomer, words string) {
	s.t.Helper()
	n.types(words).told("search.filter_now")
	n.press("1").told("card.where")
	n.tap("card.reserve").told("holds.choose", "title", "§")
	n.press("🏛").told("holds.reserved", "title", "§")
}

// The pictures of the README are taken of the running program:
//
//	PICTURES=../.pictures go test ./bot -run TestPagePictures
func TestPagePictures(t *testing.T) {
	folder := os.Getenv("PICTURES")
	if folder == "" {
		t.Skip("PICTURES names no folder")
	}
	const phoneWidth, phoneHeight = 420, 860
	for _, sc := range []shot{
		{"book.png", phoneWidth, phoneHeight, sceneBook},
		{"van.png", phoneWidth, phoneHeight, sceneVan},
		{"desk.png", phoneWidth, phoneHeight, sceneDesk},
		{"broadcast.png", phoneWidth, phoneHeight, sceneBroadcast},
		{"page.png", 1440, 900, scenePage},
	} {
		t.Run(sc.name, func(t *testing.T) {
			w := start(t, t.TempDir())
			w.wakeAt(t, time.Monday, 9, 40)
			s := openScreen(t, w.addr)
			s.size(sc.width, sc.height)
			play := &stage{s, w}
			sc.play(play)
			play.settle()
			s.clean()
			if err := os.WriteFile(filepath.Join(folder, sc.name), small(t, s.picture()), 0o600); err != nil {
				t.Fatal(err)
			}
		})
	}
}

// settle takes away what would cover the conversation.
func (s *stage) settle() {
	s.t.Helper()
	s.do("dismiss", chromedp.Evaluate[chromedp.Void]("document.querySelectorAll('.toast').forEach((toast) => toast.click())"))
	s.do("look away", chromedp.MouseEvent(chromedp.MouseMoved, 0, 0))
	s.see("!part('toast')")
}

func sceneBook(s *stage) {
	rasa := s.as(s.w, rasa, "lt")
	rasa.enter("light")
	rasa.begin()
	rasa.reads("start.member")
	rasa.click("part('keyboard-toggle')")
	rasa.says("derybos")
	rasa.reads("search.filter_now")
	rasa.says("mastymas greitas")
	rasa.readsWords("Mąstymas, greitas ir lėtas")
	rasa.presses("1")
	rasa.taps("card.reserve")
	rasa.presses("🏛")
	rasa.reads("holds.reserved", "title", "Mąstymas, greitas ir lėtas")
}

func sceneVan(s *stage) {
	seen, inese, daiva := s.w.speaker(s.t, inese, "lv"), s.as(s.w, inese, "lv"), s.unseen(daiva, "lt")
	inese.enter("dark")
	inese.begin()
	inese.reads("start.member")
	inese.click("part('keyboard-toggle')")
	inese.says("/bibliobuss Juodupė")
	inese.taps("van.follow")
	inese.reads("van.following")
	inese.says("lean startup")
	inese.presses("1")
	inese.taps("card.reserve")
	inese.presses("Juodupė")
	inese.reads("holds.reserved", "title", "§")
	daiva.types("/stalas").told("desk.title")
	daiva.tap("desk.list_allocated").expect("1.")
	daiva.press("1").told("desk.hold_title", "title", "§")
	daiva.tap("desk.ready_stop")
	inese.reads("notice.hold_ready", "title", "§", "place", "§", "day", "§")
	reminder := seen.say("van.notice_soon", "n", 30, "stop", "§", "span", "§")
	for range 40 { // from visit to visit, until one is at Juodupė
		if seen.times(reminder...) > 0 {
			break
		}
		inese.click("part('clock-visit')")
		inese.see("part('clock-bar')?.getAttribute('aria-busy') !== 'true'")
	}
	inese.reads("van.notice_soon", "n", 30, "stop", "§", "span", "§")
}

func sceneDesk(s *stage) {
	rasa, inese := s.unseen(rasa, "lt"), s.unseen(inese, "lv")
	s.reserves(rasa, "mastymas greitas")
	s.reserves(inese, "lean startup")
	daiva := s.as(s.w, daiva, "lt")
	daiva.enter("light")
	daiva.begin()
	daiva.reads("start.staff")
	daiva.click("part('keyboard-toggle')")
	rasa.types("/klausti").told("ask.question")
	rasa.types("Ar turite knygų apie sūrio gamybą?").told("ask.sent", "question", "§")
	daiva.reads("notice.question", "name", "§", "question", "§")
	daiva.says("/stalas")
	daiva.reads("desk.title")
	daiva.taps("desk.list_allocated")
	daiva.presses("1")
	daiva.reads("desk.hold_title", "title", "§")
}

func sceneBroadcast(s *stage) {
	for _, n := range crowd(s.t, s.w, "lt", 14) {
		n.types("/bibliobusas Juodupė").told("van.stop_title", "stop", "§")
		n.tap("van.follow").told("van.following")
	}
	daiva := s.as(s.w, daiva, "lt")
	daiva.enter("dark")
	daiva.begin()
	daiva.reads("start.staff")
	daiva.click("part('keyboard-toggle')")
	daiva.says("/pranesimas")
	daiva.reads("broadcast.ask")
	daiva.says("🍎 Šeštadienį, 10–14 val., Juodupėje – rudens mugė! Atvažiuos ir bibliobusas: knygos apie verslą, kava ir pokalbiai su meistrais.")
	daiva.taps("broadcast.to_followers")
	daiva.presses("Juodupė")
	daiva.pressesFirst("broadcast.confirm", "audience", "§")
	daiva.reads("broadcast.state_sent")
}

func scenePage(s *stage) {
	rasa, inese, daiva, vytautas := s.unseen(rasa, "lt"), s.unseen(inese, "lv"), s.unseen(daiva, "lt"), s.unseen(vytautas, "lt")
	rasa.types("derybos").told("search.filter_now")
	s.reserves(rasa, "mastymas greitas")
	inese.types("/apmacibas").told("training.title")
	inese.press("4.").told("training.head", "name", "§", "kind", "§")
	inese.tap("training.join").told("training.my_seat")
	daiva.types("/stalas").told("desk.title")
	daiva.tap("desk.list_allocated").expect("1.")
	daiva.press("1").told("desk.hold_title", "title", "§")
	vytautas.types("/bibliobusas").told("van.title")
	vytautas.tap("van.trip")
	s.open("/?lang=lt&theme=dark#/all")
	s.see("all('[data-testid=chat]').length === 4")
	s.see("all('[data-testid=chat]').every((chat) => chat.querySelector('[data-testid=message]'))")
}

// pictureSize bounds a picture in the repository, in bytes.
const pictureSize = 250_000

// small packs a picture tighter than the browser does: as few shades are told apart as the size asks for.
func small(t *testing.T, raw []byte) []byte {
	t.Helper()
	picture, err := png.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	for step := 4; ; step += 2 {
		var packed bytes.Buffer
		if err := encoder.Encode(&packed, posterized(picture, step)); err != nil {
			t.Fatal(err)
		}
		if packed.Len() < pictureSize {
			return packed.Bytes()
		}
	}
}

// posterized rounds the shades of a picture to a step; white stays white.
func posterized(picture image.Image, step int) image.Image {
	flat := image.NewRGBA(picture.Bounds())
	draw.Draw(flat, flat.Bounds(), picture, image.Point{}, draw.Src)
	for i, v := range flat.Pix {
		if v < 255 {
			flat.Pix[i] = uint8(min(255, (int(v)+step/2)/step*step))
		}
	}
	return flat
}
