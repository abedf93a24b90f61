package playground

import (
	"bytes"
	"cmp"
	"fmt"
	"image"
	_ "image/gif"  // photos may come in these formats
	_ "image/jpeg" // "
	_ "image/png"  // "
	"mime"
	"net/http"
	"path"
	"regexp"
	"strings"
)

const (
	kindPhoto    = "photo"
	kindDocument = "document"
)

// takeFile returns the file of a call: uploaded in the form field, or named by value, the id of one that is here already.
func (s *Server) takeFile(c *call, field, value, kind string) (*file, error) {
	if up := c.files[field]; up != nil {
		return s.keepFile(up, kind)
	}
	switch {
	case value == "" || strings.HasPrefix(value, "attach://"):
		return nil, badRequest("there is no %s in the request", kind)
	case strings.Contains(value, "://"):
		return nil, badRequest("failed to get HTTP URL content") // nothing is loaded from elsewhere
	}
	var known *file
	_ = s.read(func(st *state) error { known = st.files[value]; return nil })
	if known == nil {
		return nil, badRequest("wrong file identifier/HTTP URL specified")
	}
	if known.Kind != kind {
		return nil, badRequest("can't use file of type %s as %s", title(known.Kind), title(kind))
	}
	return known, nil
}

func title(kind string) string { return strings.ToUpper(kind[:1]) + kind[1:] }

// keepFile checks an upload against Telegram's rules for its kind and stores it.
func (s *Server) keepFile(up *upload, kind string) (*file, error) {
	f := &file{Kind: kind, Name: path.Base(strings.ReplaceAll(up.name, `\`, "/")), Size: int64(len(up.data))}
	switch {
	case f.Size == 0:
		return nil, badRequest("file must be non-empty")
	case kind == kindPhoto && f.Size > maxPhoto:
		return nil, tooLarge()
	}
	f.Mime = mimeType(up, f.Name)
	folder, prefix := "documents", "BQACAgQ"
	if kind == kindPhoto {
		folder, prefix = "photos", "AgACAgQ"
		shape, format, err := image.DecodeConfig(bytes.NewReader(up.data))
		if err != nil {
			return nil, badRequest("IMAGE_PROCESS_FAILED")
		}
		f.Width, f.Height, f.Mime = shape.Width, shape.Height, "image/"+format
		if f.Width+f.Height > 10_000 || f.Width > 20*f.Height || f.Height > 20*f.Width {
			return nil, badRequest("PHOTO_INVALID_DIMENSIONS")
		}
	}
	f.ID, f.UniqueID = randomID(prefix, 24), randomID("AQAD", 8)
	if err := s.blobs.put(f.ID, up.data); err != nil {
		return nil, err
	}
	return f, s.change(func(t *tx) error {
		t.counters.File++
		t.putCounters()
		f.Path = fmt.Sprintf("%s/file_%d%s", folder, t.counters.File, extensionPattern.FindString(f.Name))
		t.put(record{File: f})
		return nil
	})
}

// extensionPattern is the end of a file name that can stand in an address as it is.
var extensionPattern = regexp.MustCompile(`\.[A-Za-z0-9]{1,10}$`)

func mimeType(up *upload, name string) string {
	if kind, _, err := mime.ParseMediaType(up.mime); err == nil && kind != "application/octet-stream" {
		return kind
	}
	kind, _, _ := strings.Cut(mime.TypeByExtension(path.Ext(name)), ";")
	return cmp.Or(kind, "application/octet-stream")
}

func (s *Server) getFile(c *call) (any, error) {
	id := c.text("file_id")
	if id == "" {
		return nil, badRequest("file_id not specified")
	}
	var answer struct {
		FileID       string `json:"file_id"`
		FileUniqueID string `json:"file_unique_id"`
		FileSize     int64  `json:"file_size"`
		FilePath     string `json:"file_path"`
	}
	err := s.read(func(st *state) error {
		f := st.files[id]
		switch {
		case f == nil:
			return badRequest("wrong file_id or the file is temporarily unavailable")
		case f.Size > maxDownload:
			return badRequest("file is too big")
		}
		answer.FileID, answer.FileUniqueID, answer.FileSize, answer.FilePath = f.ID, f.UniqueID, f.Size, f.Path
		return nil
	})
	return answer, err
}

// serveDownload answers /file/bot<token>/<file_path>, the place that getFile names.
func (s *Server) serveDownload(w http.ResponseWriter, r *http.Request) {
	token, name, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/file/bot"), "/")
	var found *file
	_ = s.read(func(st *state) error {
		for _, f := range st.files {
			if f.Path == name && f.Size <= maxDownload {
				found = f
			}
		}
		return nil
	})
	var refused *apiError
	switch {
	case token != s.opts.Token:
		refused = unauthorized()
	case found == nil:
		refused = notFound()
	default:
		data, err := s.blobs.get(found.ID)
		if err == nil {
			w.Header().Set("Content-Type", "application/octet-stream")
			_, _ = w.Write(data)
			return
		}
		s.log.Error("a file is missing", "file", found.ID, "error", err)
		refused = notFound()
	}
	writeJSON(w, refused.Code, encode(refusal(refused)))
}
