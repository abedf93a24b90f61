package playground

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// keepAlive is how often an idle event stream says that it is still there.
const keepAlive = 15 * time.Second

// playError is a refusal that the page shows: a plain sentence.
type playError struct {
	status   int
	sentence string
}

func (e *playError) Error() string { return e.sentence }

func refuse(status int, sentence string) *playError {
	return &playError{status: status, sentence: sentence}
}

// playRoutes are the JSON API of the page.
func (s *Server) playRoutes() http.Handler {
	mux := http.NewServeMux()
	get := func(path string, h func(*http.Request) (any, error)) {
		mux.HandleFunc("GET /play/"+path, s.answer(h))
	}
	post := func(path string, h func(*http.Request) (any, error)) {
		mux.HandleFunc("POST /play/"+path, s.answer(typed(h)))
	}
	get("state", s.playState)
	get("chats/{id}/messages", s.playMessages)
	mux.HandleFunc("GET /play/events", s.playEvents)
	mux.HandleFunc("GET /play/files/{id}", s.playFile)
	mux.HandleFunc("GET /play/pictures/{id}", s.playPicture)
	post("chats/{id}/text", s.playText)
	post("chats/{id}/press", s.playPress)
	post("chats/{id}/location", s.playLocation)
	post("chats/{id}/contact", s.playContact)
	post("chats/{id}/sticker", s.playSticker)
	post("chats/{id}/file", s.playUpload)
	post("chats/{id}/read", s.playRead)
	post("chats/{id}/block", s.playBlock)
	post("people", s.playAddPerson)
	post("groups", s.playAddGroup)
	post("groups/{id}/migrate", s.playMigrate)
	post("clock", s.playClock)
	return mux
}

// guard keeps other web pages out: they can make a browser send requests here, but not without saying where they come from, and a
// name of theirs that resolves to this machine (DNS rebinding) is not one of the names under which the page may be opened.
func (s *Server) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.knownHost(r.Host) {
			writePlayError(w, refuse(http.StatusMisdirectedRequest, "This page is not served under that name."))
			return
		}
		if origin := r.Header.Get("Origin"); origin != "" {
			if parsed, err := url.Parse(origin); err != nil || parsed.Host != r.Host {
				writePlayError(w, refuse(http.StatusForbidden, "Another web page may not do this."))
				return
			}
		}
		if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" && r.Header.Get("Sec-Fetch-Mode") != "navigate" {
			writePlayError(w, refuse(http.StatusForbidden, "Another web page may not do this."))
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Server) knownHost(hostport string) bool {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || net.ParseIP(host) != nil || slices.Contains(s.opts.Hosts, host)
}

// typed lets only the two kinds of body through that the page sends. A plain form of a foreign page is neither; one with files is
// stopped by guard, because a browser names its origin with it.
func typed(h func(*http.Request) (any, error)) func(*http.Request) (any, error) {
	return func(r *http.Request) (any, error) {
		kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil || (kind != "application/json" && kind != "multipart/form-data") {
			return nil, refuse(http.StatusUnsupportedMediaType, "The request must be JSON or a form with files.")
		}
		return h(r)
	}
}

func (s *Server) answer(h func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		result, err := h(r)
		drain(r)
		refused := new(playError)
		switch {
		case err == nil:
			writeJSON(w, http.StatusOK, encode(result))
		case errors.Is(err, errClosed):
			writePlayError(w, refuse(http.StatusServiceUnavailable, "The program is stopping."))
		case errors.As(err, &refused):
			writePlayError(w, refused)
		default:
			s.log.Error("the page's request failed", "path", r.URL.Path, "error", err)
			writePlayError(w, refuse(http.StatusInternalServerError, "That did not work; the log says why."))
		}
	}
}

func writePlayError(w http.ResponseWriter, e *playError) {
	writeJSON(w, e.status, encode(map[string]string{"error": e.sentence}))
}

func readBody(r *http.Request, target any) error {
	err := json.NewDecoder(io.LimitReader(r.Body, maxJSON)).Decode(target)
	if err != nil && !errors.Is(err, io.EOF) {
		return refuse(http.StatusBadRequest, "The request is not proper JSON.")
	}
	return nil
}

// playEvents streams events as https://html.spec.whatwg.org/multipage/server-sent-events.html
func (s *Server) playEvents(w http.ResponseWriter, r *http.Request) {
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	at, resumable := s.events.position(r.Header.Get("Last-Event-ID"))
	if _, err := fmt.Fprintf(w, "retry: 1000\nid: %s\n\n", s.events.id(at)); err != nil {
		return
	}
	if !resumable {
		_, _ = io.WriteString(w, "data: {\"type\":\"reset\"}\n\n")
	}
	if out.Flush() != nil {
		return
	}
	tick := time.NewTicker(keepAlive)
	defer tick.Stop()
	for {
		found, last, more, lost := s.events.since(at)
		if lost {
			found = [][]byte{[]byte(`{"type":"reset"}`)}
		}
		for i, data := range found {
			if _, err := fmt.Fprintf(w, "id: %s\ndata: %s\n\n", s.events.id(last-int64(len(found)-1-i)), data); err != nil {
				return
			}
		}
		at = last
		if out.Flush() != nil {
			return
		}
		select {
		case <-more:
		case <-tick.C:
			if _, err := io.WriteString(w, ":\n\n"); err != nil {
				return
			}
		case <-r.Context().Done():
			return
		case <-s.stop.Done():
			return
		}
	}
}
