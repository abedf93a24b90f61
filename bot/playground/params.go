package playground

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
)

// Bounds of what is taken in, in bytes. https://core.telegram.org/bots/api#sending-files
const (
	maxPhoto    = 10 << 20
	maxUpload   = 50 << 20
	maxDownload = 20 << 20
	maxBody     = maxUpload + 1<<20
	maxField    = 1 << 20
	maxJSON     = 1 << 20
	// drainBody is how much of a refused body is still read, so that the client gets to read the refusal.
	drainBody = 64 << 20
)

// upload is a file that came in a form.
type upload struct {
	name string
	mime string
	data []byte
}

// call is one Bot API call on its way through.
type call struct {
	method string
	params map[string]string
	files  map[string]*upload
	done   <-chan struct{} // closed when the client has gone
}

// readCall takes the parameters from wherever Telegram takes them: the query, a form, a multipart form, or JSON.
func readCall(w http.ResponseWriter, r *http.Request, method string) (*call, error) {
	c := &call{method: method, params: map[string]string{}, files: map[string]*upload{}, done: r.Context().Done()}
	for name, values := range r.URL.Query() {
		c.params[name] = values[0]
	}
	body := http.MaxBytesReader(w, r.Body, maxBody)
	kind, options, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		kind = ""
	}
	switch kind {
	case "application/json":
		err = c.readJSON(body)
	case "multipart/form-data":
		err = c.readMultipart(multipart.NewReader(body, options["boundary"]))
	case "application/x-www-form-urlencoded":
		r.Body = body
		if err = r.ParseForm(); err == nil {
			for name, values := range r.PostForm {
				c.params[name] = values[0]
			}
		}
	default:
		_, err = io.Copy(io.Discard, body)
	}
	drain(r)
	if tooBig := new(http.MaxBytesError); errors.As(err, &tooBig) || errors.Is(err, errFileTooBig) {
		return c, tooLarge()
	}
	if err != nil {
		return c, badRequest("can't parse the request: %s", err)
	}
	return c, nil
}

// drain reads what is left of a request, so that the client gets to read the answer and its going away is noticed.
func drain(r *http.Request) { _, _ = io.Copy(io.Discard, io.LimitReader(r.Body, drainBody)) }

var errFileTooBig = errors.New("file is too big")

func (c *call) readJSON(body io.Reader) error {
	var values map[string]json.RawMessage
	if err := json.NewDecoder(io.LimitReader(body, maxJSON)).Decode(&values); err != nil {
		if errors.Is(err, io.EOF) {
			return nil
		}
		return fmt.Errorf("decode JSON: %w", err)
	}
	for name, raw := range values {
		var text string
		switch {
		case string(raw) == "null":
		case json.Unmarshal(raw, &text) == nil:
			c.params[name] = text
		default:
			c.params[name] = string(raw)
		}
	}
	return nil
}

func (c *call) readMultipart(in *multipart.Reader) error {
	for {
		part, err := in.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read a form: %w", err)
		}
		limit := int64(maxField)
		if part.FileName() != "" {
			limit = maxUpload
		}
		data, err := io.ReadAll(io.LimitReader(part, limit+1))
		if err != nil {
			return fmt.Errorf("read the field %q: %w", part.FormName(), err)
		}
		if int64(len(data)) > limit {
			return errFileTooBig
		}
		if part.FileName() == "" {
			c.params[part.FormName()] = string(data)
			continue
		}
		c.files[part.FormName()] = &upload{name: part.FileName(), mime: part.Header.Get("Content-Type"), data: data}
	}
}

func (c *call) text(name string) string { return c.params[name] }

// integer is 0 for a value that is absent or no number, as with Telegram's own server.
func (c *call) integer(name string) int64 {
	n, err := strconv.ParseInt(strings.TrimSpace(c.params[name]), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (c *call) flag(name string) bool {
	switch strings.ToLower(c.params[name]) {
	case "true", "1", "yes":
		return true
	}
	return false
}

// decode reads a parameter that is JSON; absent, it leaves target alone and returns false.
func (c *call) decode(name string, target any) (bool, error) {
	raw := strings.TrimSpace(c.params[name])
	if raw == "" || raw == "null" {
		return false, nil
	}
	if err := json.Unmarshal([]byte(raw), target); err != nil {
		return false, badRequest("can't parse %s JSON object", strings.ReplaceAll(name, "_", " "))
	}
	return true, nil
}
