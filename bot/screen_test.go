package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// screenScript finds things on the page as a person does. DevTools runs it: the
// page's own policy, which forbids foreign scripts, stays in force.
//
//go:embed testdata/screen.js
var screenScript string

// screen is a browser window on the chat page.
type screen struct {
	t    *testing.T
	ctx  context.Context
	addr string

	mu         sync.Mutex
	complaints []string // what a look into the developer tools would show
}

// openScreen starts a browser of the test's own; nothing but this machine is to be reached from it.
func openScreen(t *testing.T, addr string) *screen {
	t.Helper()
	need(t, "chromium")
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath("chromium"), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("lang", "lt"), chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
		chromedp.Flag("hide-scrollbars", true), chromedp.Flag("font-render-hinting", "none"))
	ctx, stopBrowser := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, closeTab := chromedp.NewContext(ctx)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Errorf("close the browser: %v", err)
		}
		closeTab()
		stopBrowser()
	})
	s := &screen{t: t, ctx: ctx, addr: addr}
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start the browser: %v", err)
	}
	if err := chromedp.Listen(ctx, s.overhear); err != nil {
		t.Fatalf("listen to the browser: %v", err)
	}
	s.do("still pictures", call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}},
	}))
	return s
}

// overhear notes what the page must not do: load from elsewhere, fail to load, throw, or write errors to the console.
func (s *screen) overhear(event any) {
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if url := e.Request.URL; !strings.HasPrefix(url, "http://"+s.addr+"/") && !strings.HasPrefix(url, "data:") && !strings.HasPrefix(url, "blob:") {
			s.complain("loads " + url)
		}
	case *network.EventResponseReceived:
		if e.Response.Status >= 400 {
			s.complain(fmt.Sprintf("%s answers %d", e.Response.URL, e.Response.Status))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			s.complain(e.Entry.Text + " " + e.Entry.URL)
		}
	case *runtime.EventConsoleAPICalled:
		s.complain(fmt.Sprintf("console.%s", e.Type))
	case *runtime.EventExceptionThrown:
		s.complain(e.ExceptionDetails.Text)
	}
}

func (s *screen) complain(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.complaints = append(s.complaints, what)
}

// clean fails when the developer tools had anything to show.
func (s *screen) clean() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.complaints {
		s.t.Errorf("the page %s", c)
	}
}

func call[P, R any](command cdp.Command[P, R], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, command, params)
		return err
	})
}

// do runs a step of the browser, and shows what is on the page when it does not succeed.
func (s *screen) do(what string, action chromedp.Action[chromedp.Void]) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, action); err != nil {
		s.t.Fatalf("%s: %v\non the page:\n%s", what, err, s.read())
	}
}

// read is all the text on the page.
func (s *screen) read() string {
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText"))
	if err != nil {
		return err.Error()
	}
	return text
}

// size makes the window as large as a phone's or a desktop's.
func (s *screen) size(width, height int64) {
	s.t.Helper()
	s.do("resize", chromedp.EmulateViewport(width, height))
}

// open goes to an address of the page: language and theme, then whose chat.
func (s *screen) open(address string) {
	s.t.Helper()
	s.do("open "+address, chromedp.Navigate("about:blank"))
	s.do("open "+address, chromedp.Navigate("http://"+s.addr+address))
	s.do("prepare", call(runtime.Evaluate, runtime.EvaluateParams{Expression: screenScript}))
	s.see("document.fonts.status === 'loaded'")
}

// expression puts values into a JavaScript expression: each %s becomes one as JSON.
func expression(code string, values []any) string {
	literals := make([]any, len(values))
	for i, v := range values {
		raw, err := json.Marshal(v)
		if err != nil {
			panic(err) // no value of a test is unfit for JSON
		}
		literals[i] = string(raw)
	}
	return fmt.Sprintf(code, literals...)
}

// see waits until an expression holds on the page.
func (s *screen) see(code string, values ...any) {
	s.t.Helper()
	code = expression(code, values)
	s.do("wait for "+code, chromedp.Evaluate[chromedp.Void](
		"{ const { until, part, message, button, all } = screen_; until(() => Boolean("+code+")) }", chromedp.EvalAwaitPromise))
}

// click waits until the element can be pressed, and presses the middle of it.
func (s *screen) click(code string, values ...any) {
	s.t.Helper()
	code = expression(code, values)
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	at, err := chromedp.Run(ctx, chromedp.Evaluate[struct{ X, Y float64 }](
		"{ const { until, part, message, button, spot, all } = screen_; until(() => spot("+code+")) }", chromedp.EvalAwaitPromise))
	if err != nil {
		s.t.Fatalf("press %s: %v\non the page:\n%s", code, err, s.read())
	}
	s.do("press "+code, chromedp.MouseClickXY(at.X, at.Y))
}

// write types into the field that has the focus, and sends it.
func (s *screen) write(text string) {
	s.t.Helper()
	s.do("type", call(input.InsertText, input.InsertTextParams{Text: text}))
	enter := input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13, Text: "\r"}
	s.do("enter", call(input.DispatchKeyEvent, enter))
	enter.Type, enter.Text = input.DispatchKeyEventTypeKeyUp, ""
	s.do("enter", call(input.DispatchKeyEvent, enter))
}

// picture is what is on the screen now.
func (s *screen) picture() []byte {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.ctx, patience)
	defer cancel()
	raw, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		s.t.Fatalf("take a picture: %v", err)
	}
	return raw
}
